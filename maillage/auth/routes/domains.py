"""An organization's domains of e-mail addresses, and the page of the link that proves one."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.commands import domains as commands
from maillage.auth.forms.organizations import DomainForm
from maillage.auth.letters.domains import send_proof
from maillage.auth.policies import Standing, may_set_up
from maillage.auth.queries import domains as queries
from maillage.auth.queries import organizations, set_up
from maillage.auth.routes.clients import NO_STORE
from maillage.auth.routes.set_up import allowed, jot, root, slowly
from maillage.auth.viewer import viewer_of
from maillage.core import clock, limits
from maillage.core.db import reading, writing
from maillage.core.errors import NotHere, Refused
from maillage.core.forms import carried, form_data
from maillage.core.languages import Text, _
from maillage.core.pages import locale_of, page


async def domains(request: Request) -> Response:
    async with reading(request) as db:
        _who, standing = await allowed(request, db)
    sent = request.query_params.get("envoye", "")[:253]
    return await _page(request, standing, DomainForm(locale_of(request)), sent=sent)


async def _page(
    request: Request, standing: Standing, form: DomainForm, status: int = 200, *, sent: str = ""
) -> Response:
    async with reading(request) as db:
        lines = await set_up.domains(db, standing.organization_id, clock.now())
    return page(
        request,
        "auth/organizations/domains.html",
        status,
        standing=standing,
        root=root(standing),
        domains=lines,
        form=form,
        # Only what is in the list is worth a sentence.
        sent=next((line.domain for line in lines if line.domain == sent), None),
    )


async def claim_domain(request: Request) -> Response:
    """Send a link there. Whether the domain is somebody else's is not said before the link is used."""
    form = DomainForm(locale_of(request), await form_data(request))
    async with reading(request) as db:
        who, standing = await allowed(request, db)
    if not form.validate():
        return await _page(request, standing, form, 422)
    await limits.check(request, "prove-domain", who.id)
    await limits.check_mailbox(request, "prove-domain", form.address.words)
    try:
        async with writing(request) as db:
            who, standing = await allowed(request, db)
            waiting = await commands.claim(db, organization_id=standing.organization_id, domain=form.domain)
            if waiting:
                await send_proof(
                    db,
                    organization_id=standing.organization_id,
                    domain=form.domain,
                    address=form.address.words,
                    person_id=who.id,
                )
    except Refused as refused:
        form.address.errors = [carried(refused.why)]
        return await _page(request, standing, form, 422)
    if not waiting:
        form.address.errors = [carried(_("This domain is proved already: there is nothing more to do."))]
        return await _page(request, standing, form, 422)
    return RedirectResponse(f"{root(standing)}/domaines?envoye={form.domain}", 303)


async def drop_domain(request: Request) -> Response:
    await slowly(request)
    domain = str((await form_data(request)).get("domain", ""))[:253]
    async with writing(request) as db:
        who, standing = await allowed(request, db)
        if await commands.drop(db, organization_id=standing.organization_id, domain=domain):
            await jot(request, db, who, standing, None, "domain-removed")
    return RedirectResponse(f"{root(standing)}/domaines", 303)


async def domain_proof(request: Request) -> Response:
    """The page of the link: a button. Opening it changes nothing, so that mail scanners may."""
    who = viewer_of(request)
    async with reading(request) as db:
        claimed = await queries.claimed(db, token=request.path_params["token"], now=clock.now())
        standing = await organizations.standing(db, who, claimed.slug)
    return _proof_page(request, claimed, standing)


def _proof_page(
    request: Request, claimed: queries.Claimed, standing: Standing, status: int = 200, why: Text | None = None
) -> Response:
    response = page(
        request,
        "auth/organizations/domain_proof.html",
        status,
        claimed=claimed,
        may=may_set_up(viewer_of(request), standing),
        why=why,
    )
    response.headers.update(NO_STORE)
    return response


async def prove_domain(request: Request) -> Response:
    """Only an administrator may: a letter to somebody else must not become a trap of one button."""
    await slowly(request, "prove-domain")
    who, token = viewer_of(request), request.path_params["token"]
    async with reading(request) as db:
        try:
            claimed = await queries.claimed(db, token=token, now=clock.now())
        except NotHere:
            raise Refused(commands.OVER) from None
        standing = await organizations.standing(db, who, claimed.slug)
    try:
        async with writing(request) as db:
            standing = await organizations.standing(db, who, claimed.slug)
            may_set_up(who, standing).or_refuse()
            assert who is not None  # noqa: S101 — what the answer just said, for the type checker
            await commands.prove(db, token=token, now=clock.now())
            await jot(request, db, who, standing, None, "domain-proved")
    except Refused as refused:
        return _proof_page(request, claimed, standing, 409, refused.why)
    return RedirectResponse(f"{root(standing)}/domaines", 303)


_ALL = "/organisations/{slug}/connexion/domaines"
routes: list[BaseRoute] = [
    Route(_ALL, domains, name="domains"),
    Route(_ALL, claim_domain, methods=["POST"], name="claim_domain"),
    Route(f"{_ALL}/retirer", drop_domain, methods=["POST"], name="drop_domain"),
    Route("/domaine/{token}", domain_proof, name="domain_proof"),
    Route("/domaine/{token}", prove_domain, methods=["POST"], name="prove_domain"),
]

"""Writing to the authors of a story, without anybody's address showing on a page."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import viewer_of
from maillage.cases import policies
from maillage.cases.forms.contact import ContactForm
from maillage.cases.letters.contact import write_to_authors
from maillage.cases.policies.reading import may_write_to_authors
from maillage.cases.queries import contact
from maillage.cases.queries.door import Look
from maillage.cases.routes.entering import enter
from maillage.core import limits
from maillage.core.db import Db, reading, writing
from maillage.core.forms import form_data
from maillage.core.pages import locale_of, page
from maillage.core.sealing import new_token, token_hash


async def write(request: Request) -> Response:
    """The letter; GET shows its form."""
    if request.method == "POST":
        return await _send(request)
    async with reading(request) as db:
        look, address = await _look(request, db)
    sent = request.query_params.get("envoye") == "oui"
    return _page(request, look, ContactForm(locale_of(request)), address, sent=sent)


async def _send(request: Request) -> Response:
    who = policies.signed_in(viewer_of(request))
    data = await form_data(request)
    form = ContactForm(locale_of(request), data)
    right = form.validate()
    async with reading(request) as db:
        look, address = await _look(request, db)
    if not right or address is None:
        return _page(request, look, form, address, 422)
    await limits.check(request, "contact", who.id)
    async with writing(request) as db:
        number = token_hash(str(data.get("number") or new_token())).hex()[:32]
        await write_to_authors(db, case_id=look.case_id, reader_id=who.id, body=form.body.words, number=number)
    return RedirectResponse(f"/recits/{look.case_id}/ecrire-aux-auteurs?envoye=oui", 303)


async def _look(request: Request, db: Db) -> tuple[Look, str | None]:
    """The story, if its authors can be written to, and where they would answer."""
    who = viewer_of(request)
    look = await enter(request, db)
    open_to_it = await contact.is_open(db, look.case_id)
    may_write_to_authors(who, look.standing, open_to_it=open_to_it).or_refuse()
    return look, await contact.own_address(db, policies.signed_in(who).id)


def _page(
    request: Request, look: Look, form: ContactForm, address: str | None, status: int = 200, *, sent: bool = False
) -> Response:
    return page(
        request, "cases/contact.html", status, look=look, form=form, address=address, number=new_token(), sent=sent
    )


routes: list[BaseRoute] = [
    Route("/recits/{id:int}/ecrire-aux-auteurs", write, methods=["GET", "POST"], name="write_to_authors"),
]

"""The register of a story's people: for its authors and the facilitators, and every look is written down."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.routes.clients import NO_STORE, settings_of, today_of
from maillage.auth.viewer import viewer_of
from maillage.cases import policies
from maillage.cases.commands import consenting
from maillage.cases.commands import register as commands
from maillage.cases.forms.register import HOW, AgreementForm, DescriptionForm, LetterForm, ReportedDepartureForm
from maillage.cases.policies.gate import CHOICES
from maillage.cases.policies.register import WARNING
from maillage.cases.queries import consent
from maillage.cases.queries import register as queries
from maillage.cases.queries.door import BIGGEST, Look
from maillage.cases.routes.entering import enter
from maillage.core import clock, limits
from maillage.core.db import Db, writing
from maillage.core.errors import NotHere, TooMany
from maillage.core.forms import Form, carried, form_data
from maillage.core.languages import ENGLISH, FRENCH, _
from maillage.core.pages import locale_of, page

# Holds the link of somebody's page on its way to the author who hands it over.
HANDED_OVER = "remise"
_HANDED_OVER_FOR = 600
DONE = {
    "ajout": _("This person is in the register."),
    "fait": _("It is written down."),
    "lettre": _("A letter is on its way."),
    "retire": _("The name and the words of this person are taken out of the story, its versions and its discussion."),
}


async def register(request: Request) -> Response:
    """Everybody in the story; POST writes somebody down."""
    if request.method != "POST":
        return await _register(request)
    locale, data = locale_of(request), await form_data(request)
    form = DescriptionForm(locale, data)
    async with writing(request) as db:
        look = await _writing(request, db)
        # Of a published story nobody is to be asked any more: it says what it says.
        agreement = AgreementForm(
            locale, data, today=today_of(request), needed=look.standing.is_published, under_14=bool(form.under_14.data)
        )
        person_id = None
        if form.validate() & agreement.validate():
            assert look.standing.hand is not None  # noqa: S101 — she writes in it
            person_id = await commands.add(
                db,
                case_id=look.case_id,
                author_id=look.standing.hand.author_id,
                described=form.described,
                agreed=agreement.agreed,
                now=clock.now(),
            )
    if person_id is None:
        return await _register(request, form, agreement, 422)
    return RedirectResponse(f"/recits/{look.case_id}/personnes/{person_id}?fait=ajout", 303)


async def _register(
    request: Request, form: DescriptionForm | None = None, agreement: AgreementForm | None = None, status: int = 200
) -> Response:
    locale = locale_of(request)
    async with writing(request) as db:
        look = await _opened(request, db)
        entries = await queries.entries(db, look.case_id)
        readings = await queries.readings(db, look.case_id)
    return page(
        request,
        "cases/register.html",
        status,
        look=look,
        entries=entries,
        readings=readings,
        form=form or DescriptionForm(locale),
        agreement=agreement or AgreementForm(locale, today=today_of(request), needed=look.standing.is_published),
        writes=bool(policies.may_edit(look.standing)),
        choices=CHOICES,
        today=today_of(request),
        warning=WARNING,
        done=DONE.get(request.query_params.get("fait", "")),
    )


async def _opened(request: Request, db: Db) -> Look:
    """The story, for somebody who may open its register; and the line that says that she did."""
    who = viewer_of(request)
    look = await enter(request, db)
    policies.may_see_register(who, look.standing).or_refuse()
    await queries.note_reading(db, case_id=look.case_id, who=who, hand=_author(look), now=clock.now())
    return look


def _author(look: Look) -> policies.Hand | None:
    hand = look.standing.hand
    return hand if hand is not None and hand.writes else None


async def _writing(request: Request, db: Db) -> Look:
    """The story, for somebody who may write in its register."""
    look = await enter(request, db)
    policies.may_see_register(viewer_of(request), look.standing).or_refuse()
    policies.may_edit(look.standing).or_refuse()
    return look


async def person(request: Request) -> Response:
    """Somebody of the register: what was written down of her, and what she decided."""
    return await _person(request)


async def _person(request: Request, status: int = 200, **wrong: Form) -> Response:
    """Her page, with the form that was not accepted, if any, as it was sent."""
    locale = locale_of(request)
    async with writing(request) as db:
        look = await _opened(request, db)
        entry = await queries.entry(db, look.case_id, _key(request))
        shown = await consent.of_person(db, entry.id)
    description = DescriptionForm(
        locale,
        name=entry.name,
        other_names=entry.other_names,
        relation=entry.relation,
        shown_as=entry.shown_as,
        under_14=entry.under_14,
        quotes="\n\n".join(quote.body for quote in entry.quotes),
    )
    forms: dict[str, Form] = {
        "description": description,
        "agreement": AgreementForm(locale, today=today_of(request), needed=True, under_14=entry.under_14),
        "letter": LetterForm(locale),
        "departure": ReportedDepartureForm(locale),
    }
    return page(
        request,
        "cases/person.html",
        status,
        look=look,
        entry=entry,
        shown=shown,
        forms=forms | wrong,
        writes=bool(policies.may_edit(look.standing)),
        choices=CHOICES,
        today=today_of(request),
        warning=WARNING,
        ways=HOW,
        done=DONE.get(request.query_params.get("fait", "")),
    )


def _key(request: Request) -> int:
    key: int = request.path_params["person_id"]
    if not 0 < key <= BIGGEST:
        raise NotHere
    return key


async def _act(request: Request, act: Callable[[Db, Look, int], Awaitable[None]], done: str = "fait") -> Response:
    """Load, permit, act: the same for every button of her page."""
    async with writing(request) as db:
        look = await _writing(request, db)
        await act(db, look, _key(request))
    return RedirectResponse(f"/recits/{look.case_id}/personnes/{_key(request)}?fait={done}", 303)


async def describe(request: Request) -> Response:
    form = DescriptionForm(locale_of(request), await form_data(request))
    if not form.validate():
        return await _person(request, 422, description=form)

    async def act(db: Db, look: Look, key: int) -> None:
        await commands.describe(db, case_id=look.case_id, person_id=key, described=form.described, now=clock.now())

    return await _act(request, act)


async def write_down(request: Request) -> Response:
    """What she agreed to in writing or by word of mouth."""
    form = AgreementForm(locale_of(request), await form_data(request), today=today_of(request), needed=True)
    if not form.validate() or form.agreed is None:
        return await _person(request, 422, agreement=form)
    agreed = form.agreed

    async def act(db: Db, look: Look, key: int) -> None:
        await commands.write_down(db, case_id=look.case_id, person_id=key, agreed=agreed, now=clock.now())

    return await _act(request, act)


async def strike_out(request: Request) -> Response:
    async with writing(request) as db:
        look = await _writing(request, db)
        await commands.remove(db, case_id=look.case_id, person_id=_key(request), now=clock.now())
    return RedirectResponse(f"/recits/{look.case_id}/personnes", 303)


async def ask_by_letter(request: Request) -> Response:
    """A letter with the link of her page."""
    form = LetterForm(locale_of(request), await form_data(request))
    if not form.validate():
        return await _person(request, 422, letter=form)
    who = viewer_of(request)
    async with writing(request) as db:
        await _writing(request, db)
    await limits.check(request, "consent-letter", who.id if who else None)
    try:
        await limits.check_mailbox(request, "consent-letter", form.email.words)
    except TooMany:
        form.email.errors = [carried(_("This address has had several letters lately: try again tomorrow."))]
        return await _person(request, 422, letter=form)

    async def act(db: Db, look: Look, key: int) -> None:
        await commands.ask_by_letter(
            db,
            case_id=look.case_id,
            person_id=key,
            email=form.email.words,
            locale=ENGLISH if look.language == ENGLISH and ENGLISH in settings_of(request).locales else FRENCH,
        )

    return await _act(request, act, "lettre")


async def hand_over(request: Request) -> Response:
    """Make the link of her page, and show it once to the author who gives it to her in person."""
    async with writing(request) as db:
        look = await _writing(request, db)
        token = await commands.hand_over(db, case_id=look.case_id, person_id=_key(request))
    path = f"/recits/{look.case_id}/personnes/{_key(request)}"
    response = RedirectResponse(f"{path}/lien", 303, NO_STORE)
    response.set_cookie(
        HANDED_OVER,
        token,
        max_age=_HANDED_OVER_FOR,
        path=path,
        secure=settings_of(request).is_https,
        httponly=True,
        samesite="strict",
    )
    return response


async def handed_over(request: Request) -> Response:
    async with writing(request) as db:
        look = await _opened(request, db)
        entry = await queries.entry(db, look.case_id, _key(request))
        token = request.cookies.get(HANDED_OVER, "")
        hers = await consent.by_token(db, token)
    address = f"{settings_of(request).base_url}/recits/consentement/{token}"
    known = hers is not None and hers.person_id == entry.id
    response = page(request, "cases/hand_over.html", look=look, entry=entry, address=address if known else None)
    response.headers.update(NO_STORE)
    return response


async def corrected(request: Request) -> Response:
    async def act(db: Db, look: Look, key: int) -> None:
        await commands.corrected(db, case_id=look.case_id, person_id=key, now=clock.now())

    return await _act(request, act)


async def rewritten(request: Request) -> Response:
    async def act(db: Db, look: Look, key: int) -> None:
        await commands.rewritten(db, case_id=look.case_id, person_id=key, now=clock.now())

    return await _act(request, act)


async def write_down_departure(request: Request) -> Response:
    """Somebody said that she no longer wants to be in it: by word of mouth, to an author or a facilitator."""
    form = ReportedDepartureForm(locale_of(request), await form_data(request))
    if not form.validate():
        return await _person(request, 422, departure=form)
    async with writing(request) as db:
        look = await enter(request, db)
        policies.may_see_register(viewer_of(request), look.standing).or_refuse()
        await consenting.withdraw_for(
            db, case_id=look.case_id, person_id=_key(request), more=form.names, now=clock.now()
        )
    return RedirectResponse(f"/recits/{look.case_id}/personnes?fait=retire", 303)


_PEOPLE = "/recits/{id:int}/personnes"
_PERSON = _PEOPLE + "/{person_id:int}"
routes: list[BaseRoute] = [
    Route(_PEOPLE, register, methods=["GET", "POST"], name="register"),
    Route(_PERSON, person, name="registered"),
    Route(_PERSON, describe, methods=["POST"], name="describe_registered"),
    Route(_PERSON + "/accord", write_down, methods=["POST"], name="write_down_consent"),
    Route(_PERSON + "/rayer", strike_out, methods=["POST"], name="strike_out"),
    Route(_PERSON + "/lettre", ask_by_letter, methods=["POST"], name="ask_consent"),
    Route(_PERSON + "/lien", handed_over, name="handed_over"),
    Route(_PERSON + "/lien", hand_over, methods=["POST"], name="hand_over"),
    Route(_PERSON + "/corrige", corrected, methods=["POST"], name="corrected"),
    Route(_PERSON + "/recrit", rewritten, methods=["POST"], name="rewritten"),
    Route(_PERSON + "/retrait", write_down_departure, methods=["POST"], name="write_down_departure"),
]

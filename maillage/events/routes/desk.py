"""The organizers' desk: what needs them today, who registered, letters to some of them, and lists to take away."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import viewer_of
from maillage.core import clock, limits, times
from maillage.core.db import Db, Row, reading, writing, writing_again
from maillage.core.errors import NotHere, Refused
from maillage.core.forms import carried, form_data
from maillage.core.languages import Text, _
from maillage.core.pages import locale_of, page
from maillage.core.sealing import new_token
from maillage.events import policies, spreadsheets
from maillage.events.commands import desk as commands
from maillage.events.forms.desk import LetterForm, segment
from maillage.events.policies.desk import (
    ACTS,
    MOST_WRITTEN_TO,
    SORTS,
    STATUS_OF_SOMEBODY,
    Segment,
    may_decide,
    may_write,
)
from maillage.events.policies.registrations import ACCESS_NEEDS, DIETS
from maillage.events.policies.zones import span
from maillage.events.queries import desk as queries
from maillage.events.queries import health
from maillage.events.queries.door import Look, look_to_organize
from maillage.events.routes import certificates
from maillage.taxonomies.queries.vocabulary import Vocabulary, vocabulary

_DONE: dict[str, Text] = {
    "approve": _("Approved. Each person is told by e-mail whether she has a seat or waits."),
    "reject": _("Declined. Each person is told by e-mail."),
    "remove": _("Taken off the list. Each person is told by e-mail, and those who wait have the seats."),
    "letter": _("The letter is on its way, to each person on her own."),
}
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# More boxes than one page has are not ticked by anybody.
_MOST_FIELDS = queries.PER_PAGE + 50


async def desk(request: Request) -> Response:
    """What needs her today, and whether all is in order with the seats."""
    now = clock.now()
    async with reading(request) as db:
        seen = await look_to_organize(db, viewer_of(request), request.path_params["id"])
        words = await vocabulary(request, db, seen.version[2])
        shown = await queries.desk(db, seen.gathering_id, now)
        problems = await health.problems(db, [seen.gathering_id], now)
    locale = locale_of(request)
    return page(
        request,
        "events/desk.html",
        look=seen,
        desk=shown,
        problems=problems,
        dates=_named(shown.dates),
        regions=_counted(words, "region", shown.regions, locale),
        families=_counted(words, "family", shown.families, locale),
        may_write=may_write(seen.standing),
        ways=policies.WAY_NAMES,
        done=_DONE.get(request.query_params.get("fait", "")),
    )


async def registrations(request: Request) -> Response:
    """Everybody who registered, or those looked for."""
    async with reading(request) as db:
        return await _table(request, db, await look_to_organize(db, viewer_of(request), request.path_params["id"]))


async def decide(request: Request) -> Response:
    """Approve, reject or remove those ticked."""
    who = policies.signed_in(viewer_of(request))
    data = await form_data(request, most=_MOST_FIELDS)
    act, ticked = str(data.get("act") or ""), _numbers(data.getlist("registration"))
    async with reading(request) as db:
        seen = await look_to_organize(db, viewer_of(request), request.path_params["id"])
        if act not in ACTS:
            raise NotHere
        if not ticked:
            return await _table(request, db, seen, 422, wrong=_("Tick at least one person."))
    try:
        await writing_again(
            request,
            lambda db: commands.decide(
                db, gathering_id=seen.gathering_id, act=act, registration_ids=ticked, now=clock.now(), by=who.id
            ),
        )
    except Refused as refused:
        async with reading(request) as db:
            return await _table(request, db, seen, 409, wrong=refused.why)
    query = urlencode({**segment(request.query_params).query, "fait": act})
    return RedirectResponse(f"/rencontres/{seen.gathering_id}/inscriptions?{query}", 303)


async def letter(request: Request) -> Response:
    """A letter to be written, and to whom it goes."""
    async with reading(request) as db:
        seen = await look_to_organize(db, viewer_of(request), request.path_params["id"])
        may_write(seen.standing).or_refuse()
        return await _letter(request, db, seen, LetterForm(locale_of(request), request_key=new_token()))


async def write(request: Request) -> Response:
    """It leaves, to each person on her own."""
    who = policies.signed_in(viewer_of(request))
    form = LetterForm(locale_of(request), await form_data(request))
    chosen = _segment(request)
    async with reading(request) as db:
        seen = await look_to_organize(db, viewer_of(request), request.path_params["id"])
        may_write(seen.standing).or_refuse()
        to = await queries.written_to(db, seen.gathering_id, chosen)
        if form.validate() and not 0 < len(to) <= MOST_WRITTEN_TO:
            nobody, many = _("This goes to nobody."), _("This goes to too many people: write to fewer at a time.")
            form.body.errors = [carried(many if to else nobody)]
        if form.errors:
            return await _letter(request, db, seen, form, 422)
    await limits.check(request, "contact", who.id)
    async with writing(request) as db:
        await commands.write(
            db,
            gathering_id=seen.gathering_id,
            registration_ids=to,
            subject=form.subject.words,
            body=form.body.words,
            request_key=form.request_key.data or "",
            now=clock.now(),
            by=who.id,
        )
    return RedirectResponse(f"{seen.desk_path}?fait=letter", 303)


async def export(request: Request) -> Response:
    """The same list as a file. What people need and answered is in it: its name and its headers keep it from caches."""
    kind = request.url.path.rpartition(".")[2]
    who = policies.signed_in(viewer_of(request))
    async with reading(request) as db:
        seen = await look_to_organize(db, who, request.path_params["id"])
    await limits.check(request, "export", who.id)
    async with reading(request) as db:
        words = await vocabulary(request, db, seen.version[2])
        rows = await queries.registered(db, seen.gathering_id, _segment(request))
        answers = await queries.answers(db, seen.gathering_id, [row["id"] for row in rows])
    # Of thousands of lines it takes seconds, and other pages are not to wait for it.
    body = await asyncio.to_thread(_file, kind, rows, answers, words, locale_of(request))
    headers = {
        "Content-Disposition": f'attachment; filename="inscriptions-{seen.gathering_id}.{kind}"',
        "Cache-Control": "no-store",
    }
    return Response(body, media_type=_TYPES[kind], headers=headers)


def _file(kind: str, rows: Sequence[Row], answers: Sequence[Row], words: Vocabulary, locale: str) -> bytes:
    heads, cells = _sheet(rows, answers, words, locale)
    if kind == "csv":
        return spreadsheets.as_csv(heads, cells)
    return spreadsheets.as_xlsx(_("Registrations").in_(locale), heads, cells)


def _sheet(
    rows: Sequence[Row], answers: Sequence[Row], words: Vocabulary, locale: str
) -> tuple[list[str], list[list[str]]]:
    questions = {row["question_id"]: row["label"] for row in answers}
    said = {(row["registration_id"], row["question_id"]): row["body"] for row in answers}
    heads = [
        _("Name"),
        _("E-mail address"),
        _("Organization"),
        _("Family"),
        _("Region"),
        _("Date"),
        _("Way"),
        _("Status"),
        _("Rank"),
        _("Registered on"),
        _("Access needs"),
        _("Dietary needs"),
        _("Other needs"),
    ]
    lines = [
        [
            row["name"],
            row["email"],
            row["organization"],
            _label(words, "family", row["family"], locale),
            _label(words, "region", row["region"], locale),
            _when(row).in_(locale) if row["local_start"] else row["label"],
            policies.WAY_NAMES[row["way"]].in_(locale),
            STATUS_OF_SOMEBODY[row["status"]].in_(locale),
            str(row["rank"] or ""),
            times.date(row["created_at"].date(), locale),
            ", ".join(ACCESS_NEEDS[need].in_(locale) for need in row["access"] or () if need in ACCESS_NEEDS),
            ", ".join(DIETS[diet].in_(locale) for diet in row["diet"] or () if diet in DIETS),
            row["words"] or "",
            *(said.get((row["id"], question), "") for question in questions),
        ]
        for row in rows
    ]
    return [*(head.in_(locale) for head in heads), *questions.values()], lines


async def _table(request: Request, db: Db, seen: Look, status: int = 200, wrong: Text | None = None) -> Response:
    chosen, locale = segment(request.query_params), locale_of(request)
    given = _numbers([request.query_params.get("page")])
    which = given[0] if given and 0 < given[0] <= 1_000 else 1
    words = await vocabulary(request, db, seen.version[2])
    rows = await queries.registered(db, seen.gathering_id, chosen, page=which, per_page=queries.PER_PAGE)
    many = await queries.how_many(db, seen.gathering_id, chosen)
    dates = _named(await queries.dates(db, seen.gathering_id))
    return page(
        request,
        "events/registrations.html",
        status,
        look=seen,
        rows=rows,
        many=many,
        which=which,
        pages=-(-many // queries.PER_PAGE),
        chosen=chosen,
        query=urlencode(chosen.query),
        dates={row["id"]: name for row, name in dates},
        acts=[act for act in ACTS if any(may_decide(seen.standing, act, row["status"]) for row in rows)],
        may_write=may_write(seen.standing),
        wrong=wrong,
        done=_DONE.get(request.query_params.get("fait", "")),
        statuses=STATUS_OF_SOMEBODY,
        ways=policies.WAY_NAMES,
        access=ACCESS_NEEDS,
        diets=DIETS,
        sorts=SORTS,
        certificate=partial(certificates.address, request.app.state.settings),
        regions=[(word.slug, word.label(locale)) for word in words.offered("region")],
        families=[(word.slug, word.label(locale)) for word in words.offered("family")],
    )


async def _letter(request: Request, db: Db, seen: Look, form: LetterForm, status: int = 200) -> Response:
    chosen = _segment(request)
    many = len(await queries.written_to(db, seen.gathering_id, chosen))
    query = urlencode([*chosen.query.items(), *(("registration", number) for number in chosen.ticked)])
    return page(request, "events/letter.html", status, look=seen, form=form, many=many, query=query)


def _segment(request: Request) -> Segment:
    return segment(request.query_params, _numbers(request.query_params.getlist("registration")))


def _numbers(given: Sequence[Any]) -> tuple[int, ...]:
    words = [str(one) for one in given[: queries.PER_PAGE]]
    return tuple(dict.fromkeys(int(one) for one in words if one.isascii() and one.isdigit() and len(one) < 19))


def _when(row: Row) -> Text:
    return span(row["local_start"], row["local_end"], row["zone"])


def _named(rows: Sequence[Row]) -> list[tuple[Row, Text | str]]:
    return [(row, _when(row) if row["local_start"] else row["label"]) for row in rows]


def _label(words: Vocabulary, taxonomy: str, slug: str | None, locale: str) -> str:
    word = words.find(taxonomy, slug) if slug else None
    return word.label(locale) if word else ""


def _counted(words: Vocabulary, taxonomy: str, rows: Sequence[Row], locale: str) -> list[tuple[str, str, int]]:
    """The slug, the word (nothing where it is not known) and how many."""
    return [(row["slug"] or "", _label(words, taxonomy, row["slug"], locale), row["many"]) for row in rows]


_LIST = "/rencontres/{id:int}/inscriptions"
routes: list[BaseRoute] = [
    Route("/rencontres/{id:int}/bureau", desk, name="gathering_desk"),
    Route(_LIST, registrations, name="gathering_registrations"),
    Route(_LIST, decide, methods=["POST"], name="decide_registrations"),
    Route(_LIST + ".csv", export, name="gathering_registrations_csv"),
    Route(_LIST + ".xlsx", export, name="gathering_registrations_xlsx"),
    Route("/rencontres/{id:int}/lettre", letter, name="gathering_letter"),
    Route("/rencontres/{id:int}/lettre", write, methods=["POST"], name="write_gathering_letter"),
]

"""The lists as administrators keep them, and as anybody may take them away."""

import json
from dataclasses import asdict
from hashlib import blake2s
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.routes.admin import administrator
from maillage.core import clock
from maillage.core.db import reading, writing
from maillage.core.errors import NotHere, Refused
from maillage.core.forms import Form, carried, form_data
from maillage.core.languages import Text, _
from maillage.core.pages import locale_of, page
from maillage.taxonomies import commands, policies
from maillage.taxonomies.forms import NewTermForm, PlaceForm, ReplacementForm, TermForm
from maillage.taxonomies.policies import TAXONOMIES, Taxonomy
from maillage.taxonomies.queries import changes, exporting
from maillage.taxonomies.queries.vocabulary import Vocabulary, Word, vocabulary

# What a page says after an act, by the word in its address.
_DONE: dict[str, Text] = {
    "ajout": _("The term is added."),
    "changement": _("The term is changed, everywhere it shows."),
    "place": _("The term has its new place."),
    "retrait": _("The term is set aside: it is no longer offered, and what used it goes on showing it."),
    "retablissement": _("The term is offered again."),
}


_SAID = {"fr", "en", "description_fr", "description_en", "question_fr", "question_en", "code"}


async def taxonomies(request: Request) -> Response:
    """The lists that there are."""
    administrator(request)
    async with reading(request) as db:
        words = await vocabulary(request, db)
    return page(
        request,
        "taxonomies/index.html",
        lists={name: (taxonomy, len(words.offered(name))) for name, taxonomy in TAXONOMIES.items()},
    )


async def taxonomy(request: Request) -> Response:
    """The terms of one list, and what was last changed in it."""
    administrator(request)
    name, shown = _list(request)
    async with reading(request) as db:
        words = await vocabulary(request, db)
        trace = await changes.of_list(db, name)
    return page(
        request,
        "taxonomies/list.html",
        name=name,
        taxonomy=shown,
        groups=_groups(words, name, shown),
        aside=[word for word in words.lists.get(name, ()) if word.deprecated],
        words=words,
        trace=trace,
        scopes=policies.SCOPES,
        done=_done(request),
    )


async def new_term(request: Request) -> Response:
    administrator(request)
    name, shown = _list(request)
    async with reading(request) as db:
        words = await vocabulary(request, db)
    return _new_page(request, name, _new_form(request, words, name, shown))


def _new_page(request: Request, name: str, form: NewTermForm, status: int = 200) -> Response:
    return page(request, "taxonomies/new.html", status, name=name, taxonomy=TAXONOMIES[name], form=form)


async def create_term(request: Request) -> Response:
    who = administrator(request)
    name, shown = _list(request)
    data = await form_data(request)
    async with reading(request) as db:
        words = await vocabulary(request, db)
    form = _new_form(request, words, name, shown, data)
    if not form.validate():
        return _new_page(request, name, form, 422)
    slug = form.wanted_slug
    parent = form.parent.data if "parent" in form else ""
    try:
        async with writing(request) as db:
            await commands.add(
                db, who=who, taxonomy=name, slug=slug, parent=parent, columns=form.columns, now=clock.now()
            )
    except Refused as refused:
        form.slug.errors = [carried(refused.why)]
        return _new_page(request, name, form, 422)
    return RedirectResponse(f"/admin/taxonomies/{name}?fait=ajout#{slug}", 303)


async def term(request: Request) -> Response:
    return await _term_page(request)


async def _term_page(request: Request, status: int = 200, *, refused: Refused | None = None, **wrong: Form) -> Response:
    """A term, with the form that was not accepted, if any, as it was sent."""
    administrator(request)
    name, shown = _list(request)
    locale = locale_of(request)
    async with reading(request) as db:
        words = await vocabulary(request, db)
        word = words.find(name, request.path_params["slug"])
        if word is None:
            raise NotHere
        trace = await changes.of_term(db, word.id)
    beside = [one for one in words.offered(name) if one.parent_id == word.parent_id]
    rank = beside.index(word) + 1 if word in beside else None
    last = str(trace[0].id if trace else 0)
    forms: dict[str, Form] = {
        "change": TermForm(locale, shown, served=_stages(words, locale), seen=last, **_as_it_is(word)),
        "place": PlaceForm(locale, position=rank),
        "aside": ReplacementForm(locale, offered=_replacements(words, word, locale)),
    }
    forms |= wrong
    if refused is not None:
        # Saving again is then a choice.
        forms["change"]["seen"].data = last
    parent = words.by_id[word.parent_id] if word.parent_id is not None else None
    return page(
        request,
        "taxonomies/term.html",
        status,
        name=name,
        taxonomy=shown,
        word=word,
        words=words,
        forms=forms,
        among=len(beside),
        rank=rank,
        parent=parent,
        may_set_aside=policies.may_set_aside(deprecated=word.deprecated, children=words.gathered(word)),
        may_bring_back=policies.may_bring_back(
            deprecated=word.deprecated, parent_deprecated=parent is not None and parent.deprecated
        ),
        trace=trace,
        scopes=policies.SCOPES,
        refused=refused and refused.why,
        done=_done(request),
    )


async def change_term(request: Request) -> Response:
    who = administrator(request)
    name, shown = _list(request)
    data, locale = await form_data(request), locale_of(request)
    async with reading(request) as db:
        words = await vocabulary(request, db)
    form = TermForm(locale, shown, data, served=_stages(words, locale))
    if not form.validate():
        return await _term_page(request, 422, change=form)
    try:
        async with writing(request) as db:
            await commands.change(
                db,
                who=who,
                taxonomy=name,
                slug=request.path_params["slug"],
                seen=form.last_seen,
                columns=form.columns,
                now=clock.now(),
            )
    except Refused as refused:
        return await _term_page(request, 409, refused=refused, change=form)
    return _back(request, "changement")


async def place_term(request: Request) -> Response:
    """One step up or down from the list, or to a place by its number from the term's own page."""
    who = administrator(request)
    name, _shown = _list(request)
    form = PlaceForm(locale_of(request), await form_data(request))
    slug = request.path_params["slug"]
    if not form.validate():
        return await _term_page(request, 422, place=form)
    async with writing(request) as db:
        await commands.place(
            db,
            who=who,
            taxonomy=name,
            slug=slug,
            position=form.position.data if not form.steps else None,
            steps=form.steps,
            now=clock.now(),
        )
    return (
        RedirectResponse(f"/admin/taxonomies/{name}?fait=place#{slug}", 303) if form.steps else _back(request, "place")
    )


async def set_term_aside(request: Request) -> Response:
    who = administrator(request)
    name, _shown = _list(request)
    data, locale = await form_data(request), locale_of(request)
    async with reading(request) as db:
        words = await vocabulary(request, db)
    word = words.find(name, request.path_params["slug"])
    if word is None:
        raise NotHere
    form = ReplacementForm(locale, data, offered=_replacements(words, word, locale))
    if not form.validate():
        return await _term_page(request, 422, aside=form)
    async with writing(request) as db:
        await commands.set_aside(
            db, who=who, taxonomy=name, slug=word.slug, replacement=form.replacement.data, now=clock.now()
        )
    return _back(request, "retrait")


async def bring_term_back(request: Request) -> Response:
    who = administrator(request)
    name, _shown = _list(request)
    async with writing(request) as db:
        await commands.bring_back(db, who=who, taxonomy=name, slug=request.path_params["slug"], now=clock.now())
    return _back(request, "retablissement")


async def exported(request: Request) -> Response:
    """Every list in both languages, for programs: the terms that were set aside too, marked."""
    async with reading(request) as db:
        words = await vocabulary(request, db)
    body = json.dumps(exporting.whole(words), ensure_ascii=False, indent=1).encode()
    etag = f'"{blake2s(body, digest_size=10).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match", "").removeprefix("W/") == etag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def _list(request: Request) -> tuple[str, Taxonomy]:
    name = request.path_params["taxonomy"]
    if name not in TAXONOMIES:
        raise NotHere
    return name, TAXONOMIES[name]


def _new_form(
    request: Request, words: Vocabulary, name: str, shown: Taxonomy, data: FormData | None = None
) -> NewTermForm:
    locale = locale_of(request)
    # One level is enough: what is gathered gathers nothing. Where a list gathers its own, a term may stand alone.
    parents = [(word.slug, word.label(locale)) for word in words.offered(shown.parents) if word.parent_id is None]
    if shown.parents == name:
        parents.insert(0, ("", _("Nothing: it gathers others").in_(locale)))
    return NewTermForm(locale, shown, data, parents=parents, served=_stages(words, locale))


def _as_it_is(word: Word) -> dict[str, Any]:
    """What a term says, as its form shows it."""
    said = {name: value for name, value in asdict(word).items() if name in _SAID}
    return said | {"scope": word.scope or "", "stages": list(word.stages)}


def _stages(words: Vocabulary, locale: str) -> list[tuple[str, str]]:
    """What a competency may serve: the stages of now, and those that were set aside, which it may keep."""
    return [(word.slug, word.label(locale)) for word in words.lists["stage"]]


def _replacements(words: Vocabulary, word: Word, locale: str) -> list[tuple[str, str]]:
    """What may be used instead: terms in use, at the same level."""
    return [
        (other.slug, other.label(locale))
        for other in words.offered(word.taxonomy)
        if other.id != word.id and (other.parent_id is None) == (word.parent_id is None)
    ]


def _groups(words: Vocabulary, name: str, shown: Taxonomy) -> list[tuple[Word | None, tuple[Word, ...]]]:
    """The terms in use of a list, those of each parent together."""
    alone = tuple(word for word in words.offered(name) if word.parent_id is None)
    gathered = [(parent, words.children(parent, name)) for parent in words.offered(shown.parents)]
    return [(parent, terms) for parent, terms in [(None, alone), *gathered] if terms]


def _back(request: Request, done: str) -> Response:
    at = request.path_params
    return RedirectResponse(f"/admin/taxonomies/{at['taxonomy']}/{at['slug']}?fait={done}", 303)


def _done(request: Request) -> Text | None:
    return _DONE.get(request.query_params.get("fait", ""))


_LIST = "/admin/taxonomies/{taxonomy}"
_TERM = _LIST + "/{slug}"
routes: list[BaseRoute] = [
    Route("/taxonomies.json", exported, name="exported_taxonomies"),
    Route("/admin/taxonomies", taxonomies, name="taxonomies"),
    Route(_LIST, taxonomy, name="taxonomy"),
    Route(_LIST + "/nouveau", new_term, name="new_term"),
    Route(_LIST + "/nouveau", create_term, methods=["POST"], name="create_term"),
    Route(_TERM, term, name="term"),
    Route(_TERM, change_term, methods=["POST"], name="change_term"),
    Route(_TERM + "/place", place_term, methods=["POST"], name="place_term"),
    Route(_TERM + "/retrait", set_term_aside, methods=["POST"], name="set_term_aside"),
    Route(_TERM + "/retablissement", bring_term_back, methods=["POST"], name="bring_term_back"),
]

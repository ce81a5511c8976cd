"""The trainings that come back: where each is given, where it is waited for, and asking to be told."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import viewer_of
from maillage.core import clock, limits
from maillage.core.config import Settings
from maillage.core.db import Db, reading, writing
from maillage.core.errors import NotHere
from maillage.core.forms import carried, form_data
from maillage.core.languages import _
from maillage.core.pages import locale_of, page
from maillage.core.sealing import Unreadable, unseal
from maillage.events import policies
from maillage.events.commands import modules as commands
from maillage.events.forms.modules import InterestForm
from maillage.events.letters.modules import STOPPING
from maillage.events.queries import modules as queries
from maillage.taxonomies.queries.vocabulary import Vocabulary, Word, vocabulary


async def modules(request: Request) -> Response:
    """The grid: each module, each region."""
    who = viewer_of(request)
    async with reading(request) as db:
        words = await vocabulary(request, db)
        grid = await queries.grid(db, who, clock.now())
    return page(
        request,
        "events/modules.html",
        modules=words.offered("module"),
        regions=_regions(words),
        grid=grid,
        states=queries.STATES,
        everywhere=queries.EVERYWHERE,
    )


async def module(request: Request) -> Response:
    """One module: its dates, where it is waited for, and waiting for it oneself."""
    async with reading(request) as db:
        words = await vocabulary(request, db)
        word = _module(request, words)
        form = InterestForm(locale_of(request), words, region=_own_region(request))
        return await _page(request, db, words, word, form)


async def interest(request: Request) -> Response:
    """She wishes to be told, or to be told no more."""
    who = policies.signed_in(viewer_of(request))
    await limits.check(request, "edit", who.id)
    data = await form_data(request)
    async with writing(request) as db:
        words = await vocabulary(request, db)
        word = _module(request, words)
        if stopped := words.find("region", str(data.get("stop") or "")):
            await commands.stop_waiting(db, module_id=word.id, region_id=stopped.id, person_id=who.id)
            return RedirectResponse(f"{_path(word)}?fait=arret", 303)
        form = InterestForm(locale_of(request), words, data)
        region = words.find("region", form.region.data or "") if form.validate() else None
        if region is None:
            form.region.errors = [carried(_("Choose the region in which you wish this training."))]
            return await _page(request, db, words, word, form, 422)
        await commands.wait_for(db, module_id=word.id, region_id=region.id, person_id=who.id, now=clock.now())
    return RedirectResponse(f"{_path(word)}?fait=attente", 303)


async def stop_page(request: Request) -> Response:
    """What a letter leads to: a page with one button, for nobody presses it by looking."""
    async with reading(request) as db:
        words = await vocabulary(request, db)
    word = _module(request, words)
    _who_stops(request, word)
    return page(request, "events/module_stop.html", word=word, token=request.query_params.get("jeton", ""))


async def stop(request: Request) -> Response:
    """Without signing in, as the letter promised; mail programs post here by themselves."""
    await form_data(request)
    async with writing(request) as db:
        words = await vocabulary(request, db)
        word = _module(request, words)
        person_id = _who_stops(request, word)
        for region_id in await queries.interests_of(db, word.id, person_id):
            await commands.stop_waiting(db, module_id=word.id, region_id=region_id, person_id=person_id)
    return RedirectResponse(f"{_path(word)}?fait=arret", 303)


def _who_stops(request: Request, word: Word) -> int:
    settings: Settings = request.app.state.settings
    token = request.query_params.get("jeton", "")
    try:
        said = unseal(settings.secret, STOPPING, token.encode()).decode()
    except Unreadable:
        raise NotHere from None
    module_id, person_id = said.split()
    if int(module_id) != word.id:
        raise NotHere
    return int(person_id)


def _module(request: Request, words: Vocabulary) -> Word:
    word = words.find("module", request.path_params["slug"])
    if word is None:
        raise NotHere
    return word


def _path(word: Word) -> str:
    return f"/rencontres/modules/{word.slug}"


def _regions(words: Vocabulary) -> list[Word]:
    return [word for word in words.offered("region") if word.code]


def _own_region(request: Request) -> str:
    """The region that a link brought, as the grid's do."""
    return request.query_params.get("region", "")


async def _page(
    request: Request, db: Db, words: Vocabulary, word: Word, form: InterestForm, status: int = 200
) -> Response:
    who, now = viewer_of(request), clock.now()
    grid = await queries.grid(db, who, now, word.id)
    hers = set(await queries.interests_of(db, word.id, who.id)) if who else set()
    return page(
        request,
        "events/module.html",
        status,
        word=word,
        form=form,
        regions=_regions(words),
        grid=grid,
        dates=await queries.coming(db, who, word.id, now),
        hers=[region for region in _regions(words) if region.id in hers],
        states=queries.STATES,
        everywhere=queries.EVERYWHERE,
        done=request.query_params.get("fait"),
        modes=policies.MODE_NAMES,
        words=words,
    )


routes: list[BaseRoute] = [
    Route("/rencontres/modules", modules, name="modules"),
    Route("/rencontres/modules/{slug}", module, name="module"),
    Route("/rencontres/modules/{slug}/interet", interest, methods=["POST"], name="module_interest"),
    Route("/rencontres/modules/{slug}/arreter", stop_page, name="module_stop_page"),
    Route("/rencontres/modules/{slug}/arreter", stop, methods=["POST"], name="module_stop"),
]

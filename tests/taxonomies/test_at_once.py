"""Two administrators at once: each act finds the lists as the other has left them."""

import asyncio
from collections.abc import Awaitable, Callable

from maillage.core import clock
from maillage.core.db import Db
from maillage.core.errors import Refused
from maillage.taxonomies import commands
from tests.conftest import Site
from tests.forum import acts
from tests.taxonomies.keeping import KEEPER, in_use

Act = Callable[[Db], Awaitable[None]]


def together(site: Site, *some: Act) -> list[str]:
    """Run each in a transaction of its own, all together; what became of each."""

    async def one(act: Act) -> str:
        try:
            async with site.app.state.database.writing() as db:
                await act(db)
                # The others come to wait for this one, if they do.
                await asyncio.sleep(0.2)
        except Refused:
            return "refused"
        except Exception as error:
            return type(error).__name__
        return "done"

    async def run() -> list[str]:
        return list(await asyncio.gather(*map(one, some)))

    assert site.stranger.portal is not None
    return sorted(site.stranger.portal.call(run))


def test_two_terms_are_never_set_aside_for_each_other(site: Site) -> None:
    sofia = acts.viewer(site, KEEPER)

    def aside(slug: str, replacement: str) -> Act:
        return lambda db: commands.set_aside(
            db, who=sofia, taxonomy="theme", slug=slug, replacement=replacement, now=clock.now()
        )

    assert together(site, aside("logement", "aines"), aside("aines", "logement")) == ["done", "refused"]
    assert len(in_use(site, "theme")) == 15


def test_a_permanent_name_is_given_once(site: Site) -> None:
    sofia = acts.viewer(site, KEEPER)

    def add(english: str) -> Act:
        columns = {"fr": "Eau", "en": english}
        return lambda db: commands.add(
            db, who=sofia, taxonomy="theme", slug="eau", parent="", columns=columns, now=clock.now()
        )

    assert together(site, add("Water"), add("Tap water")) == ["done", "refused"]


def test_places_follow_each_other(site: Site) -> None:
    sofia = acts.viewer(site, KEEPER)

    def add(slug: str) -> Act:
        columns = {"fr": slug, "en": slug}
        return lambda db: commands.add(
            db, who=sofia, taxonomy="theme", slug=slug, parent="", columns=columns, now=clock.now()
        )

    assert together(site, add("eau"), add("feu"), add("terre")) == ["done"] * 3
    places = "SELECT array_agg(position ORDER BY position) FROM term WHERE taxonomy = 'theme'"
    assert site.ask(places) == list(range(1, 20))

"""Many people at once: acts wait for each other in one order, so that none is ever thrown out for another."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from maillage.core import clock
from maillage.core.db import Db
from maillage.core.errors import NotHere, Refused
from maillage.forum.commands import arranging, editing, marking, moderating, posting, removing
from maillage.forum.commands.rendering import render_anew
from tests.conftest import Site
from tests.forum import acts

Act = Callable[[Db], Awaitable[Any]]


def all_at_once(site: Site, some: list[Act]) -> list[str]:
    """Run each in a transaction of its own, all together; returns the names of what went wrong."""

    async def one(act: Act) -> str | None:
        try:
            async with site.app.state.database.writing() as db:
                await act(db)
        except (Refused, NotHere):
            # Somebody else's act came first, and made this one impossible: that is an answer.
            return None
        except Exception as error:
            return type(error).__name__
        return None

    async def run() -> list[str]:
        return [wrong for wrong in await asyncio.gather(*map(one, some)) if wrong]

    assert site.stranger.portal is not None
    return site.stranger.portal.call(run)


def test_acts_that_touch_the_same_discussions_from_both_ends_never_lock_each_other_out(site: Site) -> None:
    etienne, josee, felix = (acts.viewer(site, handle) for handle in ("etienne", "josee", "felix"))
    spaces = acts.column(site, "SELECT id FROM space WHERE slug IN ('pratiques', 'outils') ORDER BY id")
    threads = [acts.start(site, title=f"Fil {number}") for number in range(6)]
    for here in threads:
        acts.reply(site, here, body=" ".join(f"#{there}" for there in threads))
        acts.reply(site, here, under=2)

    def reply(here: int, there: int) -> Act:
        return lambda db: posting.reply(
            db,
            who=josee,
            thread_id=here,
            parent_seq=1,
            visibility="public",
            body=f"#{there} et #{here}",
            language="fr-CA",
            now=clock.now(),
        )

    def start(there: int) -> Act:
        return lambda db: posting.start_thread(
            db,
            who=felix,
            space_id=spaces[there % 2],
            visibility="public",
            kind="eclair",
            title="Nouveau",
            body=f"#{there}",
            language="fr-CA",
            now=clock.now(),
        )

    def retitle(here: int, number: int) -> Act:
        return lambda db: editing.retitle(
            db,
            who=etienne,
            thread_id=here,
            title=f"Titre {number}",
            language="fr-CA",
            now=clock.now(),
            moderates=True,
        )

    def move(here: int, number: int) -> Act:
        to_id, from_id = spaces[number % 2], spaces[(number + 1) % 2]
        return lambda db: arranging.move(db, who=etienne, thread_id=here, from_id=from_id, to_id=to_id, now=clock.now())

    def split(here: int) -> Act:
        return lambda db: arranging.split(
            db, who=etienne, thread_id=here, seq=3, title="À part", kind="question", now=clock.now()
        )

    def remove(here: int) -> Act:
        return lambda db: removing.remove(db, who=etienne, thread_id=here, seq=2, reason="x", now=clock.now())

    def restore(here: int) -> Act:
        return lambda db: removing.restore(db, who=etienne, thread_id=here, seq=2, moderates=True, now=clock.now())

    def pin(here: int) -> Act:
        return lambda db: moderating.pin(db, who=etienne, thread_id=here, until=clock.now(), now=clock.now())

    def read(space_id: int) -> Act:
        return lambda db: marking.mark_space_read(db, who=felix, space_id=space_id, now=clock.now())

    async def render(db: Db) -> None:
        ids = await db.connection.fetch("SELECT id FROM post WHERE thread_id = ANY($1::bigint[])", threads)
        await render_anew(db, post_ids=[row["id"] for row in reversed(ids)])

    wrong: list[str] = []
    for number in range(4):
        some: list[Act] = []
        for place, here in enumerate(threads):
            there = threads[-1 - place]
            some += [reply(here, there), retitle(here, number), move(here, number + place), start(there)]
            some += [remove(here) if number % 2 else restore(here), pin(here), read(spaces[place % 2]), render]
        if number == 3:
            some += [split(here) for here in threads]
        wrong += all_at_once(site, some)
    assert wrong == []


def test_discussions_are_merged_into_each_other_from_both_ends_at_once(site: Site) -> None:
    etienne = acts.viewer(site, "etienne")
    threads = [acts.conversation(site, 1, 2) for _ in range(6)]

    def merge(here: int, into: int) -> Act:
        return lambda db: arranging.merge(db, who=etienne, thread_id=here, into_id=into, now=clock.now())

    some = [merge(here, into) for here in threads for into in threads if here != into]
    assert all_at_once(site, some) == []
    counts = acts.column(site, "SELECT post_count FROM thread WHERE id = ANY($1::bigint[])", threads)
    assert sum(counts) == 18


def test_a_link_written_while_a_discussion_goes_behind_a_door_says_nothing_of_it(site: Site) -> None:
    etienne, josee = acts.viewer(site, "etienne"), acts.viewer(site, "josee")
    hidden = site.ask("SELECT id FROM space WHERE slug = 'coulisses'")
    public = site.ask("SELECT id FROM space WHERE slug = 'pratiques'")
    for number in range(8):
        secret = f"Un titre privé {number}"
        thread_id, elsewhere = acts.start(site, title=secret), acts.start(site)

        def move(db: Db, thread_id: int = thread_id) -> Awaitable[Any]:
            return arranging.move(db, who=etienne, thread_id=thread_id, from_id=public, to_id=hidden, now=clock.now())

        def say(db: Db, thread_id: int = thread_id, elsewhere: int = elsewhere) -> Awaitable[Any]:
            return posting.reply(
                db,
                who=josee,
                thread_id=elsewhere,
                parent_seq=1,
                visibility="public",
                body=f"#{thread_id}",
                language="fr-CA",
                now=clock.now(),
            )

        def start(db: Db, thread_id: int = thread_id) -> Awaitable[Any]:
            return posting.start_thread(
                db,
                who=josee,
                space_id=public,
                visibility="public",
                kind="eclair",
                title="Nouveau",
                body=f"#{thread_id}",
                language="fr-CA",
                now=clock.now(),
            )

        assert all_at_once(site, [say, move, start, say, start]) == []
        newest = site.ask("SELECT max(id) FROM thread")
        for other in (elsewhere, newest, newest - 1):
            assert secret not in site.stranger.get(acts.path_of(site, other)).text

"""Hundreds of acts in any order, beside a model so simple that it can be seen to be right.

The model knows messages by their keys and nothing of numbers, paths or ranges: who wrote what under what, in
which thread it is, and who has read it.
"""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from maillage.auth.viewer import Viewer
from maillage.core import clock
from maillage.core.db import Db
from maillage.core.errors import NotHere, Refused
from maillage.forum.commands import arranging, editing, marking, moderating, posting, removing
from maillage.forum.queries import door, messages, threads, unread
from tests.conftest import Site
from tests.forum import acts, audit

# Low, so that the deepest level is reached all the time.
DEEPEST = 4
READERS = ("maryse", "linda", "etienne")
WRITERS = ("maryse", "ibrahima", "josee")
SPACES = ("pratiques", "outils", "coulisses")


@dataclass
class Message:
    thread: int
    author: int
    parent: int | None
    removed: bool = False
    event: bool = False


@dataclass
class Model:
    messages: dict[int, Message] = field(default_factory=dict)
    locked: set[int] = field(default_factory=set)
    merged: set[int] = field(default_factory=set)
    threads: set[int] = field(default_factory=set)
    read: set[tuple[int, int]] = field(default_factory=set)
    # Every address that a message ever had.
    addresses: dict[tuple[int, int], int] = field(default_factory=dict)

    def living(self, thread: int) -> set[int]:
        return {
            key
            for key, message in self.messages.items()
            if message.thread == thread and not message.removed and not message.event
        }

    def unread(self, person: int, thread: int) -> set[int]:
        return {key for key in self.living(thread) if (person, key) not in self.read}

    def below(self, key: int) -> set[int]:
        found, fresh = {key}, {key}
        while fresh:
            fresh = {k for k, message in self.messages.items() if message.parent in fresh}
            found |= fresh
        return found


class Walk:
    """One life of a forum, told by a seed."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site, self.random, self.model = site, random.Random(seed), Model()
        # The demonstration goes deeper than this walk may.
        site.ask("TRUNCATE thread CASCADE")
        self.people = {handle: acts.viewer(site, handle) for handle in {*READERS, *WRITERS}}
        self.spaces = {slug: site.ask("SELECT id FROM space WHERE slug = $1", slug) for slug in SPACES}
        self.now: datetime = clock.now() - timedelta(hours=2)
        self.done: dict[str, int] = {}

    def act(self) -> None:
        self.now += timedelta(seconds=1)
        choices: list[tuple[int, Callable[[Db], Awaitable[None]]]] = [
            (2, self.start),
            (14, self.reply),
            (3, self.edit),
            (4, self.remove),
            (3, self.restore),
            (6, self.reparent),
            (3, self.split),
            (1, self.merge),
            (1, self.move),
            (1, self.lock),
            (1, self.unlock),
            (2, self.helpful),
            (5, self.mark_read),
        ]
        chosen = self.random.choices([act for _, act in choices], [weight for weight, _ in choices])[0]
        name = chosen.__name__ if len(self.model.threads - self.model.merged) > 1 else "start"
        if name == "start":
            chosen = self.start

        async def in_one(db: Db) -> None:
            await chosen(db)
            await self.take_note(db)

        try:
            self.site.write(in_one)
            self.done[name] = self.done.get(name, 0) + 1
        except (Refused, NotHere):
            self.done[f"{name}, refused"] = self.done.get(f"{name}, refused", 0) + 1

    async def take_note(self, db: Db) -> None:
        """Lines of history are the forum's to write; and whoever is where, has that address from now on."""
        for row in await db.connection.fetch(
            """
            SELECT post.id, post.thread_id, post.seq, post.author_id, post.event, parent.id AS parent
              FROM post LEFT JOIN post AS parent
                ON parent.thread_id = post.thread_id AND parent.seq = post.parent_seq
             WHERE post.thread_id = ANY($1::bigint[])
            """,
            list(self.model.threads),
        ):
            if row["id"] not in self.model.messages:
                assert row["event"] is not None, "a message that nobody wrote"
                self.model.messages[row["id"]] = Message(row["thread_id"], row["author_id"], row["parent"], event=True)
            message = self.model.messages[row["id"]]
            assert (message.thread, message.parent) == (row["thread_id"], row["parent"])
            known = self.model.addresses.setdefault((row["thread_id"], row["seq"]), row["id"])
            assert known == row["id"], "an address that meant another message once"

    # The acts

    def anybody(self) -> Viewer:
        return self.people[self.random.choice(WRITERS)]

    def thread(self) -> int:
        return self.random.choice(sorted(self.model.threads - self.model.merged))

    def message(self, thread: int, *, event: bool = False) -> int:
        return self.random.choice(
            sorted(k for k, m in self.model.messages.items() if m.thread == thread and (event or not m.event))
        )

    async def place(self, db: Db, key: int) -> tuple[int, int]:
        row = await db.connection.fetchrow("SELECT thread_id, seq FROM post WHERE id = $1", key)
        assert row is not None
        return row["thread_id"], row["seq"]

    async def key(self, db: Db, thread: int, seq: int) -> int:
        key: int = await db.connection.fetchval("SELECT id FROM post WHERE thread_id = $1 AND seq = $2", thread, seq)
        return key

    def words(self) -> str:
        other = self.random.choice([*sorted(self.model.threads), 1])
        return self.random.choice(["Oui.", "Non.", f"Voir #{other}.", "Merci @maryse"])

    async def start(self, db: Db) -> None:
        who = self.anybody()
        slug = self.random.choice(SPACES)
        posted = await posting.start_thread(
            db,
            who=who,
            space_id=self.spaces[slug],
            visibility="members" if slug == "coulisses" else "public",
            kind="question",
            title=f"Fil {len(self.model.threads)}",
            body=self.words(),
            language="fr-CA",
            now=self.now,
        )
        self.model.threads.add(posted.thread_id)
        self.wrote(await self.key(db, posted.thread_id, 1), posted.thread_id, who.id, None)

    async def reply(self, db: Db) -> None:
        who, thread = self.anybody(), self.thread()
        # Often to what was written last: conversations go deep.
        parent = self.message(thread)
        if self.random.random() < 0.5:
            parent = max(k for k, m in self.model.messages.items() if m.thread == thread and not m.event)
        _, seq = await self.place(db, parent)
        posted = await posting.reply(
            db,
            who=who,
            thread_id=thread,
            parent_seq=seq,
            visibility="public",
            body=self.words(),
            language="fr-CA",
            now=self.now,
        )
        assert thread not in self.model.locked
        self.wrote(await self.key(db, thread, posted.seq), thread, who.id, parent)

    def wrote(self, key: int, thread: int, author: int, parent: int | None) -> None:
        self.model.messages[key] = Message(thread, author, parent)
        self.model.read.add((author, key))

    async def edit(self, db: Db) -> None:
        thread, seq = await self.place(db, self.message(self.thread()))
        revisions = await db.connection.fetchval(
            "SELECT revisions FROM post WHERE thread_id = $1 AND seq = $2", thread, seq
        )
        await editing.edit(
            db,
            who=self.anybody(),
            thread_id=thread,
            seq=seq,
            visibility="public",
            body=self.words(),
            language="fr-CA",
            seen_revisions=revisions,
            shows=True,
            now=self.now,
        )

    async def remove(self, db: Db) -> None:
        key = self.message(self.thread())
        thread, seq = await self.place(db, key)
        await removing.remove(db, who=self.anybody(), thread_id=thread, seq=seq, reason="", now=self.now)
        self.model.messages[key].removed = True

    async def restore(self, db: Db) -> None:
        removed = sorted(k for k, m in self.model.messages.items() if m.removed)
        if not removed:
            raise NotHere
        key = self.random.choice(removed)
        thread, seq = await self.place(db, key)
        await removing.restore(db, who=self.people["etienne"], thread_id=thread, seq=seq, moderates=True, now=self.now)
        self.model.messages[key].removed = False

    async def reparent(self, db: Db) -> None:
        thread = self.thread()
        key, parent = self.message(thread), self.message(thread)
        (_, seq), (_, parent_seq) = await self.place(db, key), await self.place(db, parent)
        await arranging.reparent(
            db,
            who=self.people["etienne"],
            thread_id=thread,
            seq=seq,
            parent_seq=parent_seq,
            moderates=True,
            now=self.now,
        )
        assert parent not in self.model.below(key)
        self.model.messages[key].parent = parent

    async def split(self, db: Db) -> None:
        key = self.message(self.thread())
        thread, seq = await self.place(db, key)
        new = await arranging.split(
            db,
            who=self.people["etienne"],
            thread_id=thread,
            seq=seq,
            title=f"Fil {len(self.model.threads)}",
            kind="question",
            now=self.now,
        )
        self.model.threads.add(new)
        for moved in self.model.below(key):
            self.model.messages[moved].thread = new
        self.model.messages[key].parent = None

    async def merge(self, db: Db) -> None:
        thread, into = self.thread(), self.thread()
        await arranging.merge(db, who=self.people["etienne"], thread_id=thread, into_id=into, now=self.now)
        top = next(k for k, m in self.model.messages.items() if m.thread == thread and m.parent is None)
        under = next(k for k, m in self.model.messages.items() if m.thread == into and m.parent is None)
        for message in self.model.messages.values():
            if message.thread == thread:
                message.thread = into
        self.model.messages[top].parent = under
        self.model.merged.add(thread)

    async def move(self, db: Db) -> None:
        etienne, thread_id, to_id = self.people["etienne"], self.thread(), self.spaces[self.random.choice(SPACES)]
        from_id = (await door.look(db, etienne, thread_id)).place.space_id
        await arranging.move(db, who=etienne, thread_id=thread_id, from_id=from_id, to_id=to_id, now=self.now)

    async def lock(self, db: Db) -> None:
        thread = self.thread()
        await moderating.lock(db, who=self.people["etienne"], thread_id=thread, reason="Assez", now=self.now)
        self.model.locked.add(thread)

    async def unlock(self, db: Db) -> None:
        thread = self.random.choice(sorted(self.model.locked) or [self.thread()])
        await moderating.unlock(db, who=self.people["etienne"], thread_id=thread, now=self.now)
        self.model.locked.discard(thread)

    async def helpful(self, db: Db) -> None:
        key = self.message(self.thread())
        if self.model.messages[key].removed:
            raise NotHere
        thread, seq = await self.place(db, key)
        await moderating.mark_helpful(
            db, who=self.people["etienne"], thread_id=thread, seq=seq, helped=True, now=self.now
        )

    async def mark_read(self, db: Db) -> None:
        who, thread = self.people[self.random.choice(READERS)], self.thread()
        how = self.random.random()
        if how < 0.1:
            await marking.mark_thread_read(db, who=who, thread_id=thread, now=self.now)
            lower, upper = 1, 2**31 - 1
        else:
            lower = self.random.randint(1, 12)
            upper = lower + self.random.randint(1, 8)
            await marking.mark_read(db, who=who, thread_id=thread, ranges=[(lower, upper)], now=self.now)
        for row in await db.connection.fetch("SELECT id, seq FROM post WHERE thread_id = $1", thread):
            if lower <= row["seq"] < upper:
                self.model.read.add((who.id, row["id"]))

    # What must hold

    def check(self) -> None:
        assert audit.faults(self.site, DEEPEST) == []
        self.site.write(self.check_reading)

    async def check_reading(self, db: Db) -> None:
        living = sorted(self.model.threads - self.model.merged)
        rows = await db.connection.fetch("SELECT thread_id, seq, id FROM post")
        keys = {(row["thread_id"], row["seq"]): row["id"] for row in rows}
        for handle in READERS:
            who = self.people[handle]
            counts = await unread.unread_counts(db, who, living)
            for thread in living:
                right = self.model.unread(who.id, thread)
                look = await door.look(db, who, thread)
                shape = await threads.shape(db, thread)
                left = shape.unread(look.unread)
                assert counts.get(thread, 0) == len(right)
                if left is None:
                    assert not right
                    continue
                numbers = [seq for lower, upper in left.ranges for seq in range(lower, upper)]
                assert {keys[thread, seq] for seq in numbers} == right
                assert left.count == len(right)
                order = [seq for seq in shape.order if seq in set(numbers)]
                assert left.first == order[0]
                assert left.branches == len({self.branch(keys[thread, seq]) for seq in numbers})

    def branch(self, key: int) -> int:
        """The opening message, or the direct answer to it under which a message stands."""
        while (parent := self.model.messages[key].parent) is not None:
            if self.model.messages[parent].parent is None:
                return key
            key = parent
        return key

    def check_addresses(self) -> None:
        async def look_up(db: Db) -> None:
            for (thread, seq), key in self.model.addresses.items():
                assert await messages.where_now(db, thread, seq) == await self.place(db, key)

        self.site.write(look_up)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_is_done_in_whatever_order_everything_holds(
    site: Site, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "MAX_DEPTH", DEEPEST)
    monkeypatch.setattr(arranging, "MAX_DEPTH", DEEPEST)
    walk = Walk(site, seed)
    for number in range(220):
        walk.act()
        if number % 4 == 0:
            walk.check()
    walk.check()
    walk.check_addresses()
    # A walk on which nothing happens proves nothing.
    for name in ("start", "reply", "edit", "remove", "restore", "reparent", "split", "merge", "move", "helpful"):
        assert walk.done.get(name, 0) >= 1, walk.done
    # The tables outlive the low ceiling: the audit after the test must know of it no more.
    site.ask("TRUNCATE thread CASCADE")

"""Registrations in any order of acts, on a real database and beside a simple model: both always agree."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from maillage.core import clock
from maillage.core.db import Database, Db
from maillage.core.errors import Refused
from maillage.events.commands import registering
from maillage.events.queries import health
from tests.events.gatherings import TORONTO, in_days, make_date, make_gathering
from tests.events.model import AUTO, Entry, Model, Pool

T = TypeVar("T")
PEOPLE = st.integers(0, 5)
POOLS = st.integers(0, 3)
# Which registration, of those there are.
ANY = st.integers(0, 10_000)


class Registrations(RuleBasedStateMachine):
    """One life of two gatherings with three dates: one date hybrid, one in a room, one by approval."""

    dsn: str
    walked_in = 0

    @initialize(skip=st.booleans())
    def begin(self, skip: bool) -> None:
        self.runner = asyncio.Runner()
        self.database = self.runner.run(Database.open(self.dsn, size=1))
        self.now: datetime = clock.now()
        starts = in_days(45)
        self.starts = starts.replace(tzinfo=ZoneInfo(TORONTO))

        async def prepare(db: Db) -> list[Pool]:
            await db.connection.execute("TRUNCATE gathering, participant CASCADE; TRUNCATE pgqueuer")
            self.people = [
                await db.connection.fetchval(
                    "INSERT INTO participant (email, name) VALUES ($1, 'P') RETURNING id", f"p{n}@courriel.example"
                )
                for n in range(6)
            ]
            self.by = await db.connection.fetchval("SELECT id FROM person WHERE handle = 'thuy-linh'")
            opened = await make_gathering(db, skip_parties=skip)
            asking = await make_gathering(db, registration="approval", skip_parties=skip)
            self.gatherings = [opened, asking]
            hall = await make_date(db, opened, starts=starts, seats=3, online=2, mode="hybrid")
            later = await make_date(db, opened, starts=starts, seats=2)
            self.asked = await make_date(db, asking, starts=starts, seats=2)
            return [(hall, "in-person"), (hall, "online"), (later, "in-person"), (self.asked, "in-person")]

        self.pools = self.write(prepare)
        self.model = Model(dict(zip(self.pools, (3, 2, 2, 2), strict=True)), self.starts, skip)

    def write(self, act: Callable[[Db], Coroutine[Any, Any, T]]) -> T:
        async def transaction() -> T:
            async with self.database.writing() as db:
                return await act(db)

        return self.runner.run(transaction())

    def one_of_them(self, which: int, *statuses: str) -> int | None:
        keys = [k for k, e in self.model.entries.items() if e.status in statuses]
        return keys[which % len(keys)] if keys else None

    @rule(who=PEOPLE, to=POOLS)
    def register(self, who: int, to: int) -> None:
        self._register(self.people[who], self.pools[to], None)

    @rule(which=ANY, to=POOLS)
    def switch(self, which: int, to: int) -> None:
        key = self.one_of_them(which, "confirmed", "waiting", "offered")
        if key is None or (who := self.model.entries[key].who) is None:
            return
        self._register(who, self.pools[to], key)

    def _register(self, who: int, pool: Pool, leaves: int | None) -> None:
        date, way = pool
        already = self.model.live_of(who, date, but=leaves)
        left = self.model.entries[leaves] if leaves is not None else None
        refused = self.begun or (
            left is not None
            and (left.leaves is not None or left.pool == pool or self.model.mover_of(leaves or 0) is not None)
        )
        try:
            registered = self.write(
                lambda db: registering.register(
                    db, occurrence_id=date, way=way, participant_id=who, leaves=leaves, now=self.now, by=None
                )
            )
        except Refused:
            assert refused
            return
        if already:
            assert registered.again
            assert registered.id == already[0]
            return
        assert not refused
        assert not registered.again
        self.model.entries[registered.id] = Entry(pool, who, leaves=leaves)
        if date != self.asked or (left is not None and left.pool[0] == self.asked):
            self.model.place([registered.id], self.now)

    @rule(to=POOLS, first=PEOPLE, second=st.one_of(st.none(), PEOPLE), third=st.booleans())
    def register_together(self, to: int, first: int, second: int | None, third: bool) -> None:
        (date, way), given = (
            self.pools[to],
            {self.people[first]: None, **({self.people[second]: None} if second is not None else {})},
        )
        members: list[int | None] = [*given, *([None] if third else [])]

        async def together(db: Db) -> list[int]:
            party = await registering.register_party(
                db,
                occurrence_id=date,
                way=way,
                members=members,
                organization_id=None,
                request_key=None,
                now=self.now,
                by=self.by,
            )
            self.party = party
            rows = await db.connection.fetch("SELECT id FROM registration WHERE party_id = $1 ORDER BY id", party)
            return [row["id"] for row in rows]

        try:
            keys = self.write(together)
        except Refused:
            assert self.begun or any(who is not None and self.model.live_of(who, date) for who in members)
            return
        assert not self.begun
        for key, who in zip(keys, members, strict=True):
            self.model.entries[key] = Entry((date, way), who, party=self.party)
        if date != self.asked:
            self.model.place(keys, self.now)

    @rule(which=ANY)
    def withdraw(self, which: int) -> None:
        key = self.one_of_them(which, "pending", "waiting", "offered", "confirmed", "cancelled")
        if key is not None:
            self.write(lambda db: registering.withdraw(db, registration_ids=[key], now=self.now, by=None))
            self.model.end_all([key], "cancelled", self.now)

    @rule(which=ANY)
    def approve(self, which: int) -> None:
        key = self.one_of_them(which, "pending")
        if key is not None:
            self.write(lambda db: registering.approve(db, registration_id=key, now=self.now, by=self.by))
            self.model.place(self.model.group(key), self.now)

    @rule(which=ANY)
    def reject(self, which: int) -> None:
        key = self.one_of_them(which, "pending")
        if key is not None:
            self.write(lambda db: registering.reject(db, registration_ids=[key], now=self.now, by=self.by))
            self.model.end_all([key], "rejected", self.now)

    @rule(to=POOLS, seats=st.one_of(st.none(), st.integers(0, 5)))
    def set_seats(self, to: int, seats: int | None) -> None:
        date, way = pool = self.pools[to]
        self.write(lambda db: registering.set_seats(db, occurrence_id=date, way=way, seats=seats, now=self.now))
        self.model.seats[pool] = seats
        self.model.promote([date], self.now)

    @rule(which=ANY)
    def accept(self, which: int) -> None:
        key = self.one_of_them(which, "offered")
        if key is None:
            return
        entry = self.model.entries[key]
        late = entry.expires is not None and entry.expires <= self.now
        try:
            self.write(lambda db: registering.accept_offer(db, registration_id=key, now=self.now, by=None))
        except Refused:
            assert late
            return
        assert not late
        self.model.promote(self.model.confirm(key), self.now)

    @rule(hours=st.sampled_from([1, 8, 13]), near=st.booleans())
    def time_passes(self, hours: int, near: bool) -> None:
        soon = max(self.now, self.starts - AUTO - timedelta(hours=30)) if near else self.now
        late = soon + timedelta(hours=hours)
        self.now = late if self.begun else min(late, self.starts - timedelta(minutes=1))

    # Once it has begun nobody registers any more but at the door: not so often that nothing else is tried.
    @precondition(lambda self: self.now > self.starts - AUTO)
    @rule()
    def it_begins(self) -> None:
        self.now = max(self.now, self.starts)

    @property
    def begun(self) -> bool:
        return self.now >= self.starts

    @rule(who=st.one_of(st.none(), PEOPLE), to=POOLS)
    def walk_in(self, who: int | None, to: int) -> None:
        date, way = pool = self.pools[to]
        whose = None if who is None else self.people[who]
        self.walked_in += 1

        async def come(db: Db) -> tuple[int | None, int | None]:
            address = await db.connection.fetchval("SELECT email FROM participant WHERE id = $1", whose)
            _outcome, number = await registering.walk_in(
                db,
                occurrence_id=date,
                way=way,
                name="P",
                email=address,
                locale="fr-CA",
                request_key=f"door {self.walked_in}",
                now=self.now,
                by=self.by,
            )
            return number, await db.connection.fetchval("SELECT participant_id FROM registration WHERE id = $1", number)

        key, here = self.write(come)
        new = key if key not in self.model.entries else None
        there_is_a_seat = self.model.walk_in(new, whose, pool, self.now)
        assert there_is_a_seat == (key is not None)
        if new is not None:
            self.model.entries[new].who = here

    @rule()
    def expire(self) -> None:
        self.write(lambda db: registering.expire(db, now=self.now))
        self.model.expire(self.now)

    @rule(which=ANY, who=PEOPLE)
    def replace(self, which: int, who: int) -> None:
        key = self.one_of_them(which, "pending", "waiting", "offered", "confirmed")
        if key is None:
            return
        entry, newcomer = self.model.entries[key], self.people[who]
        try:
            new = self.write(
                lambda db: registering.replace(
                    db, registration_id=key, participant_id=newcomer, now=self.now, by=self.by
                )
            )
        except Refused:
            assert entry.leaves is not None or self.model.live_of(newcomer, entry.pool[0])
            return
        self.model.replace(key, new, newcomer)

    @rule(one=PEOPLE, other=PEOPLE)
    def merge(self, one: int, other: int) -> None:
        if one == other:
            return
        gone, kept = self.people[one], self.people[other]

        async def merged(db: Db) -> int:
            await registering.merge(db, gone=gone, kept=kept, now=self.now, by=None)
            fresh: int = await db.connection.fetchval(
                "INSERT INTO participant (email, name) VALUES ($1, 'P') RETURNING id", f"p{gone}-x@courriel.example"
            )
            return fresh

        self.people[one] = self.write(merged)
        self.model.merge(gone, kept, self.now)

    @invariant()
    def they_agree(self) -> None:
        if not hasattr(self, "model"):
            return

        async def ask(db: Db) -> tuple[dict[int, Any], dict[Pool, list[int]], list[str], int]:
            rows = await db.connection.fetch("SELECT * FROM registration ORDER BY seq, id")
            queues: dict[Pool, list[int]] = {pool: [] for pool in self.pools}
            for row in rows:
                if row["status"] == "waiting":
                    queues[row["occurrence_id"], row["way"]].append(row["id"])
            wrong = [problem.what.in_("en") for problem in await health.problems(db, self.gatherings, self.now)]
            untold = await db.connection.fetchval(
                "SELECT (SELECT count(*) FROM registration_change) - (SELECT count(*) FROM pgqueuer)"
            )
            return {row["id"]: row for row in rows}, queues, wrong, untold

        rows, queues, wrong, untold = self.write(ask)
        said = {
            key: (e.status, e.who, e.leaves if e.live else None, e.expires) for key, e in self.model.entries.items()
        }
        there = {
            key: (
                row["status"],
                row["participant_id"],
                row["moving_from_id"] if row["status"] in ("pending", "waiting", "offered", "confirmed") else None,
                row["offer_expires_at"],
            )
            for key, row in rows.items()
        }
        assert there == said
        assert queues == self.model.queues
        assert wrong == []
        assert untold == 0

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            self.runner.run(self.database.close())
            self.runner.close()


def test_registrations_in_any_order_agree_with_a_model(world_dsn: str) -> None:
    class Here(Registrations):
        dsn = world_dsn

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=12,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            # The same lives every time: what a run finds, the next one finds too.
            derandomize=True,
            # Making a failing life shorter takes minutes.
            phases=[Phase.generate],
            database=None,
        ),
    )

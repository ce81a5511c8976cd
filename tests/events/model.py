"""A gathering so simple that it can be seen to be right: people by number, and lists in which they wait."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

# A pool: which date, which way.
Pool = tuple[int, str]
LIVE = ("pending", "waiting", "offered", "confirmed")
BETTER = ("confirmed", "offered", "waiting", "pending")
AUTO, OFFER, UNNAMED = timedelta(hours=24), timedelta(hours=12), timedelta(hours=72)
MANY = float("inf")


@dataclass
class Entry:
    pool: Pool
    who: int | None
    status: str = "pending"
    party: int | None = None
    leaves: int | None = None
    expires: datetime | None = None
    # When she began to wait, as a number that only grows.
    rank: int = 0

    @property
    def live(self) -> bool:
        return self.status in LIVE


@dataclass
class Model:
    """No rows, no numbered seats, no locks: whoever waits longest is at the head of a list."""

    seats: dict[Pool, int | None]
    starts: datetime
    skip: bool
    entries: dict[int, Entry] = field(default_factory=dict)
    queues: dict[Pool, list[int]] = field(default_factory=dict)
    last_rank: int = 0

    def __post_init__(self) -> None:
        self.queues = {pool: [] for pool in self.seats}

    def taken(self, pool: Pool) -> int:
        return sum(e.pool == pool and e.status in ("confirmed", "offered") for e in self.entries.values())

    def free(self, pool: Pool) -> float:
        seats = self.seats[pool]
        return MANY if seats is None else max(0, seats - self.taken(pool))

    def live_of(self, who: int, date: int, *, but: int | None = None) -> list[int]:
        hers = [k for k, e in self.entries.items() if e.live and e.who == who and e.pool[0] == date and k != but]
        return sorted(hers, key=lambda k: self.entries[k].leaves is not None)

    def mover_of(self, key: int) -> int | None:
        return next((k for k, e in self.entries.items() if e.live and e.leaves == key), None)

    def group(self, key: int) -> list[int]:
        """Those who share the fate of this one: its party, as far as it stands where this one does."""
        entry = self.entries[key]
        if entry.party is None:
            return [key]
        keys = [k for k, e in self.entries.items() if e.party == entry.party and e.status == entry.status]
        return sorted(keys, key=self.queues[entry.pool].index) if entry.status == "waiting" else keys

    def confirm(self, key: int) -> list[int]:
        """Returns the date that she left for it, if she did: others may have a seat there now."""
        entry, freed = self.entries[key], []
        if entry.leaves is not None:
            left = self.entries[entry.leaves]
            freed = [left.pool[0]] if left.status in ("confirmed", "offered", "waiting") else []
            self.end(entry.leaves, "cancelled")
        entry.status, entry.leaves, entry.expires = "confirmed", None, None
        return freed

    def end(self, key: int, status: str) -> None:
        entry = self.entries[key]
        if entry.status == "waiting":
            self.queues[entry.pool].remove(key)
        for other in self.entries.values():
            if other.live and other.leaves == key:
                other.leaves = None
        entry.status, entry.expires = status, None

    def end_all(self, keys: list[int], status: str, now: datetime) -> None:
        live = sorted(key for key in keys if self.entries[key].live)
        for key in live:
            self.end(key, status)
        self.promote([self.entries[key].pool[0] for key in live], now)

    def place(self, keys: list[int], now: datetime) -> None:
        pool = self.entries[keys[0]].pool
        queue = self.queues[pool]
        if self.free(pool) == MANY or (not queue and self.free(pool) >= len(keys)):
            self.promote([date for key in keys for date in self.confirm(key)], now)
            return
        for key in keys:
            self.last_rank += 1
            self.entries[key].status, self.entries[key].rank = "waiting", self.last_rank
            queue.append(key)
        if any(self.entries[key].party is not None for key in queue):
            self.promote([pool[0]], now)

    def promote(self, dates: list[int], now: datetime) -> None:
        due = list(reversed(dict.fromkeys(reversed(dates))))
        while due:
            date = due.pop(0)
            for pool in sorted(self.seats):
                if pool[0] == date and now < self.starts:
                    for freed in self.promote_in(pool, now):
                        due = [*(d for d in due if d != freed), freed]

    def promote_in(self, pool: Pool, now: datetime) -> list[int]:
        queue, passed, freed = self.queues[pool], set[int](), list[int]()
        while True:
            first = next((k for k in queue if self.entries[k].party not in passed), None)
            if first is None or self.free(pool) == 0:
                return freed
            members = self.group(first)
            if self.free(pool) < len(members):
                party = self.entries[first].party
                if not self.skip or party is None:
                    return freed
                passed.add(party)
                continue
            for key in members:
                queue.remove(key)
                if now < self.starts - AUTO or self.seats[pool] is None:
                    self.entries[key].status = "offered"
                    freed += self.confirm(key)
                else:
                    self.entries[key].status = "offered"
                    self.entries[key].expires = min(now + OFFER, self.starts)

    def walk_in(self, new: int | None, who: int | None, pool: Pool, now: datetime) -> bool:
        """Somebody is there: `new` is her registration, if she had none. Says whether there was a seat for her."""
        hers = self.live_of(who, pool[0]) if who is not None else []
        key = next((k for status in ("confirmed", "offered") for k in hers if self.entries[k].status == status), None)
        key = key if key is not None else next(iter(hers), None)
        if key is not None and self.entries[key].status == "confirmed":
            return True
        if key is None or self.entries[key].status != "offered":
            late = [k for k, e in self.entries.items() if e.pool[0] == pool[0] and e.expires and e.expires <= now]
            # Of a room without a limit nobody has to leave.
            self.end_all(late if self.seats[pool] is not None else [], "expired", now)
            first = now >= self.starts or all(k == key for k in self.queues[pool])
            if not (self.free(pool) == MANY or (first and self.free(pool) > 0)):
                return False
            if key is None:
                assert new is not None
                key, self.entries[new] = new, Entry(pool, who)
            elif self.entries[key].status == "waiting":
                self.queues[self.entries[key].pool].remove(key)
            self.entries[key].pool = pool
        self.promote(self.confirm(key), now)
        return True

    def expire(self, now: datetime) -> None:
        late = [k for k, e in self.entries.items() if e.status == "offered" and e.expires and e.expires <= now]
        unnamed = [k for k, e in self.entries.items() if e.live and e.who is None]
        self.end_all(late, "expired", now)
        if self.starts - UNNAMED <= now < self.starts:
            self.end_all(unnamed, "cancelled", now)

    def replace(self, key: int, new: int, who: int) -> None:
        entry = self.entries[key]
        if entry.who is None:
            entry.who = who
            return
        self.entries[new] = Entry(entry.pool, who, entry.status, entry.party, None, entry.expires, entry.rank)
        if entry.status == "waiting":
            queue = self.queues[entry.pool]
            queue.insert(queue.index(key), new)
        self.end(key, "cancelled")

    def merge(self, gone: int, kept: int, now: datetime) -> None:
        dates = {e.pool[0] for e in self.entries.values() if e.live and e.who == gone}
        movers = [
            k
            for k, e in self.entries.items()
            if e.live and e.leaves is not None and (e.who == gone or (e.who == kept and e.pool[0] in dates))
        ]
        self.end_all(movers, "cancelled", now)
        worse: list[int] = []
        for date in {pool[0] for pool in self.seats}:
            hers = [k for who in (gone, kept) for k in self.live_of(who, date) if self.entries[k].leaves is None]
            worse += sorted(hers, key=self._goodness)[1:]
        self.end_all(worse, "cancelled", now)
        for entry in self.entries.values():
            if entry.who == gone:
                entry.who = kept

    def _goodness(self, key: int) -> tuple[int, int, int]:
        entry = self.entries[key]
        return BETTER.index(entry.status), entry.rank if entry.status == "waiting" else 0, key

"""Every change of a row, noted by the database itself, so that nobody has to look through all rows each time."""

from dataclasses import dataclass
from typing import Any

from maillage.core.db import Db

_WATCH = """
CREATE SCHEMA watched;
CREATE TABLE watched.change (
    number bigint GENERATED ALWAYS AS IDENTITY, relation name NOT NULL, was jsonb, became jsonb
);
CREATE FUNCTION watched.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO watched.change (relation, was, became) VALUES (TG_TABLE_NAME, to_jsonb(OLD), to_jsonb(NEW));
    RETURN NULL;
END $$;
DO $$
DECLARE
    each regclass;
BEGIN
    FOR each IN SELECT oid FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace LOOP
        EXECUTE format('CREATE TRIGGER watched AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW'
                       ' EXECUTE FUNCTION watched.note()', each);
        EXECUTE format('CREATE TRIGGER watched_whole AFTER TRUNCATE ON %s EXECUTE FUNCTION watched.note()', each);
    END LOOP;
END $$;
"""


# What looking may write: when a session was last used; and who has looked into the register of a story.
_MAY_CHANGE = {"session": "last_seen_at"}
_MAY_GROW = {"register_reading"}


@dataclass(frozen=True, slots=True)
class Change:
    """A row of `table` that was and is no more, became, or became another."""

    table: str
    was: dict[str, Any] | None
    became: dict[str, Any] | None


async def watch(db: Db) -> None:
    """From now on, whoever changes a row of any table is noted."""
    await db.connection.execute(_WATCH)


async def tables(db: Db) -> list[str]:
    """Every table of ours."""
    found = await db.connection.fetch(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    )
    return [table for (table,) in found]


async def changes(db: Db) -> list[Change]:
    """What changed since this was last asked. A row that was written as it was did not change."""
    found = await db.connection.fetch("DELETE FROM watched.change RETURNING number, relation, was, became")
    return [
        Change(row["relation"], row["was"], row["became"])
        for row in sorted(found, key=lambda row: int(row["number"]))
        if row["was"] != row["became"] or row["was"] is None
    ]


async def acts(db: Db) -> list[Change]:
    """The same, without what looking may write."""
    return [change for change in await changes(db) if change.table not in _MAY_GROW and not _last_used(change)]


def _last_used(change: Change) -> bool:
    aside = _MAY_CHANGE.get(change.table)
    if aside is None or change.was is None or change.became is None:
        return False
    return change.was | {aside: None} == change.became | {aside: None}

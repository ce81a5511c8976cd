"""What is under way or told is kept no longer than it serves: links, attempts, arrivals, the journal."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from maillage.auth import commands
from maillage.auth.commands.journal import note
from maillage.auth.models import Organization
from maillage.core import clock
from maillage.core.config import Settings
from maillage.core.db import Database
from maillage.web import worker
from tests.auth.conftest import World

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("age", "left"), [(timedelta(days=91), 0), (timedelta(days=89), 4)])
async def test_what_has_had_its_time_goes(
    database: Database, settings: Settings, world: World, age: timedelta, left: int
) -> None:
    """What lasts minutes is made to end in ninety days here, so that one night decides about all of it."""
    then, ends = clock.now() - age, timedelta(days=90)
    async with database.writing() as db:
        organization = await db.value(
            insert(Organization).values(slug="x", name="X", name_key="x").returning(Organization.id)
        )
        await commands.begin_arrival(db, email="a@example.org", email_proved=True, next_path="/", now=then)
        await commands.issue_link_for_address(db, email="a@example.org", browser_hash=None, next_path="/", now=then)
        await commands.begin_sign_in(
            db,
            provider_id=world.provider_a,
            state="s",
            nonce="n",
            code_verifier="v",
            browser="b",
            next_path="/",
            now=then,
        )
        for table in ("arrival", "sign_in_link", "sign_in_attempt"):
            await db.connection.execute(f"update {table} set expires_at = $1", then + ends)  # noqa: S608
        await note(
            db,
            organization_id=organization,
            provider_id=None,
            person_id=None,
            outcome="signed-in",
            reference="r",
            now=then,
        )
    await worker.purge(database, settings)
    async with database.reading() as db:
        kept = await db.connection.fetchval(
            "select (select count(*) from arrival) + (select count(*) from sign_in_link)"
            " + (select count(*) from sign_in_attempt) + (select count(*) from sign_in_event)"
        )
    assert kept == left

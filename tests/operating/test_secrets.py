"""Replacing the secret key: what it sealed stays readable meanwhile, and afterwards without the older key."""

from pathlib import Path

import pytest
from sqlalchemy import insert

from maillage.auth.models import Person, Provider
from maillage.auth.oidc import SignInFailed
from maillage.auth.queries import providers
from maillage.auth.routes.clients import PROVIDER_SECRET, client_of
from maillage.core.config import read
from maillage.core.db import Database, Db
from maillage.core.sealing import seal
from tests.conftest import finish
from tests.operating.house import House

pytestmark = pytest.mark.operating
FORMER, OLD, NEW = "f" * 40, "o" * 40, "n" * 40


async def _connected(db: Db) -> None:
    await db.run(insert(Person).values(handle="x", name="X", name_key="x"))
    for label, key in (("A", FORMER), ("B", OLD), ("C", NEW), ("D", None)):
        sealed = None if key is None else seal(key, PROVIDER_SECRET, f"secret {label}".encode())
        await db.run(insert(Provider).values(label=label, issuer=label, client_id="x", client_secret=sealed))


async def _opened(db: Db, settings: dict[str, str]) -> list[str | None]:
    ids = await db.connection.fetch("select id from provider order by label")
    rows = [await providers.whatever_its_state(db, row["id"]) for row in ids]
    return [client_of(read(settings), row).client_secret for row in rows]


def with_keys(dsn: str, key: str, *older: str) -> dict[str, str]:
    listed = {"MAILLAGE_OLDER_SECRET_KEYS": ",".join(older)} if older else {}
    return {"MAILLAGE_DATABASE_URL": dsn, "MAILLAGE_SECRET_KEY": key, **listed}


async def _prepared(dsn: str) -> None:
    database = await Database.open(dsn, size=1)
    async with database.writing() as db:
        await _connected(db)
    await database.close()


async def _secrets(dsn: str, settings: dict[str, str]) -> list[str | None]:
    database = await Database.open(dsn, size=1)
    try:
        async with database.reading() as db:
            return await _opened(db, settings)
    finally:
        await database.close()


def test_what_older_keys_sealed_is_sealed_with_the_key_of_now(dsn: str, tmp_path: Path) -> None:
    finish(_prepared(dsn))
    everything = ["secret A", "secret B", "secret C", None]
    # Meanwhile, everybody goes on signing in.
    assert finish(_secrets(dsn, with_keys(dsn, NEW, OLD, FORMER))) == everything
    with pytest.raises(SignInFailed):
        finish(_secrets(dsn, with_keys(dsn, NEW)))

    missing = House(tmp_path / "var", env=with_keys(dsn, NEW, OLD)).run("reseal")
    assert missing.returncode == 1
    assert "The secret of the provider “A” opens with no key" in missing.stderr
    assert "Nothing was changed." in missing.stderr
    # Nothing: what the older key sealed still needs it.
    with pytest.raises(SignInFailed):
        finish(_secrets(dsn, with_keys(dsn, NEW, FORMER)))

    done = House(tmp_path / "var", env=with_keys(dsn, NEW, OLD, FORMER)).run("reseal")
    assert done.returncode == 0, done.stderr
    assert "sealed with the secret key of now: 3." in done.stderr
    assert finish(_secrets(dsn, with_keys(dsn, NEW))) == everything


def test_the_doctor_names_what_no_key_opens(dsn: str, tmp_path: Path) -> None:
    finish(_prepared(dsn))
    ill = House(tmp_path / "var", env=with_keys(dsn, NEW, OLD)).run("doctor").stdout
    assert "WRONG The secret of the provider “A” opens with no key" in ill
    assert "“B”" not in ill
    assert "opens with no key" not in House(tmp_path / "var", env=with_keys(dsn, NEW, OLD, FORMER)).run("doctor").stdout


def test_without_secrets_there_is_nothing_to_seal(dsn: str, tmp_path: Path) -> None:
    done = House(tmp_path / "var", env=with_keys(dsn, NEW)).run("reseal")
    assert done.returncode == 0, done.stderr
    assert "now: 0." in done.stderr

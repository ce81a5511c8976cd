"""`reseal`: what organizations have entrusted (their providers' secrets), sealed with the secret key of now."""

import argparse
import asyncio

from maillage.auth.commands.secrets import reseal_providers
from maillage.auth.queries import secrets
from maillage.auth.routes.clients import PROVIDER_SECRET
from maillage.core.config import Settings, Trouble, load
from maillage.core.db import Database
from maillage.core.sealing import Unreadable, seal, unseal
from maillage.web.installation import must_be_current, standing
from maillage.web.manage import say


def arguments(_: str, parser: argparse.ArgumentParser) -> None:
    """There are none."""


def run(_: argparse.Namespace) -> None:
    with standing(load(), say) as settings:
        count = asyncio.run(_reseal(settings))
    say(f"Secrets sealed with the secret key of now: {count}. No older key is needed any more.")


def shut(label: str) -> str:
    """What to say of a secret that no key opens."""
    return (
        f"The secret of the provider “{label}” opens with no key: MAILLAGE_OLDER_SECRET_KEYS must list the one that"
        " it was sealed with."
    )


def _opened(settings: Settings, sealed: bytes) -> bytes | None:
    try:
        return unseal(settings.secret, PROVIDER_SECRET, sealed, older=settings.older_secrets)
    except Unreadable:
        return None


async def all_shut(settings: Settings) -> list[str]:
    """The providers whose secret no key opens."""
    database = await Database.open(settings.dsn, size=1)
    try:
        async with database.reading() as db:
            return [label for label, sealed in await secrets.sealed(db) if _opened(settings, sealed) is None]
    finally:
        await database.close()


async def _reseal(settings: Settings) -> int:
    def again(label: str, sealed: bytes) -> bytes:
        plain = _opened(settings, sealed)
        if plain is None:
            raise Trouble(f"{shut(label)} Nothing was changed.")
        return seal(settings.secret, PROVIDER_SECRET, plain)

    await must_be_current(settings.dsn)
    database = await Database.open(settings.dsn, size=1)
    try:
        async with database.writing() as db:
            return await reseal_providers(db, again=again)
    finally:
        await database.close()

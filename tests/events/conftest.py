"""What tests of gatherings share: they begin without those of the demonstration."""

from collections.abc import Iterator

import pytest

from maillage.core.db import Database
from tests.conftest import Cluster, finish


async def _without_gatherings(dsn: str) -> None:
    database = await Database.open(dsn, size=1)
    async with database.writing() as db:
        await db.connection.execute("TRUNCATE gathering, participant RESTART IDENTITY CASCADE")
    await database.close()


@pytest.fixture(scope="session")
def world_template(cluster: Cluster, world_template: str) -> Iterator[str]:
    """The name of a database that holds the demonstration, save its gatherings."""
    name = cluster.make(world_template)
    finish(_without_gatherings(cluster.address(name)))
    yield name
    cluster.drop(name)

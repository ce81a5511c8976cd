"""Letters in tests: what waits to be sent is sent, as the worker would, and opened."""

import json
import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from maillage.core import jobs
from maillage.core.config import Settings
from maillage.core.db import Database
from tests.auth.conftest import BASE_URL


class Post:
    """`delivered()` gives the letters that have come since it was last asked, in the order of their jobs."""

    def __init__(self, database: Database, settings: Settings, folder: Path) -> None:
        self.database, self.folder = database, folder / "letters"
        self.tools = jobs.Tools(database, settings.model_copy(update={"data_dir": folder}))

    async def waiting(self) -> list[str]:
        """The jobs that wait, word for word as they are stored."""
        async with self.database.reading() as db:
            rows = await db.connection.fetch(
                "select to_jsonb(j)::text || convert_from(payload, 'UTF8') from pgqueuer j"
            )
        return [row[0] for row in rows]

    async def delivered(self) -> list[EmailMessage]:
        taken = "delete from pgqueuer returning id, entrypoint, convert_from(payload, 'UTF8') as said"
        async with self.database.writing() as db:
            waiting = sorted(await db.connection.fetch(taken), key=lambda row: row["id"])
        letters = []
        for job in waiting:
            await jobs.REGISTRY[job["entrypoint"]].work(self.tools, json.loads(job["said"]))
            for file in self.folder.glob("*.eml"):
                letters.append(message_from_bytes(file.read_bytes(), policy=policy.default))
                file.unlink()
        return letters

    async def letter(self) -> EmailMessage:
        """The one that has come."""
        (letter,) = await self.delivered()
        return letter

    async def link(self) -> str:
        """The path in the one that has come."""
        return path_in(await self.letter())


def to(letter: EmailMessage) -> str:
    return str(letter["To"].addresses[0].addr_spec)


def words(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def path_in(letter: EmailMessage) -> str:
    found = re.search(rf"{re.escape(BASE_URL)}(/\S+)", words(letter))
    assert found is not None
    return found[1]

"""What tests about belonging do again and again: press a button, read the letters, look behind the scenes."""

import asyncio
import json
import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from typing import Any

from httpx2 import ASGITransport, AsyncClient, Response
from starlette.testclient import TestClient

from maillage.auth.viewer import session_cookie
from maillage.core import jobs
from tests.conftest import BASE_URL, Site

# Karine administers it; Félix belongs to it; Samuel asks to.
MRC = "mrc-des-hauts-meandres"


def english(site: Site, handle: str = "") -> TestClient:
    """Somebody's browser, or a stranger's, reading English so that tests can quote the source."""
    browser = site.as_(handle) if handle else site.stranger
    browser.cookies.set("langue", "en")
    return browser


def said(response: Response) -> str:
    """The page's text, unescaped."""
    return unescape(response.text)


def letters(site: Site) -> list[EmailMessage]:
    """Do what waits to be done, as the worker would, until nothing is left; the letters in the order of their jobs."""
    folder = site.settings.data_dir / "letters"
    before = set(folder.glob("*.eml"))
    taken = "DELETE FROM pgqueuer RETURNING id, entrypoint, convert_from(payload, 'UTF8') AS said"
    assert site.stranger.portal is not None
    tools = jobs.Tools(site.app.state.database, site.settings)
    while waiting := site.write(lambda db: db.connection.fetch(taken)):
        for job in sorted(waiting, key=lambda one: one["id"]):
            site.stranger.portal.call(jobs.REGISTRY[job["entrypoint"]].work, tools, json.loads(job["said"]))
    new = sorted(set(folder.glob("*.eml")) - before, key=lambda file: file.stat().st_mtime_ns)
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in new]


def to(letter: EmailMessage) -> str:
    return str(letter["To"].addresses[0].addr_spec)


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_in(letter: EmailMessage) -> str:
    """The path of the invitation in it."""
    found = re.search(r"http://testserver(/invitation/\S+)", text_of(letter))
    assert found is not None
    return found[1]


def membership(site: Site, handle: str, slug: str = MRC) -> int:
    """The number of somebody's current membership, in force or waiting."""
    number = site.ask(
        "SELECT m.id FROM membership AS m JOIN person AS p ON p.id = person_id"
        " JOIN organization AS o ON o.id = organization_id"
        " WHERE p.handle = $1 AND o.slug = $2 AND ended_on IS NULL",
        handle,
        slug,
    )
    return int(number)


def state(site: Site, handle: str, slug: str = MRC) -> tuple[str, str] | None:
    """State and role of somebody's current membership."""
    row = site.write(
        lambda db: db.connection.fetchrow(
            "SELECT m.state, m.role FROM membership AS m JOIN person AS p ON p.id = person_id"
            " JOIN organization AS o ON o.id = organization_id"
            " WHERE p.handle = $1 AND o.slug = $2 AND ended_on IS NULL",
            handle,
            slug,
        )
    )
    return None if row is None else (row["state"], row["role"])


def run(site: Site, sql: str, *arguments: Any) -> None:
    site.write(lambda db: db.connection.execute(sql, *arguments))


def at_once(site: Site, *presses: tuple[str, str, dict[str, str]]) -> list[int]:
    """Several people press a button at the same moment: handle, path and form of each. What each was answered."""
    tokens = {handle: site.open_session(handle) for handle, _path, _form in presses}

    async def press(handle: str, path: str, form: dict[str, str]) -> int:
        cookies = {session_cookie(site.settings): tokens[handle]}
        async with AsyncClient(transport=ASGITransport(site.app), base_url=BASE_URL, cookies=cookies) as browser:
            return (await browser.post(path, data=form)).status_code

    async def all_of_them() -> list[int]:
        return await asyncio.gather(*(press(*one) for one in presses))

    assert site.stranger.portal is not None
    return site.stranger.portal.call(all_of_them)

"""Whatever opens an address (a scanner of mails, a preview, an impatient browser) changes no row anywhere."""

import re
from datetime import timedelta
from typing import Any

import pytest

from maillage.auth import commands as auth
from maillage.core import clock
from maillage.core.db import Db
from tests.abuse.conftest import (
    INSIDER,
    MODERATOR,
    STRANGER,
    browser,
    circle_of,
    draft_of,
    methods_of,
    named,
    open_gathering,
    registered_in,
)
from tests.conftest import Site
from tests.uploads import NAME, key_of, upload

# What looking may write: when a session was last used; and who has looked into the register of a story.
_MAY_CHANGE = {"session": "last_seen_at"}
_MAY_GROW = {"register_reading"}
# What is much work to make is made only so often for the same person: that it was asked for is counted.
_COUNTED = re.compile(r"/recits/(?:export\.(?:json|md)|\d+\.pdf)")


async def rows(db: Db) -> dict[str, Any]:
    """Every row of every table, as one number a table."""
    tables = await db.connection.fetch(
        "SELECT relname FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace"
        " WHERE relkind IN ('r', 'p') AND nspname = 'public'"
    )
    found = {}
    for (table,) in tables:
        if table in _MAY_GROW:
            continue
        without = f" - '{_MAY_CHANGE[table]}'" if table in _MAY_CHANGE else ""
        found[table] = await db.connection.fetchval(
            f"SELECT md5(string_agg(one::text, '|' ORDER BY one::text))"  # noqa: S608 — our own tables' names
            f" FROM (SELECT to_jsonb(t){without} AS one FROM {table} AS t) AS all_of_it"
        )
    assert "rate_limit" in found
    return found


def addresses(site: Site, handle: str) -> list[str]:
    """Every address that can be opened, each about something that this person could act on."""
    circle = circle_of(site)
    mine = site.write(
        lambda db: db.connection.fetchrow(
            "SELECT thread_id, seq FROM post JOIN person ON person.id = author_id JOIN thread ON thread.id = thread_id"
            " WHERE handle = $1 AND seq > 1 AND event IS NULL AND removed_at IS NULL AND merged_into_id IS NULL"
            " ORDER BY locked_at IS NULL DESC LIMIT 1",
            handle or MODERATOR,
        )
    )
    assert mine is not None
    link = site.write(lambda db: auth.issue_sign_in_link(db, handle=INSIDER, now=clock.now()))
    slug = site.ask("SELECT slug FROM thread WHERE id = $1", mine["thread_id"])
    merged = site.ask("SELECT id FROM thread WHERE merged_into_id IS NOT NULL")
    locked = site.ask("SELECT id FROM thread WHERE locked_at IS NOT NULL")
    given = {
        "seq": mine["seq"],
        "handle": "maryse",
        "taxonomy": "region",
        "token": link,
        "path": "css/base.css",
        "key": key_of(upload(site.as_(handle or MODERATOR))),
        "name": NAME,
        "slug": slug,
        "id": mine["thread_id"],
        "organization_id": site.ask("SELECT min(id) FROM organization"),
        "membership_id": site.ask("SELECT min(id) FROM membership"),
        "provider_id": site.ask("SELECT min(id) FROM provider WHERE organization_id IS NOT NULL"),
    }
    organization = site.ask(
        "SELECT slug FROM organization WHERE id = (SELECT organization_id FROM provider WHERE id = $1)",
        given["provider_id"],
    )
    draft = draft_of(site, handle or MODERATOR)
    hers = {"id": draft, "person_id": registered_in(site, draft), "section": "summary", "revision": 1}
    hers["author_id"] = site.ask("SELECT min(id) FROM case_author WHERE case_id = $1", draft)
    met = open_gathering(site)
    there = {"id": met["gathering"], "date": met["date"], "slug": "lire-son-milieu"}
    there |= {"seat": 999999, "item": 999999, "question": 999999}
    found = []
    for name, route in named().items():
        if "GET" not in methods_of(route):
            continue
        path = route.path.replace(":int", "").replace(":path", "")
        if name == "space":
            found += [path.format(slug="pratiques"), path.format(slug="pratiques") + "?apres=1-1"]
            found.append(path.format(slug=circle.space))
            continue
        if path.startswith("/recits/{id}"):
            found.append(path.format(**given | hers))
            continue
        if path.startswith("/rencontres/"):
            found.append(path.format(**given | there))
            continue
        if path.startswith("/organisations/"):
            found.append(path.format(**given | {"slug": organization}))
            continue
        found.append(path.format(**given))
        if "{id}" in path:
            found += [path.format(**given | {"id": other, "seq": 1}) for other in (circle.thread, merged, locked)]
    queries = ["?ordre=date&page=1", "?langue=en", "?page=9999"]
    return found + [f"/discussions/{mine['thread_id']}-{slug}{query}" for query in queries]


@pytest.mark.parametrize("handle", [STRANGER, INSIDER, MODERATOR, "nadege"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_opening_any_address_changes_no_row(site: Site, handle: str, method: str) -> None:
    who, paths = browser(site, handle), addresses(site, handle)
    before = site.write(rows)
    for path in paths:
        response = who.request(method, path)
        assert response.status_code < 500, path
        if _COUNTED.fullmatch(path):
            before["rate_limit"] = site.write(rows)["rate_limit"]
        assert (after := site.write(rows)) == before, (path, [t for t in after if after[t] != before[t]])


def test_only_the_moment_of_the_last_visit_is_written(site: Site) -> None:
    site.as_("maryse")
    site.write(lambda db: db.connection.execute("UPDATE session SET last_seen_at = now() - interval '1 hour'"))
    before = site.write(rows)
    site.as_("maryse").get("/discussions")
    assert site.write(rows) == before
    assert site.ask("SELECT now() - max(last_seen_at) FROM session") < timedelta(minutes=1)

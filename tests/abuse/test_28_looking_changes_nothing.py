"""Whatever opens an address (a scanner of mails, a preview, an impatient browser) changes no row anywhere."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from maillage.auth import commands as auth
from maillage.core import clock
from tests.abuse.acts.asking import INSIDER, MODERATOR, STRANGER
from tests.abuse.acts.cases import draft_of, registered_in
from tests.abuse.acts.met import met
from tests.abuse.changes import acts, changes, tables
from tests.abuse.conftest import browser, circle_of, methods_of, named, opened
from tests.conftest import Cluster, Site
from tests.uploads import NAME, key_of, upload

# What is much work to make is made only so often for the same person: that it was asked for is counted.
_COUNTED = re.compile(r"/recits/(?:export\.(?:json|md)|\d+\.pdf)|/rencontres/\d+/inscriptions\.(?:csv|xlsx)")


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
    there = met(site)
    there |= {"id": there["gathering"], "token": there["own_link"]}
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
            links = {"token": there["invited_link"]} if "/invitations/" in path else {}
            found.append(path.format(**given | there | links))
            continue
        if path.startswith("/organisations/"):
            found.append(path.format(**given | {"slug": organization}))
            continue
        found.append(path.format(**given))
        if "{id}" in path:
            found += [path.format(**given | {"id": other, "seq": 1}) for other in (circle.thread, merged, locked)]
    queries = ["?ordre=date&page=1", "?langue=en", "?page=9999"]
    return found + [f"/discussions/{mine['thread_id']}-{slug}{query}" for query in queries]


@pytest.fixture
def watched(cluster: Cluster, watched_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with opened(cluster, watched_template, tmp_path_factory) as site:
        yield site


@pytest.mark.parametrize("handle", [STRANGER, INSIDER, MODERATOR, "nadege", "thuy-linh"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_opening_any_address_changes_no_row(watched: Site, handle: str, method: str) -> None:
    who, paths = browser(watched, handle), addresses(watched, handle)
    watched.write(changes)
    for path in paths:
        response = who.request(method, path)
        assert response.status_code < 500, path
        counted = {"rate_limit"} if _COUNTED.fullmatch(path) else set()
        assert [change for change in watched.write(acts) if change.table not in counted] == [], path


def test_only_the_moment_of_the_last_visit_is_written(watched: Site) -> None:
    site = watched
    site.as_("maryse")
    site.write(lambda db: db.connection.execute("UPDATE session SET last_seen_at = now() - interval '1 hour'"))
    site.write(changes)
    site.as_("maryse").get("/discussions")
    assert site.write(acts) == []
    assert site.ask("SELECT now() - max(last_seen_at) FROM session") < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("statement", "noted"),
    [
        ("UPDATE person SET name = name || '.' WHERE handle = 'maryse'", {"person"}),
        ("UPDATE person SET name = name", set()),
        ("UPDATE session SET last_seen_at = now() + interval '1 hour'", set()),
        ("UPDATE session SET device = 'x'", {"session"}),
        ("INSERT INTO space_member (space_id, person_id, role) SELECT 1, id, 'member' FROM person", {"space_member"}),
        ("DELETE FROM rate_limit", {"rate_limit"}),
        ("TRUNCATE draft", {"draft"}),
    ],
)
def test_the_database_notes_what_changes(watched: Site, statement: str, noted: set[str]) -> None:
    """The judge is awake."""
    watched.as_("maryse")
    watched.write(lambda db: db.connection.execute("INSERT INTO rate_limit (subject, due_at) VALUES ('x', now())"))
    watched.write(changes)
    watched.write(lambda db: db.connection.execute(statement))
    assert {change.table for change in watched.write(acts)} == noted


def test_the_database_watches_every_table(watched: Site) -> None:
    held = watched.ask("SELECT count(DISTINCT tgrelid) FROM pg_trigger WHERE tgname = 'watched'")
    assert held == len(watched.write(tables)) > 50

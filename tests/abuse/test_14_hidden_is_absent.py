"""Whoever is not in a closed circle cannot tell what is in it from what does not exist, at any address.

`HIDDEN`, in tests/abuse/acts, says of every route how to ask it about something hidden and, in the same words, about
something absent. A new route that is not listed there fails the first test.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from maillage.core.db import Db
from tests.abuse.acts.all import HIDDEN
from tests.abuse.acts.asking import ADMIN, FACILITATOR, INSIDER, MEMBER, MODERATOR, OUTSIDERS, Ask
from tests.abuse.conftest import Circle, browser, circle_of, methods_of, named, patient, plain
from tests.cases.people import write_down
from tests.cases.stories import story
from tests.conftest import Site
from tests.uploads import NAME, give_to_post, key_of, upload


def test_every_route_says_what_it_hides() -> None:
    unlisted = named().keys() - HIDDEN.keys()
    assert not unlisted, f"say in HIDDEN how to ask {unlisted} about something hidden, or why nothing is"
    assert not HIDDEN.keys() - named().keys()


@dataclass(frozen=True, slots=True)
class Two:
    """What to put into addresses: for a hidden thing, and for an absent one that is written as long."""

    hidden: dict[str, Any]
    absent: dict[str, Any]
    circle: Circle


@pytest.fixture(scope="module")
def two(shared: Site) -> Iterator[Two]:
    circle = circle_of(shared)
    shared.as_(FACILITATOR).post(
        f"/discussions/{circle.thread}/m/2/signaler", data={"reason": "À regarder entre nous."}
    )
    report = shared.ask("SELECT id FROM report ORDER BY id DESC LIMIT 1")
    provider = shared.ask("SELECT min(id) FROM provider")
    shared.write(lambda db: db.connection.execute("UPDATE provider SET enabled = false WHERE id = $1", provider))
    session = shared.ask("SELECT id FROM session LIMIT 1")
    public = shared.ask(
        "SELECT max(thread.id) FROM thread JOIN space ON space.id = space_id"
        " WHERE visibility = 'public' AND merged_into_id IS NULL"
    )
    # A picture that a message of the circle shows.
    key = key_of(upload(shared.as_(INSIDER)))
    give_to_post(shared, key, circle.post)
    # A list and a term of it that are there; the others are not.
    words = {"taxonomy": "region", "term": "estrie"}
    both = {
        "section": "summary",
        "seq": 2,
        "author_id": 1,
        "revision_id": 1,
        "remark_id": 1,
        "slug": circle.slug,
        "path": "x",
        "draft_number": 1,
        "public_thread": public,
        "name": NAME,
    }
    hidden = both | words | {"id": circle.thread, "space": circle.space, "report": report, "handle": INSIDER}
    identity = shared.ask(
        "SELECT identity.id FROM identity JOIN person ON person.id = person_id WHERE handle = $1", INSIDER
    )
    hidden |= {"provider_id": provider, "session_id": session, "identity_id": identity, "token": "x" * 43}
    hidden |= shared.write(closed_organization)
    membership = shared.ask(
        "SELECT membership.id FROM membership JOIN person ON person.id = person_id WHERE handle = $1", INSIDER
    )
    hidden |= {"membership_id": membership, "invitation_id": 1}
    # Nobody but its author reads a draft.
    hidden["case"] = story(shared, FACILITATOR, state="draft", title=circle.title)
    hidden["person_id"] = write_down(shared, hidden["case"], FACILITATOR)
    absent = both | {"taxonomy": "x" * 6, "term": "y" * 6}
    absent |= {"space": "x" * len(circle.space), "handle": "y" * len(INSIDER), "token": "z" * 43}
    hidden["key"], absent["key"] = key, "0" * len(key)
    # One that nothing shows yet.
    loose = key_of(upload(shared.as_(FACILITATOR), to=f"/recits/{hidden['case']}/fichiers/nouveau"))
    hidden["case_key"], absent["case_key"] = loose, "0" * len(loose)
    absent["organization"] = "x" * len(hidden["organization"])
    for name in (
        "id",
        "report",
        "provider_id",
        "session_id",
        "identity_id",
        "own_provider",
        "group_id",
        "invitation_id",
        "case",
        "person_id",
    ):
        absent[name] = "9" * len(str(hidden[name]))
    # There are so many memberships that nines could be one.
    absent["membership_id"] = "0" * len(str(membership))
    yield Two(hidden, absent, circle)
    patient(shared)


async def closed_organization(db: Db) -> dict[str, Any]:
    """One that no longer takes part, with a provider and a group."""
    key = await db.connection.fetchval(
        "INSERT INTO organization (slug, name, name_key, closed_at)"
        " VALUES ('fermee', 'Société fermée', 'societe fermee', now()) RETURNING id"
    )
    provider = await db.connection.fetchval(
        "INSERT INTO provider (organization_id, label, issuer, client_id)"
        " VALUES ($1, 'Ses comptes', 'https://fermee.example', 'x') RETURNING id",
        key,
    )
    group = await db.connection.fetchval(
        "INSERT INTO organization_group (organization_id, name, name_key) VALUES ($1, 'Le sien', 'x') RETURNING id", key
    )
    return {"organization": "fermee", "own_provider": provider, "group_id": group}


def path_of(name: str, about: dict[str, Any]) -> str:
    path = named()[name].path.replace(":int", "").replace(":path", "")
    if "/espaces/" in path:
        about = about | {"slug": about["space"]}
    if "/taxonomies/" in path:
        about = about | {"slug": about["term"]}
    if path.startswith("/recits/{"):
        about = about | {"id": about["case"], "key": about["case_key"]}
    if "/organisations/" in path:
        about = about | {"slug": about["organization"], "provider_id": about["own_provider"]}
    return path.format(**about | ({"id": about["report"]} if name == "settle" else {}))


def asked(site: Site, who: str, name: str, method: str, ask: Ask, about: dict[str, Any]) -> Any:
    if method == "POST":
        form = {key: value.format(**about) for key, value in ask.form.items()}
        return browser(site, who).post(path_of(name, about), data=form)
    return browser(site, who).request(method, path_of(name, about) + ask.query.format(**about))


_CASES = [
    pytest.param(name, method, id=f"{method}-{name}")
    for name, ask in HIDDEN.items()
    if isinstance(ask, Ask) and name in named()
    for method in sorted(methods_of(named()[name]) | ({"HEAD"} if "GET" in methods_of(named()[name]) else set()))
]


@pytest.mark.parametrize(("name", "method"), _CASES)
def test_the_hidden_and_the_absent_are_the_same(shared: Site, two: Two, name: str, method: str) -> None:
    ask = HIDDEN[name]
    assert isinstance(ask, Ask)
    patient(shared)
    for who in ask.same_for:
        hidden, absent = (
            plain(
                asked(shared, who, name, method, ask, about),
                path_of(name, about),
                f"/discussions/{about['id']}",
                f"/recits/{about['case']}",
                f"#{about['id']}",
                f"q%3D{about['handle']}",
                about["space"],
            )
            for about in (two.hidden, two.absent)
        )
        assert hidden == absent, who or "a stranger"
        assert two.circle.title not in hidden[1]
        assert two.circle.words not in hidden[1]


# Where refusing everybody would make the test above say nothing: those inside must find what they ask for.
_FOUND = [
    name
    for name, route in named().items()
    if "GET" in methods_of(route)
    and isinstance(ask := HIDDEN.get(name), Ask)
    # Of organizations that are closed, their own tests tell.
    and ask.same_for == OUTSIDERS
    and name
    not in {"sign_in_link", "proof_of_address", "new_thread", "domain_proof", "invitation", "consent", "case_guest"}
]


@pytest.mark.parametrize("name", _FOUND)
def test_those_inside_find_what_the_others_do_not(shared: Site, two: Two, name: str) -> None:
    ask = HIDDEN[name]
    assert isinstance(ask, Ask)
    # Nobody reports or edits somebody else's; the facilitator wrote the first message, not the second.
    answers = {asked(shared, who, name, "GET", ask, two.hidden).status_code for who in (FACILITATOR, INSIDER, "josee")}
    # A reason (403) is an answer too: those outside are given none.
    assert answers & {200, 301, 302, 403}, answers
    outside = {asked(shared, who, name, "GET", ask, two.hidden).status_code for who in (MEMBER, ADMIN, MODERATOR)}
    assert outside == {404}


@pytest.mark.parametrize("who", OUTSIDERS)
@pytest.mark.parametrize("slug", ["", "-", "-x", "-{slug}x", "-{slug}", "-{slug}/", "-{slug}%0A"])
def test_no_form_of_an_address_reveals_its_words(shared: Site, two: Two, who: str, slug: str) -> None:
    hidden, absent = (
        plain(
            browser(shared, who).get(f"/discussions/{about['id']}{slug.format(slug=two.circle.slug)}"),
            f"/{about['id']}",
        )
        for about in (two.hidden, two.absent)
    )
    assert hidden == absent
    if "{slug}" not in slug:
        assert two.circle.slug not in hidden[1] + str(hidden[2])


@pytest.mark.parametrize("who", OUTSIDERS)
def test_a_validator_that_somebody_inside_was_given_opens_nothing(shared: Site, two: Two, who: str) -> None:
    path = f"/discussions/{two.circle.thread}-{two.circle.slug}"
    for known in ("*", f'W/"{two.circle.thread}"'):
        response = browser(shared, who).get(path, headers={"If-None-Match": known})
        assert response.status_code == 404
        assert "etag" not in response.headers


@pytest.mark.parametrize("who", [MEMBER, ADMIN, MODERATOR])
def test_a_merged_discussion_of_the_circle_leads_nowhere(site: Site, who: str) -> None:
    circle = circle_of(site)
    other = site.as_(INSIDER).post(
        "/discussions/nouvelle", data={"space": circle.space, "title": "Entre nous", "body": "Rien qu’entre nous."}
    )
    number = other.headers["location"].rpartition("/")[2]
    merged = site.as_(FACILITATOR).post(f"/discussions/{number}/fusionner", data={"into": str(circle.thread)})
    assert merged.status_code == 303
    assert site.as_(INSIDER).get(f"/discussions/{number}").status_code == 301
    for path in (f"/discussions/{number}", f"/discussions/{number}/m/1", f"/discussions/{number}-entre-nous"):
        response = browser(site, who).get(path)
        absent = browser(site, who).get(path.replace(number, "9" * len(number)))
        assert plain(response, f"/{number}") == plain(absent, "/" + "9" * len(number))


@pytest.mark.parametrize("who", OUTSIDERS)
def test_a_discussion_poured_into_the_circle_leads_nowhere_any_more(site: Site, who: str) -> None:
    """Its messages live in the circle now; their old public addresses say no more than any that never was."""
    circle = circle_of(site)
    posted = site.as_(FACILITATOR).post(
        "/discussions/nouvelle", data={"space": "pratiques", "title": "Public un moment", "body": "Un moment."}
    )
    number = posted.headers["location"].rpartition("/")[2]
    site.write(
        lambda db: db.connection.execute(
            "INSERT INTO space_member (space_id, person_id, role) SELECT space.id, person.id, 'facilitator'"
            " FROM space, person WHERE slug = 'pratiques' AND handle = $1",
            FACILITATOR,
        )
    )
    merged = site.as_(FACILITATOR).post(f"/discussions/{number}/fusionner", data={"into": str(circle.thread)})
    assert merged.status_code == 303
    absent = "9" * len(number)
    for path in ("", "-public-un-moment", "/m/1", "/m/1/actions", "/m/1/historique", "/non-lu", "/repondre"):
        response = browser(site, who).get(f"/discussions/{number}{path}")
        nothing = browser(site, who).get(f"/discussions/{absent}{path}")
        assert plain(response, f"/{number}") == plain(nothing, f"/{absent}"), path

"""Whoever looks after one space has no hand in another, and carries nothing through a door without its key."""

from dataclasses import dataclass

import pytest

from maillage.core.db import Db
from tests.abuse.acts.asking import FACILITATOR, INSIDER, MODERATOR
from tests.abuse.conftest import browser, circle_of, patient
from tests.conftest import Site


@dataclass(frozen=True, slots=True)
class Second:
    """Another closed circle, with Karine at its head and Linda in it; and a public space that Félix looks after."""

    space: str
    thread: int
    report: int


@pytest.fixture
def second(site: Site) -> Second:
    async def make(db: Db) -> int:
        run = db.connection
        space = await run.fetchval(
            "INSERT INTO space (slug, name, purpose, visibility, position)"
            " VALUES ('autre-cercle', '{\"fr-CA\": \"Autre cercle\"}', '{}', 'closed', 9) RETURNING id"
        )
        await run.execute(
            "INSERT INTO space_member (space_id, person_id, role) SELECT $1, id,"
            " CASE handle WHEN 'karine' THEN 'facilitator' ELSE 'member' END"
            " FROM person WHERE handle IN ('karine', 'linda')",
            space,
        )
        await run.execute(
            "INSERT INTO space_member (space_id, person_id, role) SELECT space.id, person.id, 'facilitator'"
            " FROM space, person WHERE slug = 'outils' AND handle = 'felix'"
        )
        return int(space)

    site.write(make)
    form = {"space": "autre-cercle", "title": "Leur secret zibeline", "body": "Zibeline.", "kind": "question"}
    location = site.as_("linda").post("/discussions/nouvelle", data=form).headers["location"]
    number = int(location.rpartition("/")[2])
    site.as_("karine").post(f"/discussions/{number}/repondre", data={"body": "Zibeline aussi."})
    site.as_("linda").post(f"/discussions/{number}/m/2/signaler", data={"reason": "Zibeline."})
    return Second("autre-cercle", number, site.ask("SELECT max(id) FROM report"))


_ACTS = {
    "verrouiller": {"reason": "x"},
    "rouvrir": {},
    "epingler": {"days": "3"},
    "desepingler": {},
    "synthese": {"body": "x", "covers": "1"},
    "titre": {"title": "Pris"},
    "changer-espace": {"space": "pratiques"},
    "fusionner": {"into": "1"},
    "m/2/retirer": {"reason": "x"},
    "m/2/retablir": {},
    "m/2/separer": {"title": "Pris", "kind": "question"},
    "m/2/deplacer": {"parent": "1"},
    "m/2/besoin": {"value": "1"},
    "m/1/modifier": {"body": "Pris"},
}


def act(site: Site, who: str, path: str, form: dict[str, str]) -> int:
    patient(site)
    status: int = browser(site, who).post(path, data=form).status_code
    return status


@pytest.mark.parametrize("who", [FACILITATOR, MODERATOR, "sofia", "felix"])
def test_nobody_from_elsewhere_touches_a_circle(site: Site, second: Second, who: str) -> None:
    for path, form in _ACTS.items():
        assert act(site, who, f"/discussions/{second.thread}/{path}", form) == 404, path
    assert act(site, who, f"/moderation/signalements/{second.report}/regler", {}) == 404
    assert site.ask("SELECT count(*) FROM moderation_entry WHERE thread_id = $1", second.thread) == 0


@pytest.mark.parametrize("who", [MODERATOR, "sofia", "linda"])
def test_a_circle_is_looked_after_by_its_own_head_alone(site: Site, second: Second, who: str) -> None:
    """Not by its members, nor by those who moderate the open spaces and happen to be members."""
    site.write(
        lambda db: db.connection.execute(
            "INSERT INTO space_member (space_id, person_id) SELECT space.id, person.id FROM space, person"
            " WHERE slug = 'autre-cercle' AND handle = $1 ON CONFLICT DO NOTHING",
            who,
        )
    )
    # A discussion of Karine's own, so that Linda's being the author of the other opens nothing.
    form = {"space": "autre-cercle", "title": "À Karine", "body": "Un mot.", "kind": "question"}
    location = site.as_("karine").post("/discussions/nouvelle", data=form).headers["location"]
    site.as_("karine").post(f"{location}/repondre", data={"body": "Un autre."})
    assert browser(site, who).get(location).status_code == 301
    for path, given in _ACTS.items():
        assert act(site, who, f"{location}/{path}", given) == 403, path
    assert act(site, who, f"/moderation/signalements/{second.report}/regler", {}) == 404
    if who == MODERATOR:
        assert "Zibeline" not in site.as_(who).get("/moderation").text
        assert "autre-cercle" not in site.as_(who).get("/discussions/1/gestion", follow_redirects=True).text


@pytest.mark.parametrize("who", ["karine", FACILITATOR, "felix"])
def test_the_head_of_one_space_is_a_member_like_others_elsewhere(site: Site, second: Second, who: str) -> None:
    # Of somebody else, in a public space that none of them looks after.
    public = site.ask(
        "SELECT thread.id FROM thread JOIN space ON space.id = space_id JOIN person ON person.id = author_id"
        " WHERE space.slug = 'pratiques' AND handle NOT IN ('karine', 'nadege', 'felix')"
        " AND merged_into_id IS NULL AND locked_at IS NULL AND kind = 'question' AND post_count > 3 LIMIT 1"
    )
    theirs = site.ask(
        "SELECT seq FROM post JOIN person ON person.id = author_id WHERE thread_id = $1 AND seq > 1 AND event IS NULL"
        " AND handle NOT IN ('karine', 'nadege', 'felix') AND depth = 1 LIMIT 1",
        public,
    )
    for path, form in _ACTS.items():
        there = path.replace("m/2/", f"m/{theirs}/")
        assert act(site, who, f"/discussions/{public}/{there}", form) == 403, path
    report = site.ask(
        "SELECT report.id FROM report JOIN post ON post.id = post_id JOIN thread ON thread.id = thread_id"
        " JOIN space ON space.id = space_id WHERE space.visibility = 'public' AND space.slug <> 'outils'"
    )
    assert act(site, who, f"/moderation/signalements/{report}/regler", {}) == 404
    announced = {"space": "pratiques", "title": "Annonce", "body": "x", "kind": "annonce"}
    assert act(site, who, "/discussions/nouvelle", announced) == 403
    assert site.ask("SELECT count(*) FROM thread WHERE title = 'Annonce'") == 0


@pytest.mark.parametrize(
    ("who", "target"),
    [
        ("karine", "cercle-du-jeudi"),
        ("karine", "pratiques"),
        ("karine", "outils"),
        (FACILITATOR, "autre-cercle"),
        (FACILITATOR, "pratiques"),
        ("felix", "pratiques"),
        ("felix", "autre-cercle"),
        (MODERATOR, "cercle-du-jeudi"),
        (MODERATOR, "autre-cercle"),
    ],
)
def test_nothing_moves_into_a_space_that_one_does_not_look_after(
    site: Site, second: Second, who: str, target: str
) -> None:
    own = {
        "karine": second.thread,
        FACILITATOR: circle_of(site).thread,
        "felix": site.ask(
            "SELECT min(thread.id) FROM thread JOIN space ON space.id = space_id WHERE space.slug = 'outils'"
        ),
        MODERATOR: site.ask(
            "SELECT min(thread.id) FROM thread JOIN space ON space.id = space_id WHERE space.slug = 'outils'"
        ),
    }[who]
    into = site.ask(
        "SELECT max(thread.id) FROM thread JOIN space ON space.id = space_id WHERE space.slug = $1"
        " AND merged_into_id IS NULL",
        target,
    )
    before = site.ask("SELECT space_id FROM thread WHERE id = $1", own)
    moved = act(site, who, f"/discussions/{own}/changer-espace", {"space": target})
    merged = act(site, who, f"/discussions/{own}/fusionner", {"into": str(into)})
    assert moved in {403, 404, 422}
    assert merged in {403, 404, 409}
    assert site.ask("SELECT space_id FROM thread WHERE id = $1", own) == before
    assert site.ask("SELECT merged_into_id FROM thread WHERE id = $1", own) is None
    # A space and a discussion that are not there are refused in the same words.
    absent_space = act(site, who, f"/discussions/{own}/changer-espace", {"space": "rien"})
    absent_thread = act(site, who, f"/discussions/{own}/fusionner", {"into": "999999"})
    if "cercle" in target:
        assert (moved, merged) == (absent_space, absent_thread)


def test_a_space_in_the_list_of_where_to_move_is_one_that_one_looks_after(site: Site, second: Second) -> None:
    page = site.as_(MODERATOR).get("/discussions/1/gestion", follow_redirects=True).text
    assert "autre-cercle" not in page
    assert "cercle-du-jeudi" not in page
    theirs = site.as_("karine").get(f"/discussions/{second.thread}/gestion").text
    assert 'value="cercle-du-jeudi"' not in theirs
    assert 'value="pratiques"' not in theirs


def test_an_inbox_holds_ones_own_spaces_only(site: Site, second: Second) -> None:
    site.as_(INSIDER).post(
        f"/discussions/{circle_of(site).thread}/m/2/signaler", data={"reason": "Du jeudi, à regarder."}
    )
    assert "Du jeudi" in site.as_(FACILITATOR).get("/moderation").text
    assert "Zibeline" in site.as_("karine").get("/moderation").text
    for who, words in (
        ("karine", "Du jeudi"),
        (FACILITATOR, "Zibeline"),
        (MODERATOR, "Du jeudi"),
        (MODERATOR, "Zibeline"),
    ):
        page = site.as_(who).get("/moderation")
        assert page.status_code == 200
        assert words not in page.text, who
    for who in ("sofia", "linda", INSIDER):
        assert site.as_(who).get("/moderation").status_code == 404
    # Who is new on the platform is not for the head of one circle.
    assert "samuel" not in site.as_("karine").get("/moderation").text


def test_a_log_holds_what_one_may_read(site: Site, second: Second) -> None:
    reason = "Zibeline de trop"
    assert act(site, "karine", f"/discussions/{second.thread}/verrouiller", {"reason": reason}) == 303
    assert reason in site.as_("linda").get("/moderation/journal").text
    for who in ("", MODERATOR, "sofia", FACILITATOR, INSIDER):
        for query in ("", "?avant=999999", "?avant=-1", "?avant=9999999999999999999999"):
            page = browser(site, who).get(f"/moderation/journal{query}")
            assert page.status_code == 200
            assert "ibeline" not in page.text, who

"""A right that ended between the page and the act is no right any more."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from maillage.core.db import Db
from tests.abuse.acts.asking import FACILITATOR, INSIDER, MODERATOR
from tests.abuse.conftest import circle_of, patient
from tests.conftest import Site

_ACTS = {
    "verrouiller": {"reason": "x"},
    "epingler": {"days": "3"},
    "synthese": {"body": "x", "covers": "1"},
    "titre": {"title": "Pris"},
    "changer-espace": {"space": "outils"},
    "fusionner": {"into": "1"},
    "m/2/retirer": {"reason": "x"},
    "m/2/separer": {"title": "Pris", "kind": "question"},
}


def sql(site: Site, statement: str, *given: object) -> None:
    site.write(lambda db: db.connection.execute(statement, *given))


def act(site: Site, who: str, path: str, form: dict[str, str]) -> int:
    patient(site)
    status: int = site.as_(who).post(path, data=form).status_code
    return status


def test_a_moderator_who_no_longer_is_one_cannot_act_on_a_page_still_open(site: Site) -> None:
    # Somebody else's, in a public space.
    thread = site.ask(
        "SELECT thread.id FROM thread JOIN space ON space.id = space_id JOIN person ON person.id = author_id"
        " WHERE space.slug = 'pratiques' AND handle <> $1 AND merged_into_id IS NULL AND post_count > 2 LIMIT 1",
        MODERATOR,
    )
    assert site.as_(MODERATOR).get(f"/discussions/{thread}/gestion").status_code == 200
    sql(site, "DELETE FROM platform_role")
    for path, form in _ACTS.items():
        assert act(site, MODERATOR, f"/discussions/{thread}/{path}", form) == 403, path
    assert site.as_(MODERATOR).get("/moderation").status_code == 404
    report = site.ask("SELECT id FROM report LIMIT 1")
    assert act(site, MODERATOR, f"/moderation/signalements/{report}/regler", {}) == 404


def test_the_head_of_a_circle_who_no_longer_is_cannot_act_there(site: Site) -> None:
    circle = circle_of(site)
    thread = f"/discussions/{circle.thread}"
    # Started by herself: her title stays hers to change.
    assert site.as_(FACILITATOR).get(f"{thread}/gestion").status_code == 200
    sql(site, "UPDATE space_member SET role = 'member'")
    for path, form in _ACTS.items():
        if path != "titre":
            assert act(site, FACILITATOR, f"{thread}/{path}", form) == 403, path
    sql(site, "DELETE FROM space_member")
    for path, form in _ACTS.items():
        assert act(site, FACILITATOR, f"{thread}/{path}", form) == 404, path


def test_whoever_left_the_circle_is_out_at_once(site: Site) -> None:
    circle = circle_of(site)
    thread, maryse = f"/discussions/{circle.thread}", site.as_(INSIDER)
    form = {"body": "Entre nous, un temps."}
    mine = maryse.post(f"{thread}/repondre", data=form).headers["location"]
    draft = {"place": f"thread:{circle.thread}", "sequence": "5", "body": "À suivre."}
    assert maryse.post("/discussions/brouillon", data=draft).status_code == 204
    assert act(site, INSIDER, f"{thread}/suivre", {"follow": "1"}) == 303
    assert maryse.get(f"{thread}-{circle.slug}").status_code == 200
    sql(site, "DELETE FROM space_member WHERE person_id = (SELECT id FROM person WHERE handle = $1)", INSIDER)
    for path in ("", f"-{circle.slug}", "/repondre", "/non-lu", f"{mine.removeprefix(thread)}", "/m/2/historique"):
        assert maryse.get(thread + path).status_code == 404, path
    for path, given in (
        ("/repondre", form),
        ("/lu", {}),
        ("/suivre", {"follow": "1"}),
        (f"{mine.removeprefix(thread)}/modifier", form),
        (f"{mine.removeprefix(thread)}/retirer", {}),
        ("/m/2/signaler", {"reason": "x"}),
    ):
        assert act(site, INSIDER, thread + path, given) == 404, path
    assert act(site, INSIDER, "/discussions/nouvelle", {"space": circle.space, "title": "x", "body": "x"}) == 422
    # Her own words in her own draft are hers; nothing else of the circle is.
    for path in ("/", "/discussions", "/discussions/brouillons", "/moderation/journal", "/moi"):
        page = maryse.get(path).text
        for secret in (circle.title, circle.slug, circle.words, "Cercle du jeudi"):
            assert secret not in page, path


@pytest.mark.parametrize("column", ["suspended_at", "closed_at"])
def test_whoever_is_kept_out_is_a_stranger_at_once(site: Site, column: str) -> None:
    circle = circle_of(site)
    site.as_(INSIDER).get("/moi")
    sql(site, f"UPDATE person SET {column} = now() WHERE handle = $1", INSIDER)  # noqa: S608 — one of the two above
    assert site.as_(INSIDER).get("/moi").status_code == 303
    assert site.as_(INSIDER).get(f"/discussions/{circle.thread}").status_code == 404
    assert act(site, INSIDER, "/discussions/1/repondre", {"body": "x"}) == 403
    assert site.as_(INSIDER).get("/personnes/suggestions?q=jo").status_code == 303


def test_a_discussion_that_moved_away_while_one_wrote_takes_no_reply(site: Site) -> None:
    circle = circle_of(site)
    path = site.thread("La reddition")
    number = path.removeprefix("/discussions/").partition("-")[0]
    assert site.as_("karine").get(f"/discussions/{number}/repondre").status_code == 200
    sql(
        site,
        "UPDATE thread SET space_id = (SELECT id FROM space WHERE slug = $1) WHERE id = $2",
        circle.space,
        int(number),
    )
    for place, form in (("repondre", {"body": "Encore?"}), ("lu", {}), ("suivre", {"follow": "1"})):
        response = site.as_("karine").post(f"/discussions/{number}/{place}", data=form)
        assert response.status_code == 404, place
    # What she wrote is given back all the same.
    assert "Encore?" in site.as_("karine").post(f"/discussions/{number}/repondre", data={"body": "Encore?"}).text


def test_a_capacity_that_ended_is_not_spoken_in(site: Site) -> None:
    sql(site, "UPDATE membership SET ended_on = current_date")
    posted = site.as_("maryse").post("/discussions/1/repondre", data={"body": "En mon nom."}, follow_redirects=False)
    assert posted.status_code == 303
    assert site.ask("SELECT organization_id FROM post WHERE body_md = 'En mon nom.'") is None
    assert site.ask("SELECT relation FROM post WHERE body_md = 'En mon nom.'") is None


_WHILE_IT_MOVES = {
    "repondre": {"body": "Encore?"},
    "titre": {"title": "Pris"},
    "verrouiller": {"reason": "x"},
    "changer-espace": {"space": "outils"},
    "m/2/modifier": {"body": "Autrement dit."},
    "m/2/retirer": {"reason": "x"},
    "m/2/separer": {"title": "Pris", "kind": "question"},
    "m/3/deplacer": {"parent": "2"},
    "m/2/besoin": {"value": "1"},
}


@pytest.mark.parametrize("path", _WHILE_IT_MOVES)
def test_an_act_that_waits_while_its_discussion_goes_behind_a_door_does_not_happen(site: Site, path: str) -> None:
    circle, who = circle_of(site), MODERATOR
    started = site.as_(who).post(
        "/discussions/nouvelle", data={"space": "pratiques", "kind": "question", "title": "Un titre", "body": "Début."}
    )
    thread = int(started.headers["location"].rpartition("/")[2])
    for _ in range(2):
        assert site.as_(who).post(f"/discussions/{thread}/repondre", data={"body": "Suite."}).status_code == 303
    before = site.ask("SELECT array_agg((seq, parent_seq, removed_at, body_md)::text) FROM post")

    gone = Event()

    async def go_behind_the_door(db: Db) -> None:
        await db.connection.execute(
            "UPDATE thread SET space_id = (SELECT id FROM space WHERE slug = $1) WHERE id = $2", circle.space, thread
        )
        gone.set()
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        async with asyncio.timeout(20):
            while not await db.connection.fetchval(waiting):
                await db.connection.execute("SELECT pg_sleep(0.02)")

    with ThreadPoolExecutor(1) as other:
        moving = other.submit(site.write, go_behind_the_door)
        assert gone.wait(30)
        status = act(site, who, f"/discussions/{thread}/{path}", _WHILE_IT_MOVES[path])
        moving.result(30)
    assert status == 409
    assert site.ask("SELECT array_agg((seq, parent_seq, removed_at, body_md)::text) FROM post") == before
    title, locked = (
        site.ask("SELECT title FROM thread WHERE id = $1", thread),
        "SELECT locked_at FROM thread WHERE id = $1",
    )
    assert (title, site.ask(locked, thread)) == ("Un titre", None)

"""What is deleted, by whoever added it, by time or with its subject, is gone from every page and from the store."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from maillage.core import clock, jobs
from maillage.core.db import Db
from maillage.core.errors import NotHere, Unavailable
from maillage.core.files import commands
from maillage.core.files.comparing import differences
from maillage.core.files.store import Store
from maillage.web import worker
from tests.conftest import Site
from tests.uploads import ALT, NAME, key_of, store, stored_keys, upload
from tests.web.test_files_served import shown_in, statuses, write

WAITING = "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'delete-file'"


def work_off(site: Site) -> None:
    """Do what the worker would: the jobs that wait."""

    async def act() -> None:
        database = site.app.state.database
        tools = jobs.Tools(database, site.settings)
        async with database.reading() as db:
            waiting = await db.connection.fetch(
                "SELECT id, convert_from(payload, 'UTF8')::jsonb AS payload FROM pgqueuer WHERE entrypoint = $1",
                "delete-file",
            )
        for row in waiting:
            await jobs.REGISTRY["delete-file"].work(tools, row["payload"])
            async with database.writing() as db:
                await db.connection.execute("DELETE FROM pgqueuer WHERE id = $1", row["id"])

    assert site.stranger.portal is not None
    site.stranger.portal.call(act)


def later(site: Site, passed: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    """The night's work, that much later."""
    now = clock.now() + passed
    monkeypatch.setattr(clock, "now", lambda: now)

    async def act() -> None:
        await worker.purge(site.app.state.database, site.settings)

    assert site.stranger.portal is not None
    site.stranger.portal.call(act)


def test_whoever_added_it_deletes_it_from_where_it_is_shown(site: Site) -> None:
    path, number = shown_in(site, "maryse")
    page = site.stranger.get(f"/discussions/{number}").headers["location"]
    assert path in site.stranger.get(page).text
    key = path.split("/")[2]
    assert "ne revient pas" in site.as_("maryse").get(f"/moi/fichiers/{key}/retirer").text
    assert write(site, "maryse", f"/moi/fichiers/{key}/retirer") == "/moi/fichiers"
    assert set(statuses(site, path).values()) == {404}
    after = site.stranger.get(page).text
    assert (path in after, "<p>Nous</p>" in after) == (False, True)
    work_off(site)
    assert stored_keys(site) == set()
    assert site.ask("SELECT count(*) FROM stored_file") == 0


@pytest.mark.parametrize("who", ["karine", "etienne", "sofia"])
def test_nobody_else_does(site: Site, who: str) -> None:
    path, _number = shown_in(site, "maryse")
    address = f"/moi/fichiers/{path.split('/')[2]}/retirer"
    assert site.as_(who).get(address).status_code == site.as_(who).post(address).status_code == 404
    assert set(statuses(site, path).values()) == {200}


def test_no_word_about_it_outlives_it(site: Site) -> None:
    key = key_of(upload(site.as_("maryse"), fields={"credit": "Ana Roy"}))
    write(site, "maryse", f"/moi/fichiers/{key}/retirer")
    left = site.ask("SELECT to_jsonb(f)::text FROM stored_file AS f")
    assert not any(word in left for word in (ALT, "Ana Roy", NAME))
    jobs_left = site.ask("SELECT string_agg(convert_from(payload, 'UTF8'), '') FROM pgqueuer")
    assert key in jobs_left


@pytest.mark.parametrize(("passed", "left"), [(timedelta(hours=23, minutes=59), 1), (timedelta(hours=25), 0)])
def test_what_no_text_shows_goes_after_a_day(
    site: Site, monkeypatch: pytest.MonkeyPatch, passed: timedelta, left: int
) -> None:
    path = f"/fichiers/{key_of(upload(site.as_('maryse')))}/{NAME}"
    shown, _number = shown_in(site, "maryse")
    browser = site.as_("maryse")
    later(site, passed, monkeypatch)
    work_off(site)
    assert len(stored_keys(site)) == left + 1
    assert browser.get(path).status_code == (200 if left else 404)
    assert browser.get(shown).status_code == 200


def test_what_an_edit_let_go_has_a_day_from_then(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    path, number = shown_in(site, "maryse")
    site.write(lambda db: db.connection.execute("UPDATE stored_file SET created_at = now() - interval '1 year'"))
    write(site, "maryse", f"/discussions/{number}/m/1/modifier", body="Sans image.", revisions="0")
    later(site, timedelta(hours=23), monkeypatch)
    work_off(site)
    assert len(stored_keys(site)) == 1
    later(site, timedelta(hours=2), monkeypatch)
    work_off(site)
    assert stored_keys(site) == set()
    assert path


def test_erasing_a_subject_takes_all_of_its_files(site: Site) -> None:
    path, number = shown_in(site, "maryse")
    other, _number = shown_in(site, "maryse")
    post = site.ask("SELECT id FROM post WHERE thread_id = $1 AND seq = 1", number)
    site.write(lambda db: commands.remove_all(db, kind="post", subject_id=post, now=clock.now()))
    assert (site.stranger.get(path).status_code, site.stranger.get(other).status_code) == (404, 200)
    work_off(site)
    assert stored_keys(site) == {other.split("/")[2]}


def test_a_removal_that_is_undone_deletes_nothing(site: Site) -> None:
    path, number = shown_in(site, "maryse")
    post = site.ask("SELECT id FROM post WHERE thread_id = $1 AND seq = 1", number)

    async def act(db: Db) -> None:
        await commands.remove_all(db, kind="post", subject_id=post, now=clock.now())
        raise NotHere

    with pytest.raises(NotHere):
        site.write(act)
    assert site.ask(WAITING) == 0
    assert site.stranger.get(path).status_code == 200


def test_a_store_that_lets_nothing_go_is_asked_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    key = key_of(upload(site.as_("maryse")))
    write(site, "maryse", f"/moi/fichiers/{key}/retirer")

    async def away(_store: Store, _key: str) -> None:
        raise Unavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(Store, "delete", away)
        with pytest.raises(Unavailable):
            work_off(site)
        assert site.ask("SELECT count(*) FROM stored_file WHERE removed_at IS NOT NULL") == 1
    # Even where the job was given up: the night writes another.
    site.write(lambda db: db.connection.execute("DELETE FROM pgqueuer"))
    later(site, timedelta(), monkeypatch)
    work_off(site)
    assert stored_keys(site) == set()
    assert site.ask("SELECT count(*) FROM stored_file") == 0


def test_what_is_written_down_and_what_is_kept_are_compared(site: Site) -> None:
    key = key_of(upload(site.as_("maryse")))

    async def compare(db: Db) -> Any:
        return await differences(db, store(site))

    assert site.stranger.portal is not None
    assert site.write(compare).lost == site.write(compare).unknown == []
    site.stranger.portal.call(lambda: store(site).put("f" * 32, "document", b"x"))
    site.stranger.portal.call(lambda: store(site).delete(key))
    found = site.write(compare)
    assert (found.lost, found.unknown) == ([key], ["f" * 32])
    # A reader meets a missing page, not a fault.
    assert site.as_("maryse").get(f"/fichiers/{key}/{NAME}").status_code == 404


def test_ones_own_list(site: Site) -> None:
    assert "aucun fichier" in site.as_("maryse").get("/moi/fichiers").text
    loose = key_of(upload(site.as_("maryse"), "Libre.jpg"))
    shown_in(site, "maryse")
    key_of(upload(site.as_("karine"), "Autre.jpg"))
    page = site.as_("maryse").get("/moi/fichiers").text
    assert (loose in page, NAME in page, "Autre.webp" in page) == (True, True, False)
    assert ("visible pour vous seulement" in page, "dans un texte" in page) == (True, True)
    assert site.stranger.get("/moi/fichiers").status_code == 303


def test_two_texts_cannot_take_the_same_file(site: Site) -> None:
    key = key_of(upload(site.as_("maryse")))
    who = site.ask("SELECT id FROM person WHERE handle = 'maryse'")

    async def both() -> list[int]:
        async def take(subject: int) -> int:
            async with site.app.state.database.writing() as db:
                await commands.usable(db, keys=[key], uploaded_by_id=who, kind="post")
                await asyncio.sleep(0.05)
                return await commands.attach(db, keys=[key], uploaded_by_id=who, kind="post", subject_id=subject)

        return list(await asyncio.gather(take(1), take(2)))

    assert site.stranger.portal is not None
    assert sorted(site.stranger.portal.call(both)) == [0, 1]

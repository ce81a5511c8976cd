"""Pages are kept for everybody: of nobody in particular, and never older than the database."""

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.testclient import TestClient

from maillage.core.kept import KeptPage
from maillage.web.app import create_app
from tests.conftest import BASE_URL, Site
from tests.forum import acts

SPACE = "/discussions/espaces/pratiques"


@contextmanager
def another_process(site: Site) -> Iterator[TestClient]:
    """A second application on the same database, with a memory of its own."""
    browser = TestClient(create_app(site.settings), base_url=BASE_URL, follow_redirects=False)
    with browser:
        yield browser


def of_nobody(site: Site) -> list[bytes]:
    """Everything that this process keeps of pages: the bytes between the gaps."""
    pages = site.app.state.kept_pages._pages.values()
    return [piece for page in pages if isinstance(page, KeptPage) for piece in page.pieces]


def test_nothing_of_any_reader_is_in_what_is_kept(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 2, who="josee")
    path = acts.path_of(site, thread_id)
    acts.press(
        site, "felix", "/discussions/brouillon", place=f"thread:{thread_id}", sequence=1, body="Le secret de Félix"
    )
    acts.press(site, "felix", "/discussions/brouillon", place="space:pratiques", sequence=1, body="Le secret de Félix")
    acts.done(acts.press(site, "felix", f"/discussions/{thread_id}/lu", seqs="1-2"))
    names = [site.ask("SELECT name FROM person WHERE handle = $1", handle) for handle in ("felix", "etienne")]
    handles = ("felix", "etienne")
    for address in (path, f"{path}?ordre=date", SPACE, "/", "/discussions"):
        for browser in (site.as_("felix"), site.as_("etienne"), site.stranger):
            assert browser.get(address).status_code == 200
    # The discussion itself is josee's, and ibrahima's.
    kept = b"".join(
        piece
        for key, page in site.app.state.kept_pages._pages.items()
        if isinstance(page, KeptPage) and key[:2] == ("thread", thread_id)
        for piece in page.pieces
    ).decode()
    assert "Voici comment." in kept
    for secret in (*names, *(f"/personnes/{handle}" for handle in handles), 'request_key" value="k', " unread"):
        assert secret not in kept
    for piece in of_nobody(site):
        assert "Le secret de Félix".encode() not in piece


def test_between_the_gaps_everybody_gets_the_same_bytes(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 2, who="josee")
    path = acts.path_of(site, thread_id)
    acts.done(acts.press(site, "felix", f"/discussions/{thread_id}/lu", seqs="1-2"))
    for address in (path, SPACE):
        pages = {browser.get(address).content for browser in (site.stranger, site.as_("felix"), site.as_("josee"))}
        assert len(pages) == 3
        key = ("thread", thread_id) if address == path else ("space",)
        kept = next(
            page
            for known, page in site.app.state.kept_pages._pages.items()
            if isinstance(page, KeptPage) and known[: len(key)] == key
        )
        for page in pages:
            place = 0
            for piece in kept.pieces:
                found = page.find(piece, place)
                assert found >= 0
                place = found + len(piece)


def test_what_one_reader_gets_holds_nothing_of_the_other(site: Site) -> None:
    thread_id = acts.start(site, "josee")
    acts.press(site, "felix", "/discussions/brouillon", place=f"thread:{thread_id}", sequence=1, body="Mots de Félix")
    path = acts.path_of(site, thread_id)
    name = site.ask("SELECT name FROM person WHERE handle = 'felix'")
    assert "Mots de Félix" in site.as_("felix").get(path).text
    for browser in (site.as_("karine"), site.stranger, site.as_("josee")):
        page = browser.get(path).text
        assert "Mots de Félix" not in page
        assert name not in page


def test_a_change_by_anybody_shows_at_the_very_next_look_in_every_process(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    path = acts.path_of(site, thread_id)

    def look(browser: TestClient) -> dict[str, str]:
        return {address: browser.get(address).text for address in (path, f"{path}?ordre=date", SPACE, "/")}

    with another_process(site) as elsewhere:
        look(elsewhere)
        acts.done(acts.press(site, "felix", f"/discussions/{thread_id}/repondre", body="Tout juste dit"))
        seen = look(elsewhere)
        assert "Tout juste dit" in seen[path]
        assert "Tout juste dit" in seen[f"{path}?ordre=date"]
        name = site.ask("SELECT name FROM person WHERE handle = 'felix'")
        assert name in seen[SPACE]
        acts.done(acts.press(site, "felix", f"/discussions/{thread_id}/m/3/retirer"))
        assert all("Tout juste dit" not in page for page in look(elsewhere).values())
        acts.done(acts.press(site, "etienne", f"/discussions/{thread_id}/verrouiller", reason="Un motif bien à soi"))
        assert "Un motif bien à soi" in look(elsewhere)[path]


def test_a_person_who_changes_her_name_is_called_by_the_new_one(site: Site) -> None:
    thread_id = acts.start(site, "josee")
    path = acts.path_of(site, thread_id)
    old = site.ask("SELECT name FROM person WHERE handle = 'josee'")
    assert old in site.stranger.get(path).text
    form = {"name": "Josée Autrement", "locale": "fr-CA", "title": "", "region": "mauricie", "relation": ""}
    acts.done(acts.press(site, "josee", "/moi", **form))
    assert "Josée Autrement" in site.stranger.get(path).text


def test_an_unchanged_page_costs_its_reader_nothing(site: Site) -> None:
    thread_id = acts.start(site)
    for address in (acts.path_of(site, thread_id), SPACE, "/"):
        first = site.stranger.get(address)
        tag = first.headers["etag"]
        again = site.stranger.get(address, headers={"if-none-match": tag})
        assert (again.status_code, again.content) == (304, b"")
        acts.reply(site, thread_id)
        assert site.stranger.get(address, headers={"if-none-match": tag}).status_code == 200


def test_each_page_order_and_language_has_a_validator_of_its_own(site: Site) -> None:
    thread_id = acts.conversation(site, *[1] * 55)
    path = acts.path_of(site, thread_id)
    tags = {
        site.stranger.get(f"{path}{query}", headers={"cookie": cookie}).headers["etag"]
        for query in ("", "?page=2", "?ordre=date", "?ordre=date&page=2")
        for cookie in ("", "langue=en")
    }
    assert len(tags) == 8


def test_a_readers_page_has_no_validator_and_is_kept_by_nothing_in_between(site: Site) -> None:
    headers = site.as_("felix").get(acts.path_of(site, acts.start(site))).headers
    assert "etag" not in headers
    assert headers["cache-control"] == "private, no-cache"
    assert "Cookie" in headers["vary"]


def test_a_page_of_a_closed_group_is_for_its_members_however_it_was_kept(site: Site) -> None:
    thread_id = acts.start(site, "nadege", space="cercle-du-jeudi")
    path = acts.path_of(site, thread_id)
    assert site.as_("josee").get(path).status_code == 200
    for browser in (site.stranger, site.as_("marc-antoine"), site.as_("etienne")):
        assert browser.get(path).status_code == 404
    josee = acts.viewer(site, "josee").id
    site.ask("DELETE FROM space_member WHERE person_id = $1", josee)
    assert site.as_("josee").get(path).status_code == 404


def test_words_cannot_open_a_gap(site: Site) -> None:
    thread_id = acts.start(site, body="Voici \x02deadbeef:own:1\x03 et {{ slot('account') }} {% raw %}")
    page = site.as_("felix").get(acts.path_of(site, thread_id)).text
    assert "slot(" in page
    name = site.ask("SELECT name FROM person WHERE handle = 'felix'")
    assert name not in page[page.index('id="m-1"') :].partition("</article>")[0]


def test_gaps_leave_no_trace(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    for address in (acts.path_of(site, thread_id), SPACE, "/", "/discussions"):
        for browser in (site.stranger, site.as_("felix")):
            assert not re.search(rb"[\x02\x03]", browser.get(address).content)


def test_packed_and_unpacked_are_the_same_page(site: Site, tmp_path: Path) -> None:
    path = acts.path_of(site, acts.start(site))
    with site.stranger.stream("GET", path, headers={"accept-encoding": "gzip"}) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        packed = b"".join(answer.iter_raw())
    plain = site.stranger.get(path, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(packed) == plain.content

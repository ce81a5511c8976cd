"""Pages are kept for everybody; nothing of one reader, of what she asked or how, shows to the next."""

import re

import pytest

from maillage.core.kept import KeptPages
from tests.abuse.acts.asking import FACILITATOR, INSIDER, MODERATOR
from tests.abuse.conftest import circle_of, plain
from tests.conftest import Site

_SEEN_BY_ALL = ("/", "/discussions", "/discussions/espaces/pratiques", "/discussions/espaces/questions-vives")


def paths(site: Site) -> list[str]:
    thread = site.thread("La reddition")
    return [*_SEEN_BY_ALL, thread, thread + "?ordre=date"]


def asked(site: Site, who: str, path: str, **headers: str) -> object:
    browser = site.as_(who) if who else site.stranger
    return plain(browser.get(path, headers={"Accept-Encoding": "identity", **headers}))


@pytest.mark.parametrize("first", [MODERATOR, FACILITATOR, INSIDER, "linda"])
@pytest.mark.parametrize("then", ["", "karine"])
def test_whoever_read_before_leaves_no_trace(site: Site, first: str, then: str) -> None:
    alone = {}
    for path in paths(site):
        site.app.state.kept_pages = KeptPages()
        alone[path] = asked(site, then, path)
    site.app.state.kept_pages = KeptPages()
    for path in paths(site):
        asked(site, first, path)
    for path in paths(site):
        assert asked(site, then, path) == alone[path], path
    name = site.ask("SELECT name FROM person WHERE handle = $1", first)
    assert f"<span>{name}</span></summary>" not in str(alone)


def test_languages_and_orders_are_kept_apart(site: Site) -> None:
    thread = site.thread("La reddition")
    seen: dict[tuple[str, str], str] = {}
    for language in ("fr-CA", "en", "fr-CA", "en"):
        site.stranger.cookies.clear()
        site.stranger.cookies.set("langue", language)
        for query in ("", "?ordre=date"):
            page = site.stranger.get(thread + query)
            assert f'<html lang="{language}">' in page.text
            assert ("in-time" in page.text) is bool(query)
            assert seen.setdefault((language, query), page.text) == page.text
    assert len(set(seen.values())) == 4


@pytest.mark.parametrize("path", _SEEN_BY_ALL)
def test_a_validator_stands_for_one_language(site: Site, path: str) -> None:
    thread = site.thread("La reddition")
    for where in (path, thread):
        validators = {}
        for language in ("fr-CA", "en"):
            headers = {"Cookie": f"langue={language}"}
            validators[language] = site.stranger.get(where, headers=headers).headers["etag"]
            unchanged = site.stranger.get(where, headers=headers | {"If-None-Match": validators[language]})
            assert unchanged.status_code == 304
        turned = {"Cookie": "langue=en", "If-None-Match": validators["fr-CA"]}
        assert '<html lang="en">' in site.stranger.get(where, headers=turned).text


@pytest.mark.parametrize("who", ["", "karine"])
def test_what_one_person_asks_for_is_not_told_to_the_next(site: Site, who: str) -> None:
    """Addresses carry what people came from: a campaign, an address, a token that was pasted along."""
    for path in paths(site):
        separator = "&" if "?" in path else "?"
        (site.as_(who) if who else site.stranger).get(f"{path}{separator}jeton=zibeline&x=%22%3E%3Cscript%3E")
        for reader in (site.stranger, site.as_("linda")):
            again = reader.get(path)
            assert "zibeline" not in again.text, path
            assert "zibeline" not in str(again.headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher", "Forwarded": "host=evil.example"},
        {"X-Original-URL": "/moderation", "X-Rewrite-URL": "/moderation"},
        {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", "Via": "evil.example"},
        {"Referer": "http://evil.example/", "Origin": "http://evil.example"},
        {"Accept-Language": "en", "User-Agent": "<script>alert(1)</script>"},
        {"X-HTTP-Method-Override": "DELETE", "Purpose": "prefetch"},
        {"Cookie": "langue=<script>; session=zibeline; langue=evil.example"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_no_header_reaches_a_kept_page(site: Site, headers: dict[str, str]) -> None:
    before = {}
    for path in paths(site):
        site.app.state.kept_pages = KeptPages()
        before[path] = asked(site, "", path)
    site.app.state.kept_pages = KeptPages()
    for path in paths(site):
        touched = site.stranger.get(path, headers=headers)
        assert touched.status_code == 200
        assert "evil.example" not in touched.text
    for path in paths(site):
        assert asked(site, "", path) == before[path], path


def test_nothing_between_may_keep_what_is_somebodys(site: Site) -> None:
    circle = circle_of(site)
    personal = [*paths(site), f"/discussions/{circle.thread}-{circle.slug}", "/moi", "/discussions/brouillons"]
    for path in personal:
        response = site.as_(INSIDER).get(path)
        assert response.status_code == 200
        kept = response.headers["cache-control"]
        assert "private" in kept or "no-store" in kept, path
        assert "public" not in kept
    for path in paths(site):
        response = site.stranger.get(path)
        assert response.headers["cache-control"] == "no-cache"
        assert "Cookie" in response.headers["vary"]
        # A validator that a stranger was given does not stand for somebody's own page.
        own = site.as_(INSIDER).get(path, headers={"If-None-Match": response.headers["etag"]})
        assert own.status_code == 200
    for path in ("/rien", f"/discussions/{circle.thread}", "/discussions/1/repondre"):
        assert "public" not in site.stranger.get(path).headers.get("cache-control", "")


def test_a_stranger_cannot_be_shown_a_page_of_the_circle_that_is_kept(site: Site) -> None:
    circle = circle_of(site)
    inside = (f"/discussions/{circle.thread}-{circle.slug}", f"/discussions/espaces/{circle.space}")
    for path in inside:
        assert site.as_(INSIDER).get(path).status_code == 200
    for path in inside:
        for query in ("", "?page=1", "?ordre=date", "?apres=", "?langue=fr-CA"):
            assert site.stranger.get(path + query, follow_redirects=True).status_code == 404
            assert site.as_(MODERATOR).get(path + query, follow_redirects=True).status_code == 404


@pytest.mark.parametrize("path", ["/", "/discussions", "/moi", "/rien", "/static/css/base.css"])
def test_head_says_what_get_says(shared: Site, path: str) -> None:
    for browser in (shared.stranger, shared.as_("maryse")):
        got, head = browser.get(path), browser.head(path)
        assert head.text == ""
        assert head.status_code == got.status_code
        left_out = {"x-request-id", "date", "content-length", "x-queries"}
        assert {k: v for k, v in head.headers.items() if k not in left_out} == {
            k: v for k, v in got.headers.items() if k not in left_out
        }


@pytest.mark.parametrize("chosen", ["en\r\nX: y", "<b>", "de", "EN", "en,fr", '"en"', "%65n", "", "en" * 500])
def test_a_language_is_one_of_ours_or_nothing(shared: Site, chosen: str) -> None:
    response = shared.stranger.get("/a-propos", params={"langue": chosen})
    assert "set-cookie" not in response.headers
    plainly = chosen.encode("latin-1").replace(b"\r", b"").replace(b"\n", b"")
    response = shared.stranger.get("/a-propos", headers={b"Cookie": b"langue=" + plainly})
    assert re.findall(r'<html lang="([^"]*)">', response.text) == ["fr-CA"]


@pytest.mark.parametrize(
    "path", ["//evil.example/x", "/\\evil.example", "/%5Cevil.example", "/%2F%2Fevil.example/%2e%2e"]
)
def test_choosing_a_language_leads_nowhere_else(shared: Site, path: str) -> None:
    response = shared.stranger.get(f"http://testserver{path}?langue=en&x=%0d%0aSet-Cookie:%20a=b")
    assert response.status_code == 303
    location = response.headers["location"]
    assert re.match(r"/(?![/\\])", location)
    assert "\n" not in location
    assert response.headers.get_list("set-cookie") == [response.headers["set-cookie"]]

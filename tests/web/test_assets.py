"""Style sheets, scripts and fonts: kept by browsers as long as they are what their address says."""

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from maillage.core.pages import STATIC_DIR, static
from maillage.web.app import create_app
from tests.conftest import BASE_URL, Cluster, settings_for


@pytest.fixture(scope="module")
def browser(cluster: Cluster, empty_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    name = cluster.make(empty_template)
    settings = settings_for(cluster.address(name), tmp_path_factory.mktemp("assets"))
    with TestClient(create_app(settings), base_url=BASE_URL) as browser:
        yield browser
    cluster.drop(name)


def test_what_a_page_asks_for_is_there_and_kept_for_ever(browser: TestClient) -> None:
    wanted = set(re.findall(r'(?:href|src)="(/static/[^"]+\?v=[^"]+)"', browser.get("/a-propos").text))
    assert wanted
    for address in wanted:
        answer = browser.get(address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_old_fingerprint_is_not_kept(browser: TestClient) -> None:
    """While a new version is put in place, a page of one version may ask a process of the other."""
    answer = browser.get("/static/css/base.css?v=000000000000")
    assert answer.headers["cache-control"] == "no-cache"


def test_an_unchanged_file_is_not_sent_again(browser: TestClient) -> None:
    first = browser.get("/static/css/base.css")
    again = browser.get("/static/css/base.css", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_files_travel_compressed(browser: TestClient) -> None:
    plain = browser.get("/static/css/base.css", headers={"accept-encoding": "identity"})
    zipped = browser.get("/static/css/base.css")
    assert zipped.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert int(zipped.headers["content-length"]) < int(plain.headers["content-length"])
    assert plain.content == zipped.content == (STATIC_DIR / "css" / "base.css").read_bytes()


def test_kinds_are_said(browser: TestClient) -> None:
    assert browser.get("/static/css/base.css").headers["content-type"] == "text/css; charset=utf-8"
    assert browser.get("/static/js/keys.js").headers["content-type"] == "text/javascript; charset=utf-8"
    assert browser.get("/static/img/favicon.svg").headers["content-type"] == "image/svg+xml"
    fonts = sorted((STATIC_DIR / "fonts").glob("*.woff2"))
    assert browser.get(f"/static/fonts/{fonts[0].name}").headers["content-type"] == "font/woff2"


@pytest.mark.parametrize(
    "path", ["", "css", "css/", "../core/config.py", "css/../../core/config.py", "css/base.css/", "/etc/passwd"]
)
def test_nothing_else_can_be_named(browser: TestClient, path: str) -> None:
    assert browser.get(f"/static/{path}").status_code == 404


def test_fingerprints_in_pages_are_those_of_the_files(browser: TestClient) -> None:
    assert browser.get(static("css/base.css")).headers["cache-control"].endswith("immutable")

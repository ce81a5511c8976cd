"""Even if words once came to run, the browser would refuse: every answer says so, and no page needs otherwise."""

import pytest
from httpx2 import Response

from tests.abuse.acts.all import act_of, posting_routes
from tests.abuse.acts.asking import FACILITATOR, INSIDER, MODERATOR, STRANGER
from tests.abuse.conftest import browser, dangers, patient
from tests.abuse.test_28_looking_changes_nothing import addresses
from tests.conftest import Site

_TROUBLES = [
    ("GET", "/rien", {}),
    ("GET", "/discussions/999999", {}),
    ("GET", "/discussions/x%00", {}),
    ("GET", "/" + "x" * 2000, {}),
    ("POST", "/discussions", {}),
    ("POST", "/moi", {"Origin": "null"}),
    ("POST", "/moi", {"Content-Type": "text/plain"}),
    ("POST", "/moi", {"Content-Length": "99999999"}),
    ("GET", "/static/rien", {}),
    ("GET", "/rien", {"Referer": "http://["}),
    ("HEAD", "/", {}),
    ("OPTIONS", "/", {}),
    ("TRACE", "/", {}),
]


def strict(response: Response) -> None:
    headers = response.headers
    said = [value.strip() for value in headers["content-security-policy"].split(";")]
    policy = {name: values for name, _, values in (value.partition(" ") for value in said)}
    assert policy["default-src"] == "'none'"
    if "sandbox" in policy:
        # A file that somebody added: it may load, run and send nothing at all.
        assert policy == {"sandbox": "", "default-src": "'none'"}
        assert headers["x-content-type-options"] == "nosniff"
        return
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["form-action"].startswith("'self'")
    assert "unsafe" not in headers["content-security-policy"]
    assert "*" not in headers["content-security-policy"].replace("127.0.0.1:*", "").replace("localhost:*", "")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert len(headers.get_list("content-security-policy")) == 1
    if "text/html" in headers.get("content-type", ""):
        assert dangers(response.text) == []


@pytest.mark.parametrize("handle", [STRANGER, INSIDER, MODERATOR, FACILITATOR])
@pytest.mark.parametrize("language", ["fr-CA", "en"])
def test_every_page_is_strict_and_needs_nothing_else(site: Site, handle: str, language: str) -> None:
    who = browser(site, handle)
    who.cookies.set("langue", language)
    for path in addresses(site, handle):
        strict(who.get(path))


@pytest.mark.parametrize(("method", "path", "headers"), _TROUBLES)
def test_every_problem_is_strict(shared: Site, method: str, path: str, headers: dict[str, str]) -> None:
    strict(shared.stranger.request(method, path, headers=headers))


@pytest.mark.parametrize("name", posting_routes())
def test_every_act_is_strict(shared: Site, name: str) -> None:
    act = act_of(shared, name)
    patient(shared)
    strict(browser(shared, act.who).post(act.path, data={"body": ""}))


def test_a_fault_of_ours_is_strict(site: Site) -> None:
    site.write(lambda db: db.connection.execute("ALTER TABLE thread RENAME TO elsewhere"))
    response = site.stranger.get("/discussions/1")
    assert response.status_code == 500
    strict(response)
    assert "elsewhere" not in response.text
    assert "asyncpg" not in response.text

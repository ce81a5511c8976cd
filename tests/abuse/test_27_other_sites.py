"""Another site’s page cannot make a member’s browser act here, at any route that changes something."""

import pytest

from tests.abuse.acts.all import act_of, posting_routes
from tests.abuse.changes import acts
from tests.abuse.conftest import browser, named, patient
from tests.conftest import BASE_URL, Site

_ELSEWHERE = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": BASE_URL},
    {"Sec-Fetch-Site": "Same-Origin"},
    {"Sec-Fetch-Site": ""},
    {"Sec-Fetch-Site": "same-origin, cross-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": f"{BASE_URL}.evil.example"},
    {"Origin": f"{BASE_URL}:8000"},
    {"Origin": "http://evil.example/testserver"},
    {"Origin": f"https://evil.example, {BASE_URL}"},
    {"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"},
]
_HERE: list[dict[str, str]] = [
    {},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "same-origin", "Origin": BASE_URL},
    {"Origin": BASE_URL},
]
_REFUSAL = "Cette requête vient d’un autre site"


@pytest.mark.parametrize("name", posting_routes())
def test_a_request_from_elsewhere_does_nothing(shared: Site, name: str) -> None:
    act = act_of(shared, name)
    who = browser(shared, act.who)
    shared.write(acts)
    for headers in _ELSEWHERE:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            response = who.request(method, act.path, data=act.form or {}, headers=headers)
            assert response.status_code == 403, (method, headers)
            assert _REFUSAL in response.text
            # Repeating it must not be one click away.
            assert "<textarea" not in response.text
            assert "set-cookie" not in response.headers
    assert shared.write(acts) == []


@pytest.mark.parametrize("name", posting_routes())
def test_a_request_from_here_gets_through(shared: Site, name: str) -> None:
    for headers in _HERE:
        act = act_of(shared, name)
        patient(shared)
        response = browser(shared, act.who).post(act.path, data=act.form or {}, headers=headers)
        assert _REFUSAL not in response.text


def test_signing_out_ends_no_session_from_elsewhere(site: Site) -> None:
    who = site.as_("maryse")
    assert who.post("/deconnexion", headers={"Origin": "null"}).status_code == 403
    assert who.get("/moi").status_code == 200


def test_no_other_method_passes_for_looking(shared: Site) -> None:
    """A method that nobody thought of is not one that is let through unasked."""
    for method in ("DELETE", "PUT", "PATCH", "TRACE", "CONNECT", "PROPFIND", "X"):
        for path in ("/moi", "/deconnexion", "/discussions/nouvelle"):
            response = shared.as_("maryse").request(method, path, headers={"Sec-Fetch-Site": "cross-site"})
            assert response.status_code in {403, 405}, (method, path)


def test_a_method_in_a_field_or_a_header_is_only_words(shared: Site) -> None:
    before = shared.ask("SELECT count(*) FROM session")
    for headers in ({"X-HTTP-Method-Override": "POST"}, {"X-Method-Override": "POST"}):
        response = shared.as_("maryse").get("/deconnexion?_method=POST", headers=headers)
        assert response.status_code == 405
    assert shared.ask("SELECT count(*) FROM session") == max(before, 1)


def test_every_route_that_changes_something_is_asked() -> None:
    assert len(posting_routes()) > 30
    assert set(posting_routes()) <= named().keys()

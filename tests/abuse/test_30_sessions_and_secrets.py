"""Sessions are new at each sign-in and lead nowhere else; no secret is stored as it is (29, 30, 32, 45)."""

import re
from base64 import b64encode, urlsafe_b64encode
from datetime import timedelta
from typing import Any

import pytest

from maillage.auth import commands as auth
from maillage.auth.viewer import session_cookie
from maillage.core import clock
from maillage.core.db import Db
from tests.abuse.changes import tables
from tests.abuse.conftest import circle_of, patient, plain
from tests.conftest import Site

ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "https:evil.example",
    "http:/evil.example",
    "javascript:alert(1)",
    "/%2f/evil.example",
    "/%5cevil.example",
    "/%255cevil.example",
    "/.//evil.example",
    "/x/..//evil.example",
    "/\t/evil.example",
    "/\r\nLocation: //evil.example",
    "/%0d%0aSet-Cookie:session=x",
    "@evil.example",
    "/@evil.example",
    "//testserver@evil.example",
    "http://testserver.evil.example",
    "evil.example",
    " //evil.example",
    "/\u2028/evil.example",
    "／／evil.example",
    "/deconnexion",
    "/connexion/lien/x",
]


def link_for(site: Site, handle: str) -> str:
    token = site.write(lambda db: auth.issue_sign_in_link(db, handle=handle, now=clock.now()))
    return f"/connexion/lien/{token}"


def token_of(site: Site, browser: Any) -> str | None:
    """What this browser holds now: the cookie that it was given last."""
    name = session_cookie(site.settings)
    return next((cookie.value for cookie in reversed(list(browser.cookies.jar)) if cookie.name == name), None)


def with_token(site: Site, token: str) -> Any:
    """Another browser, with a token that somebody kept."""
    browser = site.new_browser("josee")
    browser.cookies.clear()
    browser.cookies.set(session_cookie(site.settings), token)
    return browser


def signed_in(site: Site, browser: Any, handle: str) -> str:
    """Sign this browser in through its front door; the token that it is given."""
    response = browser.post(link_for(site, handle))
    assert response.status_code == 303
    given = re.match(rf"{session_cookie(site.settings)}=([^;]+)", response.headers["set-cookie"])
    assert given is not None
    browser.cookies.clear()
    browser.cookies.set(session_cookie(site.settings), given[1])
    return given[1]


@pytest.mark.parametrize("path", ELSEWHERE)
def test_signing_in_leads_nowhere_else(shared: Site, path: str) -> None:
    for browser in (shared.stranger, shared.as_("maryse")):
        page = browser.get("/connexion", params={"suite": path})
        assert page.status_code == 200
        assert set(re.findall(r'name="suite" value="([^"]*)"', page.text)) <= {"/"}
        assert "evil.example" not in re.sub(r'href="\?[^"]*langue', "", page.text)
    patient(shared)
    provider = shared.ask("SELECT min(id) FROM provider")
    depart = shared.stranger.post(f"/connexion/fournisseur/{provider}", data={"suite": path})
    assert "evil.example" not in depart.text + depart.headers.get("location", "")


@pytest.mark.parametrize("path", ["/moi?x=//evil.example", "//evil.example/moi", "/discussions/nouvelle?espace=//evil"])
def test_being_asked_to_sign_in_leads_back_here(shared: Site, path: str) -> None:
    response = shared.stranger.get("http://testserver" + path)
    location = response.headers.get("location", "/")
    assert location.startswith("/")
    assert not location.startswith("//")
    if "suite=" in location:
        page = shared.stranger.get(location)
        assert set(re.findall(r'name="suite" value="(//[^"]*)"', page.text)) == set()


def test_the_session_is_new_at_each_sign_in_and_the_old_one_ends(site: Site) -> None:
    browser = site.new_browser("karine")
    karines = token_of(site, browser)
    maryses = signed_in(site, browser, "maryse")
    assert maryses not in {None, karines}
    for path in ("/moi", "/discussions/brouillons", "/moi/sessions", "/discussions/nouvelle"):
        page = browser.get(path)
        assert page.status_code == 200
        assert "Karine" not in page.text, path
    assert site.ask("SELECT string_agg(handle, ' ') FROM session JOIN person ON person.id = person_id") == "maryse"
    # The same person again: the old token is nobody's.
    assert signed_in(site, browser, "maryse") != maryses
    assert with_token(site, maryses).get("/moi").status_code == 303


def test_a_session_that_somebody_planted_is_not_taken_over(site: Site) -> None:
    planted = "p" * 43
    browser = with_token(site, planted)
    assert browser.get("/moi").status_code == 303
    assert signed_in(site, browser, "maryse") != planted
    assert with_token(site, planted).get("/moi").status_code == 303


@pytest.mark.parametrize("change", ["grant", "revoke", "suspend"])
def test_a_change_of_rights_ends_all_sessions(site: Site, change: str) -> None:
    who = site.as_("etienne")
    assert who.get("/moi").status_code == 200

    async def happen(db: Db) -> None:
        match change:
            case "grant":
                await auth.grant_role(db, handle="etienne", role="organizer", by=None, now=clock.now())
            case "revoke":
                await auth.revoke_role(db, handle="etienne", role="moderator")
            case _:
                await auth.suspend(db, handle="etienne", now=clock.now())

    site.write(happen)
    assert who.get("/moi").status_code == 303
    assert who.get("/moderation").status_code == 303


def test_signing_out_ends_it_for_whoever_kept_the_token(site: Site) -> None:
    browser = site.new_browser("maryse")
    token = token_of(site, browser)
    assert token is not None
    assert with_token(site, token).get("/moi").status_code == 200
    response = browser.post("/deconnexion")
    assert response.headers["clear-site-data"] == '"storage"'
    assert with_token(site, token).get("/moi").status_code == 303


def test_no_row_holds_a_cookie_or_a_token(site: Site) -> None:
    """A full evening, then every row of every table, in every way of writing a secret down."""
    browser = site.new_browser("maryse")
    secrets = [token_of(site, browser)]
    link = link_for(site, "maryse")
    secrets.append(link.rpartition("/")[2])
    secrets.append(signed_in(site, browser, "maryse"))
    unused = link_for(site, "karine")
    secrets.append(unused.rpartition("/")[2])
    state, mine = "s" * 20 + "tate" * 5 + "xyz", "b" * 20 + "rowser" * 3 + "xyzab"
    secrets += [state, mine]

    async def set_out(db: Db) -> None:
        await auth.begin_sign_in(
            db,
            provider_id=await db.connection.fetchval("SELECT min(id) FROM provider"),
            state=state,
            nonce="n",
            code_verifier="v",
            browser=mine,
            next_path="/",
            now=clock.now(),
        )

    site.write(set_out)
    circle = circle_of(site)
    thread = f"/discussions/{circle.thread}"
    headers = {"Authorization": "Bearer zibeline-secret", "X-Api-Key": "zibeline-secret"}
    secrets.append("zibeline-secret")
    for path, form in (
        ("/discussions/brouillon", {"place": "thread:1", "sequence": "4", "body": "Un brouillon."}),
        (f"{thread}/repondre", {"body": "Une réponse."}),
        (f"{thread}/m/2/signaler", {"reason": "À regarder."}),
        (f"{thread}/suivre", {"follow": "1"}),
        ("/moi", {"name": "Maryse", "title": "", "region": "", "relation": "", "locale": "fr-CA"}),
    ):
        assert browser.post(path, data=form, headers=headers).status_code in {204, 303}, path
    mine_there = browser.post(f"{thread}/repondre", data={"body": "Encore."}).headers["location"]
    removed = site.as_("nadege").post(f"{mine_there}/retirer", data={"reason": "Trop."})
    assert removed.status_code == 303
    secrets.append(token_of(site, site.as_("nadege")))

    async def everything(db: Db) -> str:
        held = "SELECT string_agg(to_jsonb(t)::text, '') FROM {} AS t"
        said = [await db.connection.fetchval(held.format(table)) for table in await tables(db)]
        return "\n".join(table or "" for table in said)

    stored = site.write(everything)
    assert "Un brouillon." in stored
    for secret in secrets:
        assert secret is not None
        plainly = secret.encode()
        written = {secret, plainly.hex(), b64encode(plainly).decode(), urlsafe_b64encode(plainly).decode()}
        for way in written:
            assert way not in stored
            assert way.encode().hex() not in stored


def test_links_that_serve_no_more_look_like_any_other(site: Site) -> None:
    used, expired, suspended = (link_for(site, who) for who in ("maryse", "karine", "linda"))
    assert site.new_browser("josee").post(used).status_code == 303

    async def age(db: Db) -> None:
        await db.connection.execute(
            "UPDATE sign_in_link SET expires_at = now() - $1::interval"
            " WHERE person_id = (SELECT id FROM person WHERE handle = 'karine')",
            timedelta(seconds=1),
        )
        await auth.suspend(db, handle="linda", now=clock.now())

    site.write(age)
    unknown = "/connexion/lien/" + "u" * len(used.rpartition("/")[2])
    for method in ("GET", "POST", "HEAD"):
        answers = []
        for link in (unknown, used, expired, suspended):
            patient(site)
            response = site.stranger.request(method, link)
            answers.append((*plain(response, link), response.headers["x-queries"]))
        assert answers == answers[:1] * 4, method
        assert answers[0][0] == (409 if method == "POST" else 200)


def test_setting_out_says_nothing_of_who_is_known(site: Site) -> None:
    provider = site.ask("SELECT min(id) FROM provider")
    answers = []
    for hint in ("maryse", "personne-ici", "maryse@example.org", "' or 1=1"):
        patient(site)
        response = site.stranger.post(f"/connexion/fournisseur/{provider}", data={"login_hint": hint})
        answers.append((*plain(response), response.headers["x-queries"]))
    assert answers == answers[:1] * 4

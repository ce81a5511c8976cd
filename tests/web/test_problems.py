"""Every problem is a page: what happened, a way back, a reference number that is in the log, and one's own words."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import asyncpg
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from maillage.core.answers import no
from maillage.core.db import reading
from maillage.core.errors import BadRequest, Gone, NotHere, Refused, TooMany, Unavailable
from maillage.core.forms import form_data
from maillage.core.languages import _, translations
from maillage.web.app import create_app
from tests.conftest import BASE_URL, Cluster, settings_for

WORDS = "Ce que j’ai écrit <b>ici</b> & là"


def asking_to_sign_in() -> None:
    no(_("Sign in to reply."), sign_in=True).or_refuse()


FAULTS: dict[str, Callable[[], Exception]] = {
    "not-here": NotHere,
    "refused": lambda: Refused(_("This discussion is closed.")),
    "bad": lambda: BadRequest(_("This address makes no sense here.")),
    "too-many": lambda: TooMany(42),
    "unavailable": lambda: Unavailable("the database does not answer"),
    "slow": lambda: asyncpg.QueryCanceledError("canceling statement due to statement timeout"),
    "full": lambda: asyncpg.TooManyConnectionsError("sorry, too many clients already"),
    "stopping": lambda: asyncpg.AdminShutdownError("terminating connection"),
    "closed": lambda: asyncpg.InterfaceError("pool is closed"),
    "too-wide": lambda: asyncpg.DataError("value out of int64 range"),
    "broken": lambda: ZeroDivisionError("'Maryse' <maryse@example.org>"),
    "teapot": lambda: HTTPException(418),
    "invalid": lambda: HTTPException(422),
}


async def fail(request: Request) -> Response:
    fault = FAULTS[request.path_params["fault"]]
    raise fault()


async def fail_after_reading(request: Request) -> Response:
    await form_data(request)
    fault = FAULTS[request.path_params["fault"]]
    raise fault()


async def fail_halfway(request: Request) -> Response:
    await request.body()
    raise ZeroDivisionError


async def sign_in_first(request: Request) -> Response:
    asking_to_sign_in()
    return PlainTextResponse("in")


async def not_you(request: Request) -> Response:
    no(_("Sign in to reply.")).or_refuse()
    return PlainTextResponse("in")


async def moved(request: Request) -> Response:
    raise Gone("/discussions/12-ailleurs")


async def sleepy(request: Request) -> Response:
    async with reading(request) as db:
        await db.connection.execute("select pg_sleep(5)")
    return PlainTextResponse("rested")


ROUTES = [
    Route("/essai/fautes/{fault}", fail, methods=["GET", "POST"]),
    Route("/essai/lues/{fault}", fail_after_reading, methods=["POST"]),
    Route("/essai/a-demi-lue", fail_halfway, methods=["POST"]),
    Route("/essai/connexion", sign_in_first, methods=["GET", "POST"]),
    Route("/essai/pas-vous", not_you, methods=["GET", "POST"]),
    Route("/essai/demenage", moved),
    Route("/essai/lent", sleepy),
]


@pytest.fixture(scope="module")
def browser(cluster: Cluster, empty_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A browser before an application in which things go wrong on demand. Nothing here writes, so that all share it."""
    name = cluster.make(empty_template)
    app = create_app(settings_for(cluster.address(name), tmp_path_factory.mktemp("problems"), statement_timeout_ms=200))
    app.router.routes[:0] = ROUTES
    with TestClient(app, base_url=BASE_URL, follow_redirects=False) as browser:
        yield browser
    cluster.drop(name)


def french(sentence: str) -> str:
    said = translations("fr-CA").gettext(sentence)
    assert said != sentence, f"{sentence} has no French"
    return said


STATUSES = {
    "not-here": 404,
    "refused": 409,
    "bad": 400,
    "too-many": 429,
    "unavailable": 503,
    "slow": 503,
    "full": 503,
    "stopping": 503,
    "closed": 503,
    "too-wide": 404,
    "broken": 500,
    "teapot": 400,
    "invalid": 422,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_its_status_and_a_way_back(browser: TestClient, fault: str) -> None:
    answer = browser.get(f"/essai/fautes/{fault}")
    assert answer.status_code == STATUSES[fault]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert 'href="/"' in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("path", "status", "title"),
    [
        ("bad", 400, "This request makes no sense"),
        ("not-here", 404, "Nothing here"),
        ("refused", 409, "No longer possible"),
        ("invalid", 422, "This cannot be accepted as it is"),
        ("too-many", 429, "One moment"),
        ("broken", 500, "Something broke on our side"),
        ("unavailable", 503, "Out of reach for a moment"),
    ],
)
def test_pages_speak_french_and_english(browser: TestClient, path: str, status: int, title: str) -> None:
    in_french = browser.get(f"/essai/fautes/{path}")
    in_english = browser.get(f"/essai/fautes/{path}", headers={"cookie": "langue=en"})
    assert (in_french.status_code, in_english.status_code) == (status, status)
    assert f"<h1>{title}</h1>" in in_english.text
    assert f"<h1>{french(title)}</h1>" in in_french.text
    assert '<html lang="fr-CA">' in in_french.text


def test_the_reference_number_on_the_page_is_in_the_log(browser: TestClient) -> None:
    with capture_logs() as lines:
        answer = browser.get("/essai/fautes/broken")
    [reference] = re.findall(r"<code>(\w+)</code>", answer.text)
    assert reference == answer.headers["x-request-id"]
    [request] = [line for line in lines if line["event"] == "request"]
    assert (request["id"], request["status"], request["log_level"]) == (reference, 500, "info")
    [fault] = [line for line in lines if line["event"] == "fault"]
    assert fault["fault"] == "ZeroDivisionError"
    assert any("fail" in frame for frame in fault["where"])


def test_a_fault_says_nothing_of_anybody_in_the_log(browser: TestClient) -> None:
    with capture_logs() as lines:
        browser.get("/essai/fautes/broken")
    assert "Maryse" not in str(lines)
    assert "example.org" not in str(lines)


def test_a_page_that_does_not_exist_is_a_page(browser: TestClient) -> None:
    answer = browser.get("/nulle-part")
    assert answer.status_code == 404
    assert french("Nothing here") in answer.text


def test_a_wrong_method_is_a_page_that_says_which_are_right(browser: TestClient) -> None:
    answer = browser.post("/a-propos")
    assert (answer.status_code, set(answer.headers["allow"].split(", "))) == (405, {"GET", "HEAD"})
    assert french("Not this way") in answer.text


def test_waiting_time_is_said_to_people_and_to_programs(browser: TestClient) -> None:
    answer = browser.get("/essai/fautes/too-many")
    assert answer.headers["retry-after"] == "42"
    assert "42" in answer.text


def test_what_has_moved_redirects_for_good(browser: TestClient) -> None:
    answer = browser.get("/essai/demenage")
    assert (answer.status_code, answer.headers["location"]) == (301, "/discussions/12-ailleurs")


def test_a_stranger_who_could_sign_in_is_led_there_and_back(browser: TestClient) -> None:
    answer = browser.get("/essai/connexion?q=été&page=2")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/connexion?suite=/essai/connexion%3Fq%3D%25C3%25A9t%25C3%25A9%26page%3D2"


def test_a_refusal_that_signing_in_would_not_change_says_why(browser: TestClient) -> None:
    answer = browser.get("/essai/pas-vous")
    assert answer.status_code == 403
    assert "/connexion?suite" not in main(answer.text)


def test_a_statement_that_takes_too_long_is_cut_off(browser: TestClient) -> None:
    answer = browser.get("/essai/lent")
    assert answer.status_code == 503
    assert answer.elapsed.total_seconds() < 4


# --- What was written comes back


def main(page: str) -> str:
    return page.partition("<main")[2].partition("</main>")[0]


def words_in(page: str) -> str:
    [area] = re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    return str(area).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").replace("&#39;", "'")


@pytest.mark.parametrize("fault", ["not-here", "refused", "too-many", "unavailable", "broken", "invalid"])
@pytest.mark.parametrize("moment", ["fautes", "lues"])
def test_a_problem_gives_back_what_was_written(browser: TestClient, fault: str, moment: str) -> None:
    answer = browser.post(f"/essai/{moment}/{fault}", data={"body": WORDS, "parent": "3"})
    assert answer.status_code == STATUSES[fault]
    assert words_in(answer.text) == WORDS


def test_a_session_that_ended_while_writing_gives_a_form_to_send_again(browser: TestClient) -> None:
    answer = browser.post("/essai/connexion", data={"body": WORDS, "parent": "3", "request_key": "k<1"})
    assert answer.status_code == 403
    assert words_in(answer.text) == WORDS
    page = main(answer.text)
    assert '<form method="post" action="/essai/connexion">' in page
    assert '<input type="hidden" name="parent" value="3">' in page
    assert '<input type="hidden" name="request_key" value="k&lt;1">' in page
    assert re.search(r'<a [^>]*href="/connexion"[^>]*target="_blank"', page)


def test_what_cannot_succeed_offers_no_sending_again(browser: TestClient) -> None:
    page = main(browser.post("/essai/fautes/refused", data={"body": WORDS}).text)
    assert "readonly" in page
    assert "<form" not in page


def test_another_sites_request_gets_nothing_to_send_again(browser: TestClient) -> None:
    answer = browser.post(
        "/essai/connexion", data={"body": WORDS}, headers={"sec-fetch-site": "cross-site", "origin": "https://evil.tld"}
    )
    assert answer.status_code == 403
    assert "<textarea" not in answer.text
    assert "écrit" not in answer.text


def test_a_body_that_something_else_has_read_keeps_nobody_waiting(browser: TestClient) -> None:
    answer = browser.post("/essai/a-demi-lue", data={"body": WORDS})
    assert answer.status_code == 500
    assert "<textarea" not in answer.text


def test_the_way_back_stays_on_our_site(browser: TestClient) -> None:
    def ways(referer: str) -> str:
        return browser.get("/nulle-part", headers={"referer": referer}).text.partition('class="problem-ways"')[2]

    assert 'href="/discussions?page=2"' in ways(f"{BASE_URL}/discussions?page=2")
    assert "evil" not in ways("https://evil.tld/discussions")
    assert "evil" not in ways(f"{BASE_URL}//evil.tld/")


def test_a_refused_form_leads_back_to_its_page_and_a_missing_page_not_to_itself(browser: TestClient) -> None:
    def ways(answer: Any) -> str:
        return str(answer.text).partition('class="problem-ways"')[2]

    path = "/essai/fautes/refused"
    referer = {"referer": f"{BASE_URL}{path}"}
    assert f'href="{path}"' in ways(browser.post(path, data={"body": WORDS}, headers=referer))
    assert f'href="{path}"' not in ways(browser.get(path, headers=referer))


def test_a_frame_that_is_broken_itself_still_gives_a_page(browser: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: Any, **_named: Any) -> str:
        raise LookupError("nobody")

    monkeypatch.setattr("starlette.datastructures.URL.include_query_params", broken)
    monkeypatch.setattr("maillage.core.pages.icon", broken)
    answer = browser.get("/essai/fautes/broken")
    assert answer.status_code == 500
    assert french("Something broke on our side") in answer.text

"""What every request passes through: what may come in, what must go out, and what the log says of it."""

import asyncio
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.testing import capture_logs

from maillage.core.config import Settings
from maillage.core.content_policy import policy
from maillage.core.db import reading
from maillage.core.forms import form_data
from maillage.web import log
from maillage.web.app import create_app
from maillage.web.log import truncated
from maillage.web.middleware import MAX_BODY, Frame
from tests.conftest import BASE_URL, Cluster, settings_for

TWO = text("select 2")


async def echo(request: Request) -> Response:
    form = await form_data(request)
    return PlainTextResponse(f"{request.state.address}|" + "|".join(f"{k}={v}" for k, v in form.multi_items()))


async def own_policy(request: Request) -> Response:
    return PlainTextResponse("x", headers={"Content-Security-Policy": policy(form_action="'self' https:")})


async def two_questions(request: Request) -> Response:
    async with reading(request) as db:
        await db.value(TWO)
        await db.value(TWO)
    return PlainTextResponse("x")


ROUTES = [
    Route("/essai/echo/{name}", echo, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
    Route("/essai/politique", own_policy),
    Route("/essai/questions", two_questions),
]


@pytest.fixture(scope="module")
def settings(cluster: Cluster, empty_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    name = cluster.make(empty_template)
    yield settings_for(cluster.address(name), tmp_path_factory.mktemp("frame"))
    cluster.drop(name)


def open_browser(settings: Settings, client: tuple[str, int] = ("203.0.113.77", 4000)) -> TestClient:
    app = create_app(settings)
    app.router.routes[:0] = ROUTES
    return TestClient(app, base_url=BASE_URL, follow_redirects=False, client=client)


@pytest.fixture(scope="module")
def browser(settings: Settings) -> Iterator[TestClient]:
    with open_browser(settings) as browser:
        yield browser


# --- What must go out


PAGES = ["/a-propos", "/nulle-part", "/healthz", "/static/css/base.css", "/connexion"]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_is_locked_down(browser: TestClient, path: str) -> None:
    headers = browser.get(path).headers
    rules = dict(rule.strip().split(" ", 1) for rule in headers["content-security-policy"].split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "permissions-policy" in headers
    assert "server" not in headers


def test_forms_lead_to_ourselves_unless_a_page_says_otherwise(browser: TestClient) -> None:
    assert "form-action 'self';" in browser.get("/a-propos").headers["content-security-policy"]
    own = browser.get("/essai/politique").headers.get_list("content-security-policy")
    assert own == [policy(form_action="'self' https:")]


def test_pages_hold_no_script_or_style_of_their_own(browser: TestClient) -> None:
    for path in ("/a-propos", "/confidentialite", "/nulle-part"):
        page = browser.get(path).text
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick" not in page
        assert all("src=" in tag for tag in page.split("<script")[1:])


def test_browsers_are_told_to_stay_with_https_only_when_we_have_it(settings: Settings, browser: TestClient) -> None:
    assert "strict-transport-security" not in browser.get("/healthz").headers
    with open_browser(settings.model_copy(update={"base_url": "https://maillage.example.org"})) as secure:
        assert secure.get("/healthz").headers["strict-transport-security"].startswith("max-age=")


def test_each_request_has_a_number_of_its_own(browser: TestClient) -> None:
    numbers = {browser.get("/healthz", headers={"x-request-id": "mine"}).headers["x-request-id"] for _ in range(20)}
    assert len(numbers) == 20
    assert "mine" not in numbers


def test_queries_are_counted_in_the_demonstration_only(settings: Settings, browser: TestClient) -> None:
    assert browser.get("/essai/questions").headers["x-queries"] == "2"
    assert browser.get("/healthz").headers["x-queries"] == "0"
    production = settings.model_copy(update={"env": "production"})
    with open_browser(production) as quiet:
        assert "x-queries" not in quiet.get("/essai/questions").headers


# --- What may come in


UNSAFE = ["POST", "PUT", "PATCH", "DELETE"]
OURS = [
    {},
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "none"},
    {"origin": BASE_URL},
    {"sec-fetch-site": "same-origin", "origin": "null"},
]
OTHERS = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": BASE_URL},
    {"sec-fetch-site": "nonsense"},
    {"origin": "https://evil.tld"},
    {"origin": "null"},
    {"origin": BASE_URL + ".evil.tld"},
    {"origin": BASE_URL + ":8080"},
    {"origin": ""},
]


@pytest.mark.parametrize("method", UNSAFE)
@pytest.mark.parametrize("headers", OURS)
def test_unsafe_methods_pass_from_our_own_pages_and_from_scripts(
    browser: TestClient, method: str, headers: dict[str, str]
) -> None:
    assert browser.request(method, "/essai/echo/x", headers=headers).status_code == 200


@pytest.mark.parametrize("method", UNSAFE)
@pytest.mark.parametrize("headers", OTHERS)
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/json", "multipart/form-data"])
def test_unsafe_methods_from_elsewhere_do_nothing(
    browser: TestClient, method: str, headers: dict[str, str], kind: str
) -> None:
    answer = browser.request(method, "/essai/echo/x", headers={**headers, "content-type": kind}, content=b"a=1")
    assert answer.status_code == 403
    assert "a=1" not in answer.text


@pytest.mark.parametrize("headers", OTHERS)
def test_reading_is_free_from_anywhere(browser: TestClient, headers: dict[str, str]) -> None:
    assert browser.get("/a-propos", headers=headers).status_code == 200


def test_behind_a_proxy_our_own_address_counts_as_ours(settings: Settings) -> None:
    named = settings.model_copy(update={"base_url": "https://maillage.example.org"})
    with open_browser(named) as browser:
        given = {"origin": "https://maillage.example.org", "host": "10.0.0.5:8000"}
        assert browser.post("/essai/echo/x", headers=given).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/essai/echo/%00",
        "/essai/echo/%ff",
        "/essai/echo/%ed%a0%80",
        "/a-propos?q=%00",
        "/a-propos?q=%ed%a0%80",
        "/a-propos?q=%c3",
        "/a-propos?%ff=1",
        "/essai/echo/" + "a" * 1000,
    ],
)
def test_an_address_that_is_no_text_is_refused(browser: TestClient, address: str) -> None:
    assert browser.get(address).status_code == 400


@pytest.mark.parametrize(
    "address",
    [
        "/discussions/99999999999999999999",
        "/discussions/" + "9" * 900,
        "/discussions/99999999999999999999-x",
        "/discussions/1-x?page=1000000000",
        "/discussions/1-x?page=99999999999999999999999",
        "/discussions/1-x?page[]=1",
        "/discussions/espaces/x?page=-1",
        "/discussions/espaces/" + "é" * 150,
        "/..%2f..%2fetc/passwd",
        "/static/..%2f..%2f..%2fetc/passwd",
        "/static/%2e%2e/core/config.py",
        f"{BASE_URL}//evil.tld/",
        "/\\evil.tld",
    ],
)
def test_outlandish_addresses_are_nowhere(browser: TestClient, address: str) -> None:
    assert browser.get(address).status_code == 404


def test_a_body_that_is_too_long_is_refused_unread(browser: TestClient) -> None:
    answer = browser.post("/essai/echo/x", content=b"a=" + b"x" * MAX_BODY)
    assert answer.status_code == 413
    assert "text/html" in answer.headers["content-type"]


def test_a_body_of_no_announced_length_is_cut_off(browser: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(MAX_BODY // 65536 + 2):
            yield b"a" * 65536

    answer = browser.post(
        "/essai/echo/x", content=endless(), headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 413
    assert "text/html" in answer.headers["content-type"]


# --- What the log says


def request_line(browser: TestClient, method: str, path: str, **how: object) -> dict[str, object]:
    with capture_logs() as lines:
        browser.request(method, path, **how)  # type: ignore[arg-type]
    [line] = [line for line in lines if line["event"] == "request"]
    return dict(line)


def test_each_request_leaves_one_line(browser: TestClient) -> None:
    line = request_line(browser, "GET", "/essai/questions")
    assert line["method"] == "GET"
    assert line["route"] == "/essai/questions"
    assert (line["status"], line["queries"]) == (200, 2)
    assert isinstance(line["ms"], float)
    assert set(line) == {"event", "log_level", "id", "method", "route", "status", "ms", "queries", "client"}


def test_the_line_names_nobody(browser: TestClient) -> None:
    line = request_line(
        browser,
        "POST",
        "/essai/echo/maryse?q=secret&email=maryse@example.org",
        data={"body": "confidence"},
        headers={"cookie": "session=abcdef", "user-agent": "Particular/1.0", "referer": f"{BASE_URL}/personnes/maryse"},
    )
    assert line["route"] == "/essai/echo/{name}"
    assert line["client"] == "203.0.113.0"
    for told in ("maryse", "secret", "confidence", "abcdef", "Particular", "203.0.113.77"):
        assert told not in str(line)


def test_an_address_that_leads_nowhere_is_not_repeated_in_the_log(browser: TestClient) -> None:
    line = request_line(browser, "GET", "/personnes-que-je-cherche/maryse-cote")
    assert (line["route"], line["status"]) == ("-", 404)
    assert "maryse" not in str(line)


def test_machines_that_ask_after_our_health_leave_no_line(browser: TestClient) -> None:
    with capture_logs() as lines:
        browser.get("/healthz")
        browser.get("/readyz")
    assert lines == []


def test_an_answer_that_breaks_off_is_in_the_log_and_does_not_look_whole(settings: Settings) -> None:
    async def half(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise ZeroDivisionError

    with capture_logs() as lines:
        answered = asyncio.run(answers(Frame(half, settings)))
    assert [line["event"] for line in lines] == ["broken off", "request"]
    assert answered[-1]["more_body"] is True


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("", "-"),
        ("unix:", "-"),
    ],
)
def test_addresses_are_truncated(address: str, kept: str) -> None:
    assert truncated(address) == kept


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "198.51.100.1", "203.0.113.77"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (2, "6.6.6.6, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1", "203.0.113.77"),
        (1, "", "203.0.113.77"),
    ],
)
def test_only_our_own_proxies_are_believed(settings: Settings, proxies: int, forwarded: str, address: str) -> None:
    behind = settings.model_copy(update={"trusted_proxies": proxies})
    with open_browser(behind) as browser:
        answer = browser.post("/essai/echo/x", headers={"x-forwarded-for": forwarded} if forwarded else {})
    assert answer.text.partition("|")[0] == address


def test_lines_for_machines_are_one_object_each(settings: Settings) -> None:
    stream = io.StringIO()
    before = structlog.get_config()
    try:
        log.configure(settings, stream)
        structlog.get_logger("fresh").bind().info("bonjour", n=1)
        try:
            int("maryse <maryse@example.org>")
        except ValueError:
            structlog.get_logger("fresh").bind().exception("fault")
    finally:
        structlog.configure(**before)
    said, fault = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (said["event"], said["n"], said["level"]) == ("bonjour", 1, "info")
    assert fault["fault"] == "ValueError"
    assert "maryse" not in stream.getvalue()


# --- Health


def test_alive_and_ready_say_so(browser: TestClient) -> None:
    assert browser.get("/healthz").text == "ok"
    assert browser.get("/readyz").text == "ready"


def test_without_its_database_the_process_lives_but_is_not_ready(
    cluster: Cluster, empty_template: str, tmp_path: Path
) -> None:
    name = cluster.make(empty_template)
    with open_browser(settings_for(cluster.address(name), tmp_path)) as browser:
        assert browser.get("/readyz").status_code == 200
        cluster.drop(name)
        assert browser.get("/readyz").status_code == 503
        assert browser.get("/healthz").status_code == 200
        assert browser.get("/discussions").status_code == 503


# --- Cost


def test_the_frame_stays_light(settings: Settings) -> None:
    """It runs for every page. Calls are counted, not time, so that a busy machine changes nothing."""

    async def plain(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    frame, calls = Frame(plain, settings), 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    async def counted() -> None:
        await answers(frame)
        sys.setprofile(count)
        try:
            await answers(frame)
        finally:
            sys.setprofile(None)

    with capture_logs():
        asyncio.run(counted())
    assert calls < 100


async def answers(app: ASGIApp) -> list[Message]:
    """What an ASGI application sends for a plain request."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/discussions",
        "raw_path": b"/discussions",
        "query_string": b"",
        "headers": [(b"host", b"testserver")],
        "client": ("203.0.113.9", 1),
    }
    await app(scope, receive, send)
    return sent

"""What went wrong, as a page: one map from exceptions to a sentence, a way back and the reference number of the log.

Nothing that a person wrote is lost to a problem: when the request carried a text, the page gives it back. Where
trying again may help (her session had ended, too many at once, the database is away) it stands in a form that
sends the very same request once more; she signs in beside it, in another tab. Nothing is stored for that
anywhere, and it works without scripts. Elsewhere the text stands there to be copied. A request that came
from another site gets nothing back: repeating it must not be one click away.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import quote, urlsplit

import asyncpg
import structlog
from jinja2 import TemplateError
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from maillage.core.answers import NotAllowed
from maillage.core.errors import BadRequest, Gone, Interrupted, NotHere, Refused, TooMany, Unavailable
from maillage.core.faults import fault
from maillage.core.forms import form_data
from maillage.core.languages import FRENCH, Text, _, counted
from maillage.core.pages import environment, frame

log = structlog.get_logger("maillage.web")

SIGN_IN = "/connexion"
# The field that holds what somebody wrote, in every form that has one.
WORDS = "body"


@dataclass(frozen=True, slots=True)
class Problem:
    """What the page says. `again`: sending the same once more may succeed. `words`: a text may be given back.

    `ended`: whoever sent it was perhaps signed in when she began, and is no more.
    """

    status: int
    said: Text
    headers: dict[str, str] = field(default_factory=dict)
    sign_in: bool = False
    again: bool = False
    words: bool = True
    ended: bool = False


TITLES = {
    400: _("This request makes no sense"),
    403: _("Not allowed"),
    404: _("Nothing here"),
    405: _("Not this way"),
    409: _("No longer possible"),
    413: _("Too long"),
    422: _("This cannot be accepted as it is"),
    429: _("One moment"),
    500: _("Something broke on our side"),
    503: _("Out of reach for a moment"),
}
_SAID = {
    400: _("What reached us could not be understood."),
    403: _("You may not do this."),
    404: _("There is nothing at this address, or nothing that is shared with you."),
    405: _("This address does not take that kind of request."),
    409: _("Things changed in the meantime."),
    413: _("What you sent is too long for us. Your text is still in its form: go back in your browser to find it."),
    422: _("Something in what you sent is missing or wrong."),
    500: _("It is not your doing, and it has been noted. Trying again in a while may help."),
    503: _("We cannot reach something that we depend on. It usually comes back within a minute or two."),
}
# PostgreSQL is stopping, starting, full, closed to us, too slow for our limits, or in a knot that a second try undoes.
_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
    ConnectionError,
    TimeoutError,
)


def too_long() -> HTTPException:
    return HTTPException(413)


def problem_of(error: Exception, request: Request) -> Problem:
    """The one map."""
    match error:
        case NotAllowed(answer=answer):
            stranger = answer.sign_in and getattr(request.state, "viewer", None) is None
            return Problem(403, answer.why or _SAID[403], sign_in=stranger, again=stranger)
        case NotHere():
            ended = isinstance(error, Interrupted) and getattr(request.state, "viewer", None) is None
            return Problem(404, _SAID[404], again=ended, ended=ended)
        case Refused():
            return Problem(409, error.why)
        case Gone():
            return Problem(409, _SAID[409])
        case BadRequest():
            return Problem(error.status, error.why, words=False)
        case TooMany():
            wait = counted("Please try again in %(n)s second.", "Please try again in %(n)s seconds.", error.seconds)
            return Problem(429, wait, {"Retry-After": str(error.seconds)}, again=True)
        case Unavailable():
            return _away()
        case asyncpg.DataError():
            # A value that no column can hold got this far: as an address it is nowhere, as a form it is wrong.
            status = 404 if request.method in {"GET", "HEAD"} else 400
            return Problem(status, _SAID[status])
        case asyncpg.InterfaceError() if "clos" in str(error):
            return _away()
        case HTTPException():
            status = error.status_code if error.status_code in TITLES else _nearest(error.status_code)
            return Problem(status, _SAID[status], dict(error.headers or {}), words=status != 413)
    if isinstance(error, _AWAY):
        return _away()
    return Problem(500, _SAID[500], again=True)


def _away() -> Problem:
    return Problem(503, _SAID[503], {"Retry-After": "30"}, again=True)


def _nearest(status: int) -> int:
    return 400 if status < HTTPStatus.INTERNAL_SERVER_ERROR else 500


async def response(request: Request, error: Exception) -> Response:
    """The page about `error`, or the redirect that it stands for."""
    if isinstance(error, Gone) and not await _words_would_be_lost(request):
        return RedirectResponse(error.path, 301 if request.method in {"GET", "HEAD"} else 303)
    problem = problem_of(error, request)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR or isinstance(error, asyncpg.DataError):
        report = log.error if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR else log.warning
        report("fault", **fault(error).as_fields())
    if problem.sign_in and request.method in {"GET", "HEAD"}:
        return RedirectResponse(f"{SIGN_IN}?suite={quote(_path_and_query(request), safe='/')}", 303)
    form = await _what_was_sent(request) if problem.words else None
    html = _page(request, problem, form)
    return HTMLResponse(html, problem.status, headers={"Cache-Control": "no-store", **problem.headers})


def _page(request: Request, problem: Problem, form: FormData | None) -> str:
    state = request.state
    if not hasattr(state, "viewer"):
        state.viewer = None
    if not hasattr(state, "locale"):
        state.locale = _settled_locale(request)
    fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str)] if form else []
    texts = _written(fields) if problem.ended else [(name, value) for name, value in fields if name == WORDS]
    shown = frame(request) | {
        "problem": problem,
        "title": TITLES[problem.status],
        "reference": state.request_id,
        "back": _back(request),
        "texts": texts,
        # Everything else that was sent goes along when it is sent again.
        "fields": [one for one in fields if one not in texts],
        "path": _path_and_query(request),
        "sign_in": SIGN_IN,
    }
    templates = environment(state.locale)
    try:
        return templates.get_template("errors/problem.html").render(shown)
    except (TemplateError, AttributeError, LookupError, TypeError, ValueError, OSError) as error:
        # The frame that every page shares may itself be what broke.
        log.error("fault", **fault(error).as_fields())  # noqa: TRY400 — its words stay out of the log
        return templates.get_template("errors/bare.html").render(shown)


def _written(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What somebody wrote into a form that has other boxes: several words, not a choice or a number."""
    return [(name, value) for name, value in fields if len(value.split()) > 1]


async def _words_would_be_lost(request: Request) -> bool:
    form = await _what_was_sent(request)
    return form is not None and bool(form.get(WORDS))


async def _what_was_sent(request: Request) -> FormData | None:
    """The form that the request carried, unless something already took its body and could make nothing of it."""
    state = request.state
    kept: FormData | None = getattr(state, "form", None)
    if kept is not None or request.method != "POST" or getattr(state, "body_taken", False):
        return kept
    # Without an announced length nobody has checked that it is reasonable.
    if "content-length" in request.headers:
        with suppress(BadRequest, HTTPException, asyncpg.PostgresError):
            return await form_data(request)
    return None


def _path_and_query(request: Request) -> str:
    query = request.url.query
    # Two slashes at the start would name another host.
    return "/" + request.url.path.lstrip("/") + (f"?{query}" if query else "")


def _back(request: Request) -> str:
    """The page of ours that led here, else the front page."""
    try:
        came_from = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return "/"
    path = came_from.path + (f"?{came_from.query}" if came_from.query else "")
    ours = came_from.netloc == request.headers.get("host") and path.startswith("/") and not path.startswith("//")
    # Where a form was refused, its own page is the way back: it shows how things stand now.
    in_circles = request.method in {"GET", "HEAD"} and path == _path_and_query(request)
    return path if ours and not in_circles else "/"


def _settled_locale(request: Request) -> str:
    """For a problem that arose before anybody asked who is reading: the language chosen here, else French."""
    locales: tuple[str, ...] = request.app.state.settings.locales
    chosen = request.cookies.get("langue", FRENCH)
    return chosen if chosen in locales else locales[0]

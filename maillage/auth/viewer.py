"""Who is looking: what every page needs to know of the signed-in person, in one row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import parse_qs, parse_qsl, urlencode

from sqlalchemy import and_, bindparam, func, select, true, update
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from maillage.auth.models import Membership, Organization, Person, PlatformRole, Session
from maillage.core import clock
from maillage.core.config import Settings
from maillage.core.db import Statement
from maillage.core.kept import kept_fragment
from maillage.core.languages import FRENCH
from maillage.core.pages import fragment, query_of
from maillage.core.sealing import TOKEN_LENGTH

LANGUAGE_COOKIE = "langue"
# `last_seen_at` is for people who look at their sessions and for the idle limit: minutes are precise enough.
SEEN_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in person as the rest of the house sees her. `None` stands for somebody not signed in."""

    id: int
    handle: str
    name: str
    locale: str
    roles: frozenset[str]
    session_id: int
    reading_since: datetime
    # The capacity in which she speaks now: slug of `actor_relations`, and the organization, if any.
    relation: str | None
    organization_id: int | None
    organization_name: str | None

    @property
    def moderates(self) -> bool:
        return "moderator" in self.roles

    @property
    def administers(self) -> bool:
        """The platform, not an organization."""
        return "admin" in self.roles


Who = Viewer | None


def viewer_of(request: Request) -> Who:
    """The person signed in on this request, put there by the middleware."""
    viewer: Who = request.state.viewer
    return viewer


def account_area(request: Request) -> bytes:
    """What fills the gap `account` of a kept page: a way to sign in, or the menu of who is signed in."""
    viewer = viewer_of(request)
    if viewer is None:
        return fragment(request, "parts/_account.html").encode()
    menu = kept_fragment(request, "parts/_account.html", viewer=viewer, here="", query=query_of(request))
    return menu.filled({})


def session_cookie(settings: Settings) -> str:
    """The cookie that holds the session's token. `__Host-` keeps neighbouring sites from setting it."""
    return "__Host-session" if settings.is_https else "session"


def set_session_cookie(response: Response, settings: Settings, token: str) -> None:
    """Sign this browser in: give it the token."""
    response.set_cookie(
        session_cookie(settings),
        token,
        max_age=settings.session_absolute_days * 86_400,
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
    )


def clear_session_cookie(response: Response, settings: Settings) -> None:
    """Sign this browser out: have it forget the token."""
    response.headers.append("Set-Cookie", _cleared(settings))


def _cleared(settings: Settings) -> str:
    secure = "; Secure" if settings.is_https else ""
    return f"{session_cookie(settings)}=; Max-Age=0; Path=/; HttpOnly; SameSite=lax{secure}"


# A membership that counts; joined with its organization.
BELONGS = and_(Membership.state == "active", Membership.ended_on.is_(None), Organization.closed_at.is_(None))
# One for which she may be speaking; in queries over `person` too.
SPOKEN_FOR = and_(BELONGS, Person.own_name.is_(False))
# Of several, somebody speaks for the first: the one that she chose last, else the one that she joined last.
SPOKEN_FOR_FIRST = (Membership.chosen_at.desc().nulls_last(), Membership.started_on.desc(), Membership.id.desc())


def _viewer_statement() -> Statement:
    roles = select(func.array_agg(PlatformRole.role)).where(PlatformRole.person_id == Person.id).scalar_subquery()
    current = (
        select(
            func.coalesce(Membership.relation, Organization.relation).label("relation"),
            Organization.id,
            Organization.name,
        )
        .join(Organization, Organization.id == Membership.organization_id)
        .where(Membership.person_id == Person.id, SPOKEN_FOR)
        .order_by(*SPOKEN_FOR_FIRST)
        .limit(1)
        .lateral("current")
    )
    return Statement(
        # In the order of the fields of `Viewer`, then what the middleware keeps to itself.
        select(
            Person.id,
            Person.handle,
            Person.name,
            Person.locale,
            roles.label("roles"),
            Session.id.label("session_id"),
            Person.reading_since,
            current.c.relation,
            current.c.id.label("organization_id"),
            current.c.name.label("organization_name"),
            Session.last_seen_at,
        )
        .select_from(Session)
        .join(Person, Person.id == Session.person_id)
        .outerjoin(current, true())
        .where(
            Session.token_hash == bindparam("token_hash"),
            Session.expires_at > bindparam("now"),
            Session.last_seen_at > bindparam("seen_after"),
            Person.suspended_at.is_(None),
            Person.closed_at.is_(None),
        )
    )


_VIEWER = _viewer_statement()
_SEEN = Statement(
    update(Session)
    .where(Session.id == bindparam("session_id"), Session.last_seen_at < bindparam("seen_before"))
    .values(last_seen_at=bindparam("now"), country=bindparam("country"))
)
_NO_ROLES: frozenset[str] = frozenset()
# Asked by machines, all the time: nothing there depends on who asks.
_QUIET = ("/static/", "/healthz", "/readyz")


class ViewerMiddleware:
    """Puts `viewer` (or None) and `locale` on every request's state: one query, none without the cookie.

    Must stand inside the application, where `app.state.database` is known. It lets `Unavailable` through with
    `viewer` and `locale` already set, so that whoever catches it can make a page.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._cookie = session_cookie(settings).encode()
        self._cleared = (b"set-cookie", _cleared(settings).encode())
        self._secure = settings.is_https
        self._idle = timedelta(days=settings.session_idle_days)
        self._locales = {locale.encode(): locale for locale in settings.locales}
        # French whatever the browser asks for: most people here never chose their browser's language.
        self._default = FRENCH if FRENCH in settings.locales else settings.locales[0]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if b"langue=" in scope["query_string"] and scope["method"] == "GET":
            chosen_now = parse_qs(scope["query_string"].decode("latin-1")).get("langue", [""])[-1].encode()
            if chosen_now in self._locales:
                await self._remember(scope, chosen_now)(scope, receive, send)
                return
        token, language = self._cookies(scope["headers"])
        state = scope.setdefault("state", {})
        state["viewer"] = None
        chosen = self._locales.get(language)
        state["locale"] = chosen or self._default
        if token is None or scope["path"].startswith(_QUIET):
            await self.app(scope, receive, send)
            return
        viewer = await self._viewer(scope, token) if len(token) == TOKEN_LENGTH else None
        if viewer is None:
            await self.app(scope, receive, self._clearing(send))
            return
        state["viewer"] = viewer
        if chosen is None:
            state["locale"] = self._locales.get(viewer.locale.encode(), self._default)
        await self.app(scope, receive, send)

    def _remember(self, scope: Scope, locale: bytes) -> Response:
        """Back to the same page, in the language that was chosen: this browser keeps it, nothing else does."""
        kept = [
            (name, value)
            for name, value in parse_qsl(scope["query_string"].decode("latin-1"))
            if name != LANGUAGE_COOKIE
        ]
        # Two slashes at the start would name another host.
        path = "/" + scope["path"].lstrip("/\\")
        response = RedirectResponse(f"{path}?{urlencode(kept)}" if kept else path, 303)
        response.set_cookie(
            LANGUAGE_COOKIE,
            locale.decode(),
            max_age=365 * 86_400,
            path="/",
            secure=self._secure,
            samesite="lax",
        )
        return response

    def _cookies(self, headers: Iterable[tuple[bytes, bytes]]) -> tuple[bytes | None, bytes]:
        """The session's token and the chosen language, as sent."""
        token, language = None, b""
        for header, line in headers:
            if header == b"cookie":
                # By hand: the standard library's parser costs more than the rest of this class.
                for pair in line.split(b";"):
                    name, _, value = pair.strip().partition(b"=")
                    if name == self._cookie:
                        token = value
                    elif name == b"langue":
                        language = value
        return token, language

    async def _viewer(self, scope: Scope, token: bytes) -> Viewer | None:
        now, app = clock.now(), scope["app"]
        async with app.state.database.reading() as db:
            row = await db.row(_VIEWER, token_hash=sha256(token).digest(), now=now, seen_after=now - self._idle)
            if row is None:
                return None
            id_, handle, name, locale, roles, *others, last_seen_at = row
            if last_seen_at < now - SEEN_EVERY:
                country = app.state.places.country(scope["state"]["address"])
                await db.run(
                    _SEEN, session_id=row["session_id"], seen_before=now - SEEN_EVERY, now=now, country=country
                )
        return Viewer(id_, handle, name, locale, frozenset(roles) if roles else _NO_ROLES, *others)

    def _clearing(self, send: Send) -> Send:
        """Have the browser forget a session that is over, unless the answer signs it in again."""

        async def clear(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                if not any(
                    name.lower() == b"set-cookie" and value.startswith(self._cookie + b"=") for name, value in headers
                ):
                    message["headers"] = [*headers, self._cleared]
            await send(message)

        return clear

"""Pages: one Jinja environment per interface language, and `page(...)` that turns a template into a response."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from maillage.core import filters
from maillage.core.languages import LOCALES_DIR, NAMES, translations

HERE = Path(__file__).parent.parent
STATIC_DIR = HERE / "static"
TEMPLATES_DIR = HERE / "templates"
# Filled at start-up by `web/app.py`, before the first page: names that every template may use, `zone` among them.
TEMPLATE_GLOBALS: dict[str, Any] = {"zone": "America/Toronto"}


@cache
def environment(locale: str) -> Environment:
    """The templates as readers of `locale` see them."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES_DIR),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        # Templates change only with a deployment.
        auto_reload=False,
    )
    env.install_gettext_translations(translations(locale), newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(locale=locale, language_names=NAMES, static=static, icon=icon)
    env.globals.update(TEMPLATE_GLOBALS)
    env.filters.update(filters.for_locale(locale, ZoneInfo(TEMPLATE_GLOBALS["zone"])))
    return env


def locale_of(request: Request) -> str:
    locale: str = request.state.locale
    return locale


def page(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """The template in the reader's language. Never kept by shared caches: it may show who is reading."""
    html = fragment(request, template, **context)
    return HTMLResponse(html, status, headers={"Cache-Control": "private, no-cache"})


def fragment(request: Request, template: str, **context: Any) -> str:
    """A template as text: a whole page, or a piece of one."""
    return environment(locale_of(request)).get_template(template).render(frame(request) | context)


def frame(request: Request) -> dict[str, Any]:
    """What the frame around every page needs to know."""
    return {
        "request": request,
        "viewer": request.state.viewer,
        "here": request.scope["path"],
        "query": query_of(request),
    }


def query_of(request: Request) -> str:
    """The query of this page, to which more can be added."""
    query: str = request.scope["query_string"].decode("latin-1")
    return f"{query}&" if query else ""


@cache
def static(name: str) -> str:
    """The address of a file of `static/`, with a fingerprint so that browsers may keep it for ever."""
    digest = sha256((STATIC_DIR / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


@cache
def icon(name: str) -> Markup:
    """The SVG of an icon of the kept set, hidden from screen readers: a label stands beside or around it."""
    svg = (STATIC_DIR / "icons" / f"{name}.svg").read_text()
    return Markup(svg.strip())  # noqa: S704 — our own file


@cache
def build() -> str:
    """A fingerprint of everything that pages are made from: validators of older builds stop being valid."""
    digest = sha256()
    for folder, pattern in ((TEMPLATES_DIR, "*.html"), (STATIC_DIR, "*.*"), (LOCALES_DIR, "*.po")):
        for file in sorted(folder.rglob(pattern)):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:8]

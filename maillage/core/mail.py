"""Letters: worded from templates, written as jobs, sent through SMTP or left as files where no SMTP is set."""

import re
from asyncio import to_thread
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from email.errors import MessageError
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

import aiosmtplib
from jinja2 import Environment

from maillage.core import clock, jobs
from maillage.core.config import Settings
from maillage.core.db import Db
from maillage.core.forms import clean_line
from maillage.core.languages import FRENCH
from maillage.core.pages import environment


class _Links(UnstructuredHeader, BaseHeader):
    """Addresses of pages, on one line however long: encoded or cut, they would lead nowhere."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_REGISTRY = HeaderRegistry()
_REGISTRY.map_to_type("list-unsubscribe", _Links)
_POLICY = SMTP.clone(header_factory=_REGISTRY)
_HEADERS = {"Reply-To", "In-Reply-To", "References", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"}
# What a mail program would make a link of when it stands in a name.
_LINKLIKE = re.compile(r"\w*://+|@|(?<=\w)\.(?=\w{2,})")
_METHOD = re.compile(r"^METHOD:([A-Z]+)\r?$", re.MULTILINE)
_TIMEOUT = 30


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one person. `headers` may be those of a conversation or a list (`_HEADERS`)."""

    to: str
    subject: str
    text: str
    html: str = ""
    to_name: str = ""
    language: str = FRENCH
    message_id: str = ""
    # What goes into a calendar (iCalendar), one event each, which says itself by what method.
    calendar: Sequence[str] = ()
    headers: dict[str, str] = field(default_factory=dict)


def plain_name(name: str) -> str:
    """A name that somebody chose, fit for a letter: one line, reading one way, with nothing to click in it."""
    return header_line(_LINKLIKE.sub(lambda found: ". " if found[0] == "." else " ", clean_line(name)))


def header_line(text: str) -> str:
    """One line that is what it says: the standard library would decode `=?…?=` in it, line breaks and all."""
    return clean_line(text).replace("=?", "= ?")


@cache
def text_environment(locale: str) -> Environment:
    # Plain text has nothing to escape; everything else is as on the pages.
    env = environment(locale).overlay(autoescape=False)
    env.filters = {**env.filters, "plain_name": plain_name}
    return env


@cache
def html_environment(locale: str) -> Environment:
    env = environment(locale).overlay()
    env.filters = {**env.filters, "plain_name": plain_name}
    return env


def worded(settings: Settings, template: str, locale: str, *, to: str, to_name: str = "", **context: Any) -> Letter:
    """The letter that `letters/{template}.txt` (with its block `subject`) and `letters/{template}.html` make."""
    context |= {"instance_name": settings.name, "base_url": settings.base_url}
    text = text_environment(locale).get_template(f"letters/{template}.txt")
    html = html_environment(locale).get_template(f"letters/{template}.html")
    subject = "".join(text.blocks["subject"](text.new_context(context)))
    return Letter(
        to=to,
        to_name=to_name,
        subject=clean_line(subject),
        text=text.render(context).strip() + "\n",
        html=html.render(context),
        language=locale,
    )


async def post(db: Db, settings: Settings, letter: Letter, *, dedupe_key: str | None = None) -> None:
    """Have the letter sent once this transaction commits. Its text is stored until then: no secrets in it."""
    named = replace(letter, message_id=letter.message_id or _new_message_id(settings))
    await jobs.enqueue(db, "send_letter", asdict(named), dedupe_key=dedupe_key)


@jobs.job("send_letter")
async def send_letter(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    await send(tools.settings, Letter(**payload))


async def send(settings: Settings, letter: Letter) -> None:
    """Hand the letter over to the mail server, or write it to `letters/` in the data directory."""
    try:
        message = as_message(settings, letter)
    except (ValueError, LookupError, MessageError) as error:
        raise jobs.Hopeless("the letter has no usable address") from error
    if settings.smtp_url is None:
        await to_thread(_keep, settings.data_dir / "letters", message)
        return
    try:
        await aiosmtplib.send(
            message, sender=settings.sender, recipients=[letter.to], **_server(settings.smtp_url.get_secret_value())
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        if all(refused.code >= 550 for refused in error.recipients):
            raise jobs.Hopeless("the mail server knows no such address") from error
        raise


def as_message(settings: Settings, letter: Letter) -> EmailMessage:
    """The letter as the world writes them. Every header is one line whatever it is made of; raises ValueError."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(plain_name(settings.name), addr_spec=settings.sender)
    message["To"] = Address(plain_name(letter.to_name), addr_spec=letter.to)
    message["Subject"] = header_line(letter.subject)
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = header_line(letter.message_id or _new_message_id(settings))
    # So that holiday notices are not sent back to us.
    message["Auto-Submitted"] = "auto-generated"
    for name, value in letter.headers.items():
        if name not in _HEADERS:
            raise ValueError(f"letters have no header {name}")
        message[name] = header_line(value)
    message.set_content(letter.text, cte="quoted-printable")
    if letter.html:
        message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    for n, calendar in enumerate(letter.calendar, 1):
        found = _METHOD.search(calendar)
        method = found[1] if found else "PUBLISH"
        given: dict[str, Any] = {"subtype": "calendar", "cte": "base64", "params": {"method": method}}
        alone = len(letter.calendar) == 1
        # Once for programs that offer to answer, and once as a file for those that do not look there. Of several, a
        # program would take one for the whole letter: each is a file of its own.
        if alone:
            message.add_alternative(calendar, **given)
        message.add_attachment(calendar, filename="rencontre.ics" if alone else f"rencontre-{n}.ics", **given)
    # Last, because setting the content clears what was said of it.
    message["Content-Language"] = letter.language
    return message


def _new_message_id(settings: Settings) -> str:
    return f"<{uuid4()}@{urlsplit(settings.base_url).hostname}>"


def _server(url: str) -> dict[str, Any]:
    """What `MAILLAGE_SMTP_URL` says. A password never travels unprotected: with a user, STARTTLS must succeed."""
    parts = urlsplit(url)
    protected = parts.scheme == "smtps"
    asked = "starttls" in parse_qs(parts.query, keep_blank_values=True)
    return {
        "hostname": parts.hostname,
        "port": parts.port or (465 if protected else 25),
        "username": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        "use_tls": protected,
        "start_tls": not protected and (asked or bool(parts.username)),
        "timeout": _TIMEOUT,
    }


def _keep(directory: Path, message: EmailMessage) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Named after the letter, so that a job that runs twice leaves one file.
    name = sha256(str(message["Message-ID"]).encode()).hexdigest()[:12]
    draft = directory / f".{name}"
    draft.touch(mode=0o600)
    draft.write_bytes(bytes(message))
    draft.replace(directory / f"{clock.now():%Y-%m-%d}-{name}.eml")

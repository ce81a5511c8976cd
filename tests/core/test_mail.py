"""Letters say what they should to whom they should, whatever names and subjects are made of."""

import asyncio
import email
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import aiosmtplib
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import settings as patiently
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment
from pydantic import SecretStr

from maillage.core import clock, jobs, mail
from maillage.core.config import Settings
from maillage.core.db import Database
from maillage.core.mail import Letter
from maillage.core.pages import environment

LETTER = Letter(
    to="maryse@example.org",
    to_name="Maryse Côté",
    subject="On vous a répondu – « élève »",
    text="Bonjour,\n\nIl y a du nouveau.\n",
    html="<p>Il y a du nouveau.</p>",
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(secret_key=SecretStr("a key that is known to the tests alone"), data_dir=tmp_path)


class Office:
    """What a mail server has received."""

    def __init__(self, refusal: str | None = None) -> None:
        self.received: list[Envelope] = []
        self.protected: list[bool] = []
        self.refusal = refusal

    async def handle_RCPT(  # noqa: N802 — aiosmtpd calls it so
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.received.append(envelope)
        self.protected.append(session.ssl is not None)
        return "250 OK"

    def letter(self) -> EmailMessage:
        [envelope] = self.received
        message = email.message_from_bytes(envelope.content, policy=default)  # type: ignore[arg-type]
        assert isinstance(message, EmailMessage)
        return message


@contextmanager
def serving(office: Office, **how: Any) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(office, hostname="127.0.0.1", port=port, **how)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def certified(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for this machine, signed by itself."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    key = ec.generate_private_key(ec.SECP256R1())
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(clock.now() - timedelta(minutes=1))
        .not_valid_after(clock.now() + timedelta(minutes=10))
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(certificate.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(public, private)
    return public, context


def through(settings: Settings, url: str) -> Settings:
    return settings.model_copy(update={"smtp_url": SecretStr(url)})


def test_a_letter_reaches_its_server_whole(settings: Settings) -> None:
    office = Office()
    with serving(office) as port:
        asyncio.run(mail.send(through(settings, f"smtp://127.0.0.1:{port}"), LETTER))
    message = office.letter()
    assert office.received[0].rcpt_tos == ["maryse@example.org"]
    assert office.received[0].mail_from == settings.sender
    assert message["subject"] == LETTER.subject
    assert message["to"].addresses[0].display_name == "Maryse Côté"
    assert message["content-language"] == "fr-CA"
    assert message["auto-submitted"] == "auto-generated"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == LETTER.text.splitlines()
    assert "<p>Il y a du nouveau.</p>" in html.get_content()


def test_a_letter_written_in_a_transaction_leaves_as_a_job(settings: Settings, dsn: str) -> None:
    async def run() -> dict[str, Any]:
        database = await Database.open(dsn, size=1)
        async with database.writing() as db:
            await mail.post(db, settings, LETTER)
            payload = await db.connection.fetchval(
                "delete from pgqueuer where entrypoint = 'send_letter' returning payload"
            )
        await mail.send_letter(jobs.Tools(database, settings), json.loads(payload))
        await database.close()
        return dict(json.loads(payload))

    payload = asyncio.run(run())
    [kept] = (settings.data_dir / "letters").glob("*.eml")
    assert payload["message_id"] in kept.read_text()


def test_without_a_server_letters_are_files_that_only_we_may_read(settings: Settings) -> None:
    asyncio.run(mail.send(settings, LETTER))
    [kept] = (settings.data_dir / "letters").iterdir()
    message = email.message_from_bytes(kept.read_bytes(), policy=default)
    assert kept.suffix == ".eml"
    assert message["subject"] == LETTER.subject
    assert kept.stat().st_mode & 0o077 == 0


def test_a_job_that_runs_twice_leaves_one_file(settings: Settings) -> None:
    letter = Letter(to="a@example.org", subject="Une fois", text="x", message_id="<1@example.org>")
    asyncio.run(mail.send(settings, letter))
    asyncio.run(mail.send(settings, letter))
    assert len(list((settings.data_dir / "letters").iterdir())) == 1


def test_an_address_that_the_server_does_not_know_is_hopeless(settings: Settings) -> None:
    with serving(Office("550 No such user")) as port, pytest.raises(jobs.Hopeless):
        asyncio.run(mail.send(through(settings, f"smtp://127.0.0.1:{port}"), LETTER))


def test_a_server_that_is_busy_is_tried_again_later(settings: Settings) -> None:
    with serving(Office("451 Later")) as port, pytest.raises(aiosmtplib.SMTPException):
        asyncio.run(mail.send(through(settings, f"smtp://127.0.0.1:{port}"), LETTER))


@pytest.mark.parametrize("to", ["", "nobody", "a@b@c", "a@example.org\nBcc: b@example.org", "a b@example.org"])
def test_what_is_no_address_is_hopeless(settings: Settings, to: str) -> None:
    with pytest.raises(jobs.Hopeless):
        asyncio.run(mail.send(settings, Letter(to=to, subject="x", text="x")))


def test_a_password_never_travels_unprotected(settings: Settings) -> None:
    office = Office()
    seen: list[object] = []

    def accept(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        seen.append(data)
        return AuthResult(success=True)

    with (
        serving(office, authenticator=accept, auth_require_tls=False) as port,
        pytest.raises(aiosmtplib.SMTPException),
    ):
        asyncio.run(mail.send(through(settings, f"smtp://maillage:secret@127.0.0.1:{port}"), LETTER))
    assert (seen, office.received) == ([], [])


def test_a_letter_may_travel_protected_and_signed_in(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, context = certified(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    office, seen = Office(), []

    def accept(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        seen.append((data.login, data.password))
        return AuthResult(success=True)

    with serving(office, authenticator=accept, tls_context=context, auth_required=True) as port:
        url = f"smtp://maillage:p%40ss@127.0.0.1:{port}?starttls"
        asyncio.run(mail.send(through(settings, url), LETTER))
    assert seen == [(b"maillage", b"p@ss")]
    assert office.protected == [True]


def test_a_certificate_that_nobody_vouches_for_is_refused(settings: Settings, tmp_path: Path) -> None:
    _certificate, context = certified(tmp_path)
    office = Office()
    with serving(office, tls_context=context) as port, pytest.raises((ssl.SSLError, aiosmtplib.SMTPException)):
        asyncio.run(mail.send(through(settings, f"smtp://127.0.0.1:{port}?starttls"), LETTER))
    assert office.received == []


OURS = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language"} | {
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
}


@patiently(deadline=None)
@given(name=st.text(max_size=60), subject=st.text(max_size=120), value=st.text(max_size=60))
def test_nothing_that_people_write_adds_a_header(name: str, subject: str, value: str) -> None:
    settings = Settings(secret_key=SecretStr("x" * 40))
    letter = Letter(to="a@example.org", to_name=name, subject=subject, text="x", headers={"List-Id": value})
    raw = bytes(mail.as_message(settings, letter))
    message = email.message_from_bytes(raw, policy=default)
    assert set(message.keys()) == {*OURS, "List-Id"}
    assert len(message.keys()) == len(OURS) + 1
    assert [address.addr_spec for address in message["to"].addresses] == ["a@example.org"]


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Maryse Côté", "Maryse Côté"),
        ("J.-P. Tremblay", "J.-P. Tremblay"),
        ("https://evil.tld", "evil. tld"),
        ("www.evil.tld", "www. evil. tld"),
        ("admin@maillage.org", "admin maillage. org"),
        ("Maryse\r\nBcc: x", "Maryse Bcc: x"),
        ("Maryse \u202eetôC", "Maryse etôC"),
        ("Mary\x00se\x07", "Maryse"),
    ],
)
def test_a_name_in_a_letter_cannot_be_clicked_and_reads_one_way(name: str, plain: str) -> None:
    assert mail.plain_name(name) == plain


def test_a_header_that_letters_do_not_have_is_refused(settings: Settings) -> None:
    with pytest.raises(ValueError, match="no header"):
        mail.as_message(settings, Letter(to="a@example.org", subject="x", text="x", headers={"Bcc": "b@example.org"}))


def test_a_letter_is_worded_from_its_templates(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def with_templates(locale: str) -> Environment:
        real = environment(locale)
        made = real.overlay(
            loader=DictLoader(
                {
                    "letters/_base.txt": (mail_templates() / "_base.txt").read_text(),
                    "letters/_base.html": (mail_templates() / "_base.html").read_text(),
                    "letters/try.txt": '{% extends "letters/_base.txt" %}{% block subject %}{{ who|plain_name }}\n'
                    "a écrit{% endblock %}{% block body %}« {{ words }} »{% endblock %}",
                    "letters/try.html": '{% extends "letters/_base.html" %}'
                    "{% block body %}<p>{{ words }}</p>{% endblock %}",
                }
            )
        )
        assert isinstance(made, Environment)
        return made

    monkeypatch.setattr(mail, "environment", with_templates)
    mail.text_environment.cache_clear()
    mail.html_environment.cache_clear()
    letter = mail.worded(
        settings, "try", "fr-CA", to="a@example.org", who="evil.tld", words="<script>alert(1)</script> & l’été"
    )
    mail.text_environment.cache_clear()
    mail.html_environment.cache_clear()
    assert letter.subject == "evil. tld a écrit"
    assert "« <script>alert(1)</script> & l’été »" in letter.text
    assert settings.base_url in letter.text
    assert "<script>" not in letter.html
    assert '<html lang="fr-CA">' in letter.html


def mail_templates() -> Path:
    return Path(mail.__file__).parents[1] / "templates" / "letters"

"""A gathering from its model to the discussions that come of it: real servers, a real mailbox, a real browser."""

import email
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import icalendar
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from playwright.sync_api import Browser, Page, expect

from maillage.core import clock
from tests.operating.house import House, until

pytestmark = [pytest.mark.operating, pytest.mark.browser]

TITLE = "Rencontre du printemps à Sainte-Brume"
ALINE = "aline.roy@courriel.example"
STATUS = (
    "SELECT status FROM registration r JOIN participant p ON p.id = r.participant_id WHERE p.email = $1"
    " ORDER BY r.id DESC LIMIT 1"
)
MOVED = (
    "UPDATE event_session s SET local_start = (now() + $2) AT TIME ZONE s.zone,"
    " local_end = (now() + $2 + interval '5 hours') AT TIME ZONE s.zone"
    " FROM occurrence o WHERE o.id = s.occurrence_id AND o.gathering_id = $1 RETURNING 1"
)
TICKET = (
    "SELECT ticket FROM registration r JOIN participant p ON p.id = participant_id JOIN person ON person.id = person_id"
    " JOIN occurrence o ON o.id = occurrence_id WHERE gathering_id = $1 AND handle = $2"
)
ARRIVED = (
    "SELECT count(*) FROM attendance a JOIN event_session s ON s.id = session_id"
    " JOIN occurrence o ON o.id = occurrence_id WHERE gathering_id = $1"
)
RANKS = {
    "felix": "Votre rang dans la liste d’attente\u00a0: 1",
    "nadege": "Votre rang dans la liste d’attente\u00a0: 2",
}
OUTCOMES = {
    "decision": "Se voir quatre fois par année",
    "question": "Qui ouvre la salle le samedi?",
    "commitment": "Tenir la liste des repas",
}


class Mailboxes:
    """A mail server: what reached each address, in order."""

    def __init__(self) -> None:
        self.received: list[tuple[str, EmailMessage]] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 — its name
        message = email.message_from_bytes(envelope.content, policy=default)  # type: ignore[arg-type]
        assert isinstance(message, EmailMessage)
        self.received += [(address, message) for address in envelope.rcpt_tos]
        return "250 OK"

    def of(self, address: str) -> list[EmailMessage]:
        return [message for whose, message in self.received if whose == address]

    def subjects(self, address: str) -> list[str]:
        """What each letter about this gathering says first, before its title."""
        words = [str(message["Subject"]) for message in self.of(address)]
        return [re.sub(rf"[\s ]*:[\s ]*{TITLE}$", "", each) for each in words if TITLE in each]


@pytest.fixture
def mailboxes() -> Iterator[tuple[Mailboxes, int]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    boxes = Mailboxes()
    controller = Controller(boxes, hostname="127.0.0.1", port=port)
    controller.start()
    yield boxes, port
    controller.stop()


@pytest.fixture
def house(tmp_path: Path, mailboxes: tuple[Mailboxes, int]) -> Iterator[House]:
    settings = {"MAILLAGE_ENV": "demo", "MAILLAGE_SMTP_URL": f"smtp://127.0.0.1:{mailboxes[1]}"}
    house = House(tmp_path / "var", env=settings)
    with house.serving("--workers", "2"):
        until(lambda: "est prêt" in house.log.read_text(), "it says so")
        yield house


@contextmanager
def somebody(browser: Browser, house: House, handle: str | None = None, *, width: int = 360) -> Iterator[Page]:
    """A window of her own, in which she signs in by a link."""
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{house.port}", viewport={"width": width, "height": 760}, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    if handle:
        link = re.search(r"http://\S+", house.run("sign-in-link", handle).stdout)
        assert link
        page.goto(link[0])
        page.locator("main").get_by_role("button", name="Se connecter").click()
        expect(page.locator("main").get_by_role("button", name="Se connecter")).to_have_count(0)
    yield page
    context.close()


def said(page: Page, words: str) -> None:
    expect(page.locator("main")).to_contain_text(words)


def address_of(house: House, handle: str) -> str:
    return str(house.asks("SELECT email FROM person WHERE handle = $1", handle))


def plan(page: Page, house: House) -> int:
    """The organizer makes a model of last year's, begins with it, says when and how many, adds workshops, publishes."""
    last = house.asks("SELECT id FROM gathering WHERE starts_with(title, 'Rencontre des acteurs')")
    page.goto(f"/rencontres/{last}/dupliquer")
    page.locator("input[name=title]").fill("Notre modèle de rencontre")
    page.locator("input[name=what][value=programme]").uncheck()
    page.locator("input[name=model]").check()
    page.get_by_role("button", name="Créer la copie").click()
    said(page, "Notre modèle de rencontre")

    page.goto("/rencontres/nouvelle")
    page.get_by_role("link", name="Notre modèle de rencontre").click()
    page.locator("input[name=title]").fill(TITLE)
    page.locator("input[name=day]").fill((clock.now().date() + timedelta(days=60)).isoformat())
    page.get_by_role("button", name="Créer la copie").click()
    page.wait_for_url(re.compile(r"/rencontres/\d+-rencontre-du-printemps"))
    number = int(page.url.rsplit("/", 1)[1].partition("-")[0])

    page.goto(f"/rencontres/{number}/dates")
    page.get_by_role("link", name="Modifier cette date").click()
    page.locator("input[name=mode][value=hybrid]").check()
    page.locator("input[name=seats]").fill("3")
    page.locator("input[name=online_seats]").fill("5")
    page.locator("input[name=online_url]").fill("https://salle.example/printemps")
    page.get_by_role("button", name="Enregistrer").click()
    page.wait_for_url(re.compile(r"/dates"))

    page.goto(f"/rencontres/{number}/programme")
    page.get_by_role("link", name="Ajouter des ateliers au choix").click()
    page.locator("input[name=begins]").fill("10:00")
    page.locator("input[name=ends]").fill("11:30")
    page.locator("input[name=title]").fill("Ateliers du matin")
    choices = page.locator("input[name^=choice_]")
    for n, (name, seats) in enumerate((("La cuisine", "1"), ("Le jardin", "5"))):
        choices.nth(n).fill(name)
        page.locator("input[name^=seats_]").nth(n).fill(seats)
    page.get_by_role("button", name="Enregistrer").click()
    said(page, "Le jardin")

    page.goto(f"/rencontres/{number}")
    page.get_by_role("button", name="Publier").click()
    said(page, "Ateliers du matin")
    return number


def registers(page: Page, number: int, workshop: str, *, way: str = "in-person") -> None:
    page.goto(f"/rencontres/{number}")
    page.get_by_role("link", name="S’inscrire").first.click()
    page.locator(f"input[name=date][value$='{way}']").check()
    page.get_by_label(workshop).check()


@dataclass(frozen=True)
class Entry:
    """What a calendar is told of a session."""

    method: str
    uid: str
    sequence: int
    attendee: str


def entry(file: str | bytes) -> Entry:
    calendar = icalendar.Calendar.from_ical(file)
    [event] = calendar.events
    uid, sequence, attendee = (str(event.get(name, "")) for name in ("UID", "SEQUENCE", "ATTENDEE"))
    return Entry(str(calendar.get("METHOD", "")), uid, int(sequence), attendee)


def invitation(message: EmailMessage) -> Entry:
    """What the letter puts into her calendar: the same for mail programs that show it and for those that attach it."""
    [body] = {part.get_content() for part in message.walk() if part.get_content_type() == "text/calendar"}
    return entry(body)


def link_in(message: EmailMessage, begins: str) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    found = re.search(rf"http://127\.0\.0\.1:\d+({begins}\S*)", body.get_content())
    assert found, body.get_content()
    return found[1]


def test_a_gathering_from_its_model_to_its_discussions(
    house: House, browser: Browser, mailboxes: tuple[Mailboxes, int]
) -> None:
    boxes = mailboxes[0]
    with somebody(browser, house, "thuy-linh", width=1280) as organizer:
        number = plan(organizer, house)

        # Somebody without an account, on her phone: a letter, a link, and one button, which looking does not press.
        with somebody(browser, house) as aline:
            registers(aline, number, "La cuisine")
            aline.locator("input[name=name]").fill("Aline Roy")
            aline.locator("input[name=email]").fill(ALINE)
            aline.get_by_role("button", name="S’inscrire").click()
            until(lambda: len(boxes.of(ALINE)) == 1, "a letter to confirm")
            hers = link_in(boxes.of(ALINE)[0], "/rencontres/inscriptions/")
            aline.goto(hers)
            aline.goto(hers)
            assert house.asks(STATUS, ALINE) == "unconfirmed"
            aline.get_by_role("button", name="Confirmer mon inscription").click()
            said(aline, "Présentez ce code à l’accueil")
            until(lambda: len(boxes.of(ALINE)) == 2, "a letter that confirms")
            invited = invitation(boxes.of(ALINE)[1])
            assert (invited.method, invited.attendee) == ("REQUEST", f"mailto:{ALINE}")
            # The same, for a calendar that takes files.
            aline.goto(f"/rencontres/{number}")
            with aline.expect_download() as file:
                aline.get_by_role("link", name="fichier (.ics)").click()
            own = entry(file.value.path().read_bytes())
            assert (own.uid, own.attendee) == (invited.uid, "")

            # The room fills; two more wait, in their order.
            for handle in ("josee", "maryse", "felix", "nadege"):
                with somebody(browser, house, handle) as page:
                    registers(page, number, "Le jardin")
                    page.get_by_role("button", name="S’inscrire").click()
                    said(page, RANKS.get(handle, "Inscription confirmée"))
            felix, nadege = address_of(house, "felix"), address_of(house, "nadege")
            until(lambda: boxes.subjects(nadege) == ["Vous êtes en liste d’attente"], "she is told that she waits")

            # One withdraws: the first of those who wait has her seat, and her calendar is told.
            aline.goto(hers)
            aline.get_by_role("button", name="Je ne viendrai pas").click()
            said(aline, "annulée")
        until(lambda: len(boxes.of(ALINE)) == 3, "a letter that cancels")
        cancelled = invitation(boxes.of(ALINE)[2])
        assert (cancelled.method, cancelled.uid) == ("CANCEL", invited.uid)
        assert cancelled.sequence > invited.sequence
        until(lambda: boxes.subjects(felix) == ["Vous êtes en liste d’attente", "Vous avez une place"], "he is told")
        assert boxes.subjects(nadege) == ["Vous êtes en liste d’attente"]

        # The organizer moves it: one letter, with a higher number.
        organizer.goto(f"/rencontres/{number}/dates")
        organizer.get_by_role("link", name="Modifier cette date").click()
        organizer.locator("input[name=day_0]").fill((clock.now().date() + timedelta(days=50)).isoformat())
        organizer.get_by_role("button", name="Enregistrer").click()
        organizer.wait_for_url(re.compile(r"/dates(\?|$)"))
        until(lambda: boxes.subjects(felix)[2:] == ["Nouvelle heure ou nouveau lieu"], "he is told of the new day")
        before, after = (invitation(message) for message in boxes.of(felix)[-2:])
        assert after.uid == before.uid
        assert after.sequence > before.sequence

        # At the door with the network off: three are noted, one of them twice; back on line, each came once.
        house.asks(MOVED, number, timedelta(hours=-1))
        organizer.set_viewport_size({"width": 360, "height": 740})
        organizer.goto(f"/rencontres/{number}/accueil")
        expect(organizer.get_by_role("heading", name="Cet appareil")).to_be_visible()
        organizer.context.set_offline(True)
        organizer.reload()
        code = organizer.get_by_label("Code", exact=True)
        for handle, answer in (
            ("josee", "arrivée notée"),
            ("maryse", "arrivée notée"),
            ("felix", "arrivée notée"),
            ("josee", "est déjà là"),
        ):
            code.fill(str(house.asks(TICKET, number, handle)))
            code.press("Enter")
            expect(organizer.locator("[data-said]")).to_contain_text(answer)
        assert house.asks(ARRIVED, number) == 0
        organizer.context.set_offline(False)
        organizer.evaluate("dispatchEvent(new Event('online'))")
        expect(organizer.locator("[data-network]")).to_have_text("Tout ce qui a été noté ici est envoyé.")
        assert house.asks(ARRIVED, number) == 3

        # It is over: what came of it is written down, and each thing has its discussion.
        house.asks(MOVED, number, timedelta(days=-1))
        organizer.goto(f"/rencontres/{number}/bureau")
        organizer.get_by_role("link", name="Rédiger le bilan").click()
        organizer.get_by_role("link", name="Écrire le bilan").click()
        for n, (kind, words) in enumerate(OUTCOMES.items()):
            organizer.locator(f"input[name=kind_{n}][value={kind}]").check()
            organizer.locator(f"[name=body_{n}]").fill(words)
        organizer.locator("[name=owner_2]").fill("Le comité des repas")
        organizer.locator("[name=notes]").fill("Nous étions trois, et cela suffisait.")
        organizer.get_by_role("button", name="Publier le bilan").click()
        said(organizer, "chacune de ses suites a sa discussion")
        with somebody(browser, house) as stranger:
            for words in OUTCOMES.values():
                stranger.goto(f"/rencontres/{number}/bilan")
                stranger.get_by_role("link", name=words).click()
                expect(stranger.get_by_role("heading", level=1)).to_have_text(words)
                expect(stranger.get_by_role("link", name=TITLE).first).to_be_visible()
        assert house.asks("SELECT count(*) FROM thread WHERE title = ANY ($1)", list(OUTCOMES.values())) == len(
            OUTCOMES
        )

"""Every page, export, feed and letter about gatherings, read by everybody who should not read all of it.

Words that nobody else would write are put where few may read them. Each reader then opens every address that there is,
as the site map has it, so that a room that is added later is opened too, and every letter that left is read.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from starlette.routing import Route
from starlette.testclient import TestClient

from maillage.core import clock
from maillage.core.db import Db
from maillage.events.commands import calendars, groups, participants, registering, saying
from maillage.events.letters.registrations import link_of
from maillage.events.queries import registrations
from maillage.events.routes import routes
from tests.conftest import Site
from tests.events.gatherings import in_days, make_date, make_gathering
from tests.events.post import messages, post_office

ONLINE = "https://salle.example/canari-en-ligne"
# Each reader, and the account that she has. The organizer reads first: nothing of what she saw may be kept for others.
READERS = {
    "organizer": "thuy-linh",
    "door": "ibrahima",
    "group": "karine",
    "online": "josee",
    "participant": "maryse",
    "waiting": "felix",
    "other organizer": "annie-claude",
    "other organization": "linda",
    "link": "",
    "stranger": "",
}
EVERYBODY = frozenset(READERS)
HANDS = frozenset({"organizer", "door"})
COMES = frozenset({"participant", "online"})
ORGANIZER = frozenset({"organizer"})
NAMES = {
    # Name, how she is listed, where she stands: who may read it.
    "Nobody Canari": ("nobody", "confirmed", HANDS),
    "Participants Canari": ("participants", "confirmed", HANDS | COMES),
    "Everyone Canari": ("everyone", "confirmed", EVERYBODY),
    "Waiting Canari": ("everyone", "waiting", ORGANIZER),
    "Unconfirmed Canari": ("everyone", "unconfirmed", ORGANIZER),
    "Cancelled Canari": ("everyone", "cancelled", ORGANIZER),
}
NEEDS, ANSWER = "Besoin-canari", "Réponse-canari"


@dataclass
class World:
    """The gatherings, and who may read which words."""

    main: int = 0
    draft: int = 0
    members: int = 0
    date: int = 0
    seat: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    link: str = ""
    feed: str = ""
    may_read: dict[str, frozenset[str]] = field(default_factory=dict)


def address_of(name: str) -> str:
    return f"{name.split()[0].lower()}@canari.example"


def a_world(site: Site) -> World:
    world = World()

    async def write(db: Db) -> None:
        ask, now = db.connection.fetchval, clock.now()

        async def account(handle: str) -> int:
            person_id = await ask("SELECT id FROM person WHERE handle = $1", handle)
            return await participants.of_account(db, person_id=person_id, locale="fr-CA")

        async def comes(whose: int, way: str = "in-person", listed: str = "nobody", *, proved: bool = True) -> int:
            made = await registering.register(
                db,
                occurrence_id=world.date,
                way=way,
                participant_id=whose,
                listed=listed,
                proved=proved,
                now=now,
                by=None,
            )
            return made.id

        world.main = await make_gathering(db)
        world.date = await make_date(db, world.main, seats=6, mode="hybrid", online=5, online_url=ONLINE)
        world.draft = await make_gathering(db, "annie-claude", title="Ébauche-canari", state="draft")
        world.members = await make_gathering(db, "annie-claude", title="Membres-canari", visibility="members")
        for number in (world.draft, world.members):
            await make_date(db, number, starts=in_days(50))
        await db.connection.execute(
            "INSERT INTO gathering_hand SELECT $1, id, 'door' FROM person WHERE handle = 'ibrahima'", world.main
        )
        question = await ask(
            "INSERT INTO event_question (gathering_id, position, kind, label, sensitive)"
            " VALUES ($1, 1, 'text', 'Allergies', true) RETURNING id",
            world.main,
        )
        await comes(await account("maryse"))
        await comes(await account("josee"), "online")
        # A group, whose seat is named by somebody who knows an address and nothing else.
        karine = await ask("SELECT id FROM person WHERE handle = 'karine'")
        organization = await ask("SELECT organization_id FROM membership WHERE person_id = $1", karine)
        held: dict[str, Any] = {"occurrence_id": world.date, "way": "in-person", "request_key": None, "now": now}
        await groups.hold(db, **held, many=1, organization_id=organization, by=karine)
        world.seat = await ask("SELECT max(id) FROM registration")
        for name, (listed, status, _readers) in NAMES.items():
            guest = await participants.of_address(db, email=address_of(name), name=name, locale="fr-CA")
            if status == "waiting":
                # All seats are taken: whoever comes now waits.
                await registering.set_seats(db, occurrence_id=world.date, way="in-person", seats=5, now=now)
            number = world.numbers[name] = await comes(guest, listed=listed, proved=status != "unconfirmed")
            await saying.say(
                db,
                registration_id=number,
                answers={question: f"{ANSWER} de {name}"},
                access=["wheelchair"],
                diet=[],
                words=f"{NEEDS} de {name}",
            )
            if status == "cancelled":
                await registering.withdraw(db, registration_ids=[number], now=now, by=None)
        await comes(await account("felix"), listed="everyone")
        person_id = await ask("SELECT id FROM person WHERE handle = 'maryse'")
        world.feed = await calendars.open_feed(db, person_id=person_id, now=now)
        row = await registrations.standing(db, world.numbers["Everyone Canari"])
        assert row is not None
        world.link = link_of(site.settings.secret, "", row).rsplit("/", 1)[1]

    site.write(write)
    world.may_read = {
        ONLINE: HANDS | COMES,
        NEEDS: ORGANIZER,
        ANSWER: ORGANIZER,
        "@canari.example": ORGANIZER,
        "Ébauche-canari": frozenset({"other organizer"}),
        "Membres-canari": EVERYBODY - {"stranger", "link"},
    } | {name: readers for name, (_listed, _status, readers) in NAMES.items()}
    return world


def addresses(world: World) -> Iterator[str]:
    """All that can be opened, with the numbers and the links that there are; and what gathers from everywhere."""
    for route in routes:
        assert isinstance(route, Route)
        if "GET" not in (route.methods or ()):
            continue
        for gathering in (world.main, world.draft, world.members) if "{id:int}" in route.path else (world.main,):
            path = route.path.replace("{id:int}", str(gathering))
            slug = "lire-son-milieu" if "/modules/" in path else "rencontre-de-sainte-brume"
            path = path.replace("{slug}", slug)
            path = path.replace("{token}", world.feed if "/calendrier/" in path else world.link)
            numbers = (world.date, world.seat, world.numbers["Nobody Canari"]) if "{" in path else (0,)
            for number in numbers:
                yield re.sub(r"\{\w+(:int)?\}", str(number), path)
    for number in world.numbers.values():
        yield f"/rencontres/{world.main}/changer?registration={number}"
    yield from (f"/rencontres/{world.draft}-ebauche-canari", f"/rencontres/{world.members}-membres-canari")
    yield from (
        "/",
        "/rencontres?mode=online",
        "/recherche?q=canari",
        "/discussions",
        "/moi",
        "/moi/donnees",
        "/moi/avis",
    )


def reader(site: Site, who: str) -> TestClient:
    return site.as_(READERS[who]) if READERS[who] else site.stranger


def text_of(body: bytes) -> str:
    """What is in it, whichever way it is packed."""
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            return "\n".join(packed.read(name).decode(errors="replace") for name in packed.namelist())
    # Lines of calendars go on after a line break and a space.
    return body.decode(errors="replace").replace("\r\n ", "")


def test_every_address_shows_each_reader_what_is_hers_to_read(site: Site) -> None:
    world = a_world(site)
    found: set[tuple[str, str]] = set()
    wrong: list[str] = []
    for who in READERS:
        browser = reader(site, who)
        for path in dict.fromkeys(addresses(world)):
            # Somebody's own links are hers to open; a stranger has none.
            if any(
                link in path and who != whose for link, whose in ((world.link, "link"), (world.feed, "participant"))
            ):
                continue
            answer = browser.get(path)
            assert answer.status_code < 500, path
            shown = text_of(answer.content)
            if path.startswith("/recherche"):
                shown = shown.replace('value="canari"', "")
            for words, readers in world.may_read.items():
                if words in shown:
                    found.add((who, words))
                    if who not in readers:
                        wrong.append(f"{who} reads « {words} » at {path}")
    assert wrong == []
    # The sweep has found what is there to be found.
    for seen in (
        ("organizer", "Nobody Canari"),
        ("door", "Nobody Canari"),
        ("participant", "Participants Canari"),
        ("stranger", "Everyone Canari"),
        ("link", "Everyone Canari"),
        ("online", ONLINE),
        ("other organizer", "Ébauche-canari"),
        ("waiting", "Membres-canari"),
    ):
        assert seen in found, seen


def test_every_letter_names_its_reader_and_nobody_else(site: Site) -> None:
    world = a_world(site)

    async def act(db: Db) -> None:
        now = clock.now()
        person_id = await db.connection.fetchval("SELECT id FROM person WHERE handle = 'karine'")
        whose = await participants.of_mailbox(db, email="gaston@canari.example", name="Gaston Canari", locale="fr-CA")
        await groups.name(
            db, registration_id=world.seat, participant_id=whose, called="Gaston Canari", now=now, by=person_id
        )
        await registering.withdraw(db, registration_ids=[world.numbers["Nobody Canari"]], now=now, by=None)
        await registering.announce(db, occurrence_id=world.date, cause="date-changed", now=now, by=None)

    post_office(site)
    site.write(act)
    post_office(site)
    left = messages(site)
    assert len(left) > 12
    people = {address_of(name): name for name in NAMES} | {"gaston@canari.example": "Gaston Canari"}
    hers = {
        str(site.ask("SELECT email FROM person WHERE handle = $1", handle)): str(
            site.ask("SELECT name FROM person WHERE handle = $1", handle)
        )
        for handle in ("maryse", "josee", "felix", "karine")
    }
    online = next(email for email, name in hers.items() if name == site.ask(_NAME_OF, "josee"))
    for message in left:
        to = next(email for email in (people | hers) if email in str(message["To"]))
        parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
        whole = "\n".join([str(message), *parts])
        for email, name in (people | hers).items():
            if email != to:
                assert email not in whole, to
                assert name not in whole, to
        assert NEEDS not in whole
        assert ANSWER not in whole
        assert ONLINE not in whole or to == online, to


_NAME_OF = "SELECT name FROM person WHERE handle = $1"

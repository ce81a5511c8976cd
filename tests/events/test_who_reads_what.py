"""Every page, export, feed and letter about gatherings, read by everybody who should not read all of it.

Words that nobody else would write are put where few may read them. Each reader then opens every address that there is,
as the site map has it, so that a room that is added later is opened too, and every letter that left is read.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from starlette.routing import Route
from starlette.testclient import TestClient

from maillage.core import clock
from maillage.core.db import Db
from maillage.core.jobs import REGISTRY
from maillage.core.sealing import seal
from maillage.events.commands import (
    calendars,
    desk,
    groups,
    inviting,
    modules,
    participants,
    registering,
    reminding,
    saying,
    thanking,
)
from maillage.events.letters.invitations import INVITED
from maillage.events.letters.modules import STOPPING
from maillage.events.letters.registrations import link_of
from maillage.events.letters.thanks import EVALUATING
from maillage.events.queries import registrations
from maillage.events.routes import routes
from maillage.events.routes.certificates import ATTESTED
from tests.cases.test_pdf import contents
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
    "invited": "",
    "stranger": "",
}
SIGNED_IN = frozenset(who for who, handle in READERS.items() if handle)
STRANGERS = frozenset(READERS) - SIGNED_IN
EVERYBODY = frozenset(READERS)
HANDS = frozenset({"organizer", "door"})
COMES = frozenset({"participant", "online"})
ORGANIZER = frozenset({"organizer"})
NOBODY: frozenset[str] = frozenset()
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
INVITEE, NOTE = "Invited Canari", "Note-canari"
REPORT, OPINION = "Bilan-canari", "Opinion-canari"


@dataclass
class World:
    """The gatherings, and who may read which words."""

    main: int = 0
    draft: int = 0
    members: int = 0
    date: int = 0
    # Over; its report is not published, and four people have said what they thought of it.
    past: int = 0
    # What stands in addresses, by its name there.
    things: dict[str, int] = field(default_factory=dict)
    # Registrations, by the name of whose they are.
    numbers: dict[str, int] = field(default_factory=dict)
    # Addresses that are secrets: by the name of the route, what stands for `{token}` and who was given it.
    secrets: dict[str, tuple[str, str]] = field(default_factory=dict)
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
        item = await ask(
            "INSERT INTO programme_item (gathering_id, begins, minutes, title) VALUES ($1, 60, 90, 'Accueil')"
            " RETURNING id",
            world.main,
        )
        hers = await comes(await account("maryse"))
        await comes(await account("josee"), "online")
        # A group, whose seat is named by somebody who knows an address and nothing else.
        karine = await ask("SELECT id FROM person WHERE handle = 'karine'")
        organization = await ask("SELECT organization_id FROM membership WHERE person_id = $1", karine)
        held: dict[str, Any] = {"occurrence_id": world.date, "way": "in-person", "request_key": None, "now": now}
        await groups.hold(db, **held, many=1, organization_id=organization, by=karine)
        seat = await ask("SELECT max(id) FROM registration")
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
        thuy_linh = await ask("SELECT id FROM person WHERE handle = 'thuy-linh'")
        await inviting.invite_address(
            db,
            gathering_id=world.main,
            email=address_of(INVITEE),
            name=INVITEE,
            note=NOTE,
            locale="fr-CA",
            by=thuy_linh,
            now=now,
        )
        invitation = await ask("SELECT id FROM event_invitation")
        attended, session, evaluating = await _what_is_over(db, world)
        maryse = await ask("SELECT id FROM person WHERE handle = 'maryse'")
        module = await ask("SELECT id FROM term WHERE taxonomy = 'module' AND slug = 'lire-son-milieu'")
        row = await registrations.standing(db, world.numbers["Everyone Canari"])
        assert row is not None
        secret = site.settings.secret
        link = link_of(secret, "", row).rsplit("/", 1)[1]
        world.secrets = {
            "own_registration_page": (link, "link"),
            "own_move_page": (link, "link"),
            "own_answers_page": (link, "link"),
            "own_calendar": (await calendars.open_feed(db, person_id=maryse, now=now), "participant"),
            "certificate": (seal(secret, ATTESTED, f"{attended} {session}".encode()).decode(), "participant"),
            "gathering_invitation": (seal(secret, INVITED, str(invitation).encode()).decode(), "invited"),
            "evaluate_gathering": (seal(secret, EVALUATING, str(evaluating).encode()).decode(), "link"),
            "module_stop_page": (seal(secret, STOPPING, f"{module} {maryse}".encode()).decode(), "participant"),
        }
        world.things = {
            "date": world.date,
            "seat": seat,
            "question": question,
            "item": item,
            "invitation": invitation,
            "registration": hers,
        }

    site.write(write)
    world.may_read = {
        ONLINE: HANDS | COMES,
        # Whoever has an invitation reads to whom it was sent, and what is said in it.
        "@canari.example": ORGANIZER | {"invited"},
        NOTE: frozenset({"invited"}),
        INVITEE: ORGANIZER | {"invited"},
        REPORT: ORGANIZER,
        OPINION: NOBODY,
        "Ébauche-canari": frozenset({"other organizer"}),
        "Membres-canari": SIGNED_IN,
    } | {name: readers for name, (_listed, _status, readers) in NAMES.items()}
    for name in NAMES:
        # What she said herself she reads again, by the link of her letter.
        whose = ORGANIZER | {"link"} if name == "Everyone Canari" else ORGANIZER
        world.may_read |= {f"{words} de {name}": whose for words in (NEEDS, ANSWER)}
    return world


async def _what_is_over(db: Db, world: World) -> tuple[int, int, int]:
    """The gathering that took place: a registration whose owner was there, its session, and one of a guest who was."""
    ask, now = db.connection.fetchval, clock.now()
    world.past = await make_gathering(db, title="Rencontre d’hier")
    date = await make_date(db, world.past)
    session: int = await ask("SELECT id FROM event_session WHERE occurrence_id = $1", date)
    made = []
    for whose in (
        await ask("SELECT pa.id FROM participant pa JOIN person p ON p.id = person_id WHERE handle = 'maryse'"),
        await ask("SELECT id FROM participant WHERE email = $1", address_of("Everyone Canari")),
    ):
        done = await registering.register(
            db, occurrence_id=date, way="in-person", participant_id=whose, now=now, by=None
        )
        made.append(done.id)
        await db.connection.execute(
            "INSERT INTO attendance (registration_id, session_id, at, source) VALUES ($1, $2, now(), 'name')",
            done.id,
            session,
        )
    begins = in_days(-1)
    await db.connection.execute(
        "UPDATE event_session SET local_start = $2, local_end = $3 WHERE id = $1",
        session,
        begins,
        begins + timedelta(hours=3),
    )
    await db.connection.execute(
        "INSERT INTO gathering_text (gathering_id, field, body_md, body_html, render_version, revision, updated_by_id)"
        " SELECT id, 'notes', $2, $2, 1, 1, created_by_id FROM gathering WHERE id = $1",
        world.past,
        REPORT,
    )
    await db.connection.execute(
        "INSERT INTO evaluation (gathering_id, useful, learned, change)"
        " SELECT $1, 4, $2, $2 FROM generate_series(1, 4)",
        world.past,
        OPINION,
    )
    return made[0], session, made[1]


def opened(world: World, route: Route, gathering: int) -> str:
    """An address of this route, with the things that there are. What is not known here has to be put into the world."""
    path = route.path.replace("{id:int}", str(gathering))
    path = path.replace("{slug}", "lire-son-milieu" if "/modules/" in path else "rencontre-de-sainte-brume")
    token = world.secrets.get(route.name, ("", ""))[0]
    if token and "{token}" not in path:
        path += f"?jeton={token}"
    path = path.replace("{token}", token)
    return re.sub(r"\{(\w+):int\}", lambda found: str(world.things[found[1]]), path)


def shown_by_routes() -> list[Route]:
    """All that can be opened."""
    return [route for route in routes if isinstance(route, Route) and "GET" in (route.methods or ())]


def addresses(world: World) -> Iterator[tuple[str, str]]:
    """All that can be opened, and what gathers from everywhere; with each address, who has it, where it is a secret."""
    for route in shown_by_routes():
        whose = world.secrets.get(route.name, ("", ""))[1]
        everywhere = (world.main, world.past, world.draft, world.members)
        for gathering in everywhere if "{id:int}" in route.path else (world.main,):
            yield opened(world, route, gathering), whose
    for number in (world.things["registration"], world.things["seat"], *world.numbers.values()):
        for room in ("changer", "reponses"):
            yield f"/rencontres/{world.main}/{room}?registration={number}", ""
        yield f"/rencontres/{world.main}/groupe/{number}", ""
    for path in (
        f"/rencontres/{world.past}-rencontre-dhier",
        f"/rencontres/{world.past}/evaluation",
        f"/rencontres/{world.draft}-ebauche-canari",
        f"/rencontres/{world.members}-membres-canari",
        "/",
        "/rencontres?mode=online",
        "/rencontres?passees=1",
        "/recherche?q=canari",
        "/discussions",
        "/moi",
        "/moi/donnees",
        "/moi/avis",
    ):
        yield path, ""


def reader(site: Site, who: str) -> TestClient:
    return site.as_(READERS[who]) if READERS[who] else site.stranger


def text_of(body: bytes) -> str:
    """What is in it, whichever way it is packed."""
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            return "\n".join(packed.read(name).decode(errors="replace") for name in packed.namelist())
    if body.startswith(b"%PDF"):
        return contents(body).decode(errors="replace")
    # Lines of calendars go on after a line break and a space.
    return body.decode(errors="replace").replace("\r\n ", "")


def test_every_address_shows_each_reader_what_is_hers_to_read(site: Site) -> None:
    world = a_world(site)
    found: set[tuple[str, str]] = set()
    wrong: list[str] = []
    for who in READERS:
        browser = reader(site, who)
        for path, whose in dict.fromkeys(addresses(world)):
            # Somebody's own links are hers to open; others have none.
            if whose and who != whose:
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
        ("link", f"{NEEDS} de Everyone Canari"),
        ("online", ONLINE),
        ("other organizer", "Ébauche-canari"),
        ("waiting", "Membres-canari"),
        ("organizer", REPORT),
        ("organizer", INVITEE),
        ("invited", NOTE),
    ):
        assert seen in found, seen


def test_every_letter_names_its_reader_and_nobody_else(site: Site) -> None:
    world = a_world(site)
    left_before_start = site.ask("SELECT starts_at FROM occurrence WHERE id = $1", world.date) - clock.now()
    hours = 1 + round(left_before_start / timedelta(hours=1))

    async def act(db: Db) -> None:
        ask, now = db.connection.fetchval, clock.now()
        karine, thuy_linh, maryse = [
            await ask("SELECT id FROM person WHERE handle = $1", handle) for handle in ("karine", "thuy-linh", "maryse")
        ]
        whose = await participants.of_mailbox(db, email="gaston@canari.example", name="Gaston Canari", locale="fr-CA")
        await groups.name(
            db,
            registration_id=world.things["seat"],
            participant_id=whose,
            called="Gaston Canari",
            now=now,
            by=karine,
        )
        await registering.withdraw(db, registration_ids=[world.numbers["Nobody Canari"]], now=now, by=None)
        await registering.announce(db, occurrence_id=world.date, cause="date-changed", now=now, by=None)
        # What is not about a change: the organizers write, it comes soon, a training is offered.
        rows = await db.connection.fetch(
            "SELECT id FROM registration WHERE occurrence_id = $1 AND status = 'confirmed'", world.date
        )
        await desk.write(
            db,
            gathering_id=world.main,
            registration_ids=[row["id"] for row in rows],
            subject="Le repas",
            body="Apportez un plat.",
            request_key="k" * 43,
            now=now,
            by=thuy_linh,
        )
        await ask("INSERT INTO reminder_rule (gathering_id, hours) VALUES ($1, $2) RETURNING id", world.main, hours)
        await reminding.remind(db, now=now)
        module, region = [
            await ask("SELECT min(id) FROM term WHERE taxonomy = $1", taxonomy) for taxonomy in ("module", "region")
        ]
        await ask("UPDATE gathering SET module_id = $2 WHERE id = $1 RETURNING id", world.main, module)
        await ask("UPDATE occurrence SET region_id = $2 WHERE id = $1 RETURNING id", world.date, region)
        await modules.wait_for(db, module_id=module, region_id=region, person_id=maryse, now=now)
        await modules.tell_those_who_wait(db, gathering_id=world.main, now=now)
        ended = await ask("SELECT max(ends_at) FROM occurrence WHERE gathering_id = $1", world.past)
        await thanking.thank(db, now=ended + thanking.AFTER)

    post_office(site)
    site.write(act)
    left = {}
    for kind in letters_of_gatherings():
        post_office(site, kind)
        left[kind] = len(messages(site))
    # Each kind has left: an invitation, then those of the desk …
    assert len(set(left.values())) == len(left), left
    people = {address_of(name): name for name in (*NAMES, INVITEE)} | {"gaston@canari.example": "Gaston Canari"}
    hers = {
        str(site.ask("SELECT email FROM person WHERE handle = $1", handle)): str(
            site.ask("SELECT name FROM person WHERE handle = $1", handle)
        )
        for handle in ("maryse", "josee", "felix", "karine")
    }
    online = next(email for email, name in hers.items() if name == site.ask(_NAME_OF, "josee"))
    for message in messages(site):
        to = next(email for email in (people | hers) if email in str(message["To"]))
        parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
        whole = "\n".join([str(message), *parts])
        for email, name in (people | hers).items():
            if email != to:
                assert email not in whole, to
                assert name not in whole, to
        assert NEEDS not in whole
        assert ANSWER not in whole
        if to != online:
            assert ONLINE not in whole, to
        if to != address_of(INVITEE):
            assert NOTE not in whole, to


def letters_of_gatherings() -> list[str]:
    """The jobs that send some: one that is added has to leave above."""
    return sorted(name for name, job in REGISTRY.items() if job.work.__module__.startswith("maillage.events.letters."))


_NAME_OF = "SELECT name FROM person WHERE handle = $1"

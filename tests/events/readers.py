"""A gathering with words in it that few may read, each reader of them, and the addresses that they open."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from starlette.routing import Route
from starlette.testclient import TestClient

from maillage.core import clock
from maillage.core.db import Db
from maillage.core.sealing import seal
from maillage.events.commands import (
    calendars,
    groups,
    inviting,
    participants,
    registering,
    saying,
)
from maillage.events.letters.invitations import INVITED
from maillage.events.letters.modules import STOPPING
from maillage.events.letters.registrations import link_of
from maillage.events.letters.thanks import EVALUATING
from maillage.events.queries import registrations
from maillage.events.routes import routes
from maillage.events.routes.certificates import ATTESTED
from tests.conftest import Site
from tests.events.gatherings import in_days, make_date, make_gathering

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


def reader(site: Site, who: str) -> TestClient:
    return site.as_(READERS[who]) if READERS[who] else site.stranger

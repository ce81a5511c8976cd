"""Every page, export, feed and letter about gatherings, read by everybody who should not read all of it.

Words that nobody else would write are put where few may read them. Each reader then opens every address that there is,
as the site map has it, so that a room that is added later is opened too, and every letter that left is read.
"""

import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta

from maillage.core import clock
from maillage.core.db import Db
from maillage.core.jobs import REGISTRY
from maillage.events.commands import (
    desk,
    groups,
    modules,
    participants,
    registering,
    reminding,
    thanking,
)
from tests.cases.test_pdf import contents
from tests.conftest import Site
from tests.events.post import messages, post_office
from tests.events.readers import (
    ANSWER,
    INVITEE,
    NAMES,
    NEEDS,
    NOTE,
    ONLINE,
    READERS,
    REPORT,
    World,
    a_world,
    address_of,
    opened,
    reader,
    shown_by_routes,
)
from tests.events.test_afterwards import night


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
    assert night(site, days=100).followed_up
    left = {"before": len(messages(site))}
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

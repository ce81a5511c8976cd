"""Gatherings with something of each kind to act upon, made anew for each act: acts use up what they are done to."""

from datetime import timedelta
from typing import Any

from maillage.core import clock
from maillage.core.db import Db
from maillage.core.sealing import seal
from maillage.events.commands import asking, inviting, modules, participants, registering
from maillage.events.letters.invitations import INVITED
from maillage.events.letters.modules import STOPPING
from maillage.events.letters.registrations import OWN
from maillage.events.policies.asking import Offered, Wording
from maillage.events.queries.editing import as_seen, date_of
from tests.conftest import Site
from tests.events.gatherings import in_days, make_date, make_gathering

MODULE = "lire-son-milieu"


def met(site: Site) -> dict[str, Any]:
    """Who is where: `{registration}` is Félix’s, `{offered}` Josée’s, `{unconfirmed}` Réjean’s, `{pending}` Linda’s."""

    def sealed(purpose: str, words: str) -> str:
        return seal(site.settings.secret, purpose, words.encode()).decode()

    at = site.write(_make)
    until = int((clock.now() + timedelta(days=90)).timestamp())
    return at | {
        "own_link": sealed(OWN, f"{at['registration']} {until}"),
        "unconfirmed_link": sealed(OWN, f"{at['unconfirmed']} {until}"),
        "invited_link": sealed(INVITED, str(at["invitation"])),
        "stopping": sealed(STOPPING, f"{at['module_id']} {at['felix']}"),
    }


async def _make(db: Db) -> dict[str, Any]:
    gathering_id, planned = await make_gathering(db), await make_gathering(db, state="draft")
    date = await make_date(db, gathering_id, mode="hybrid", online=10)
    at = await _organized(db, gathering_id) | await _registered(db, date) | await _waiting(db)
    at |= await _brought(db, gathering_id) | await _asked(db, gathering_id)
    at |= {"gathering": gathering_id, "date": date, "slug": MODULE, "planned": planned, "held": await _held(db)}
    await make_date(db, planned)
    at["session"] = await db.connection.fetchval("SELECT id FROM event_session WHERE occurrence_id = $1", date)
    at["version"] = await db.connection.fetchval("SELECT version FROM gathering WHERE id = $1", gathering_id)
    at["date_version"] = as_seen(*await date_of(db, gathering_id, date))
    return at


async def _organized(db: Db, gathering_id: int) -> dict[str, Any]:
    """A line of the programme, two questions, somebody who is invited."""
    now, ask = clock.now(), db.connection.fetchval
    item = await ask(
        "INSERT INTO programme_item (gathering_id, begins, minutes, title) VALUES ($1, 0, 15, 'Accueil') RETURNING id",
        gathering_id,
    )
    _other, question = [
        await asking.add_question(db, gathering_id=gathering_id, wording=wording, now=now)
        for wording in (Wording("one", "Quoi", choices=[Offered(None, "Soupe", "", 3)]), Wording("text", "Qui"))
    ]
    by = await _person(db, "thuy-linh")
    await inviting.invite_address(
        db, gathering_id=gathering_id, email="a@courriel.example", name="A", note="", locale="fr-CA", by=by, now=now
    )
    invitation = await ask("SELECT id FROM event_invitation WHERE gathering_id = $1", gathering_id)
    return {"item": item, "question": question, "invitation": invitation}


async def _registered(db: Db, date: int) -> dict[str, Any]:
    """One of those who stand at each place from which something can be done, and two groups of an organization."""
    now, execute = clock.now(), db.connection.execute
    at: dict[str, Any] = {}
    people = {"registration": "felix", "offered": "josee", "unconfirmed": "rejean", "pending": "linda"}
    for name, handle in people.items():
        at[name] = await _come(db, date, handle, proved=name != "unconfirmed")
    at["ticket"] = await db.connection.fetchval("SELECT ticket FROM registration WHERE id = $1", at["registration"])
    for name in ("party", "offered_party"):
        at[name] = await registering.register_party(
            db,
            occurrence_id=date,
            way="in-person",
            members=[None, None],
            organization_id=await db.connection.fetchval(
                "SELECT organization_id FROM membership JOIN person ON person.id = person_id WHERE handle = 'karine'"
            ),
            request_key=None,
            now=now,
            by=await _person(db, "karine"),
        )
    at["seat"] = await db.connection.fetchval("SELECT min(id) FROM registration WHERE party_id = $1", at["party"])
    await execute("UPDATE registration SET status = 'pending', seat_no = NULL WHERE id = $1", at["pending"])
    await execute(
        "UPDATE registration SET status = 'offered', offer_expires_at = $3 WHERE id = $1 OR party_id = $2",
        at["offered"],
        at["offered_party"],
        now + timedelta(hours=12),
    )
    return at


async def _waiting(db: Db) -> dict[str, Any]:
    """Somebody who waits for a module."""
    module_id, region_id, felix = [
        await db.connection.fetchval("SELECT id FROM term WHERE slug = 'lire-son-milieu'"),
        await db.connection.fetchval("SELECT id FROM term WHERE slug = 'mauricie'"),
        await _person(db, "felix"),
    ]
    await modules.wait_for(db, module_id=module_id, region_id=region_id, person_id=felix, now=clock.now())
    return {"module_id": module_id, "felix": felix}


async def _brought(db: Db, gathering_id: int) -> dict[str, Any]:
    """A story that is proposed, and another one that is not."""
    case, story = [
        row["id"]
        for row in await db.connection.fetch(
            "SELECT id FROM practice_case WHERE state = 'published' ORDER BY id LIMIT 2"
        )
    ]
    await db.connection.execute(
        "INSERT INTO gathering_case (gathering_id, case_id, proposed_by_id) VALUES ($1, $2, $3)",
        gathering_id,
        case,
        await _person(db, "felix"),
    )
    return {"case": case, "story": story}


async def _asked(db: Db, gathering_id: int) -> dict[str, Any]:
    """A question of Maryse’s in its discussion, and one of the forum that nobody has answered."""
    ask = db.connection.fetchval
    talk, waits = [
        await ask(
            "SELECT min(t.id) FROM thread t JOIN space s ON s.id = t.space_id WHERE s.visibility = 'public'"
            " AND t.locked_at IS NULL AND t.merged_into_id IS NULL AND t.kind = 'question' AND (t.post_count = 1) = $1"
            " AND NOT EXISTS (SELECT FROM gathering WHERE thread_id = t.id)",
            unanswered,
        )
        for unanswered in (False, True)
    ]
    await db.connection.execute("UPDATE gathering SET thread_id = $2 WHERE id = $1", gathering_id, talk)
    asked = await ask(
        "INSERT INTO agenda_question (gathering_id, body, asked_by_id, post_id)"
        " SELECT $1, 'Qui a les clés?', $2, id FROM post WHERE thread_id = $3 AND seq = 2 RETURNING id",
        gathering_id,
        await _person(db, "maryse"),
        talk,
    )
    return {"asked": asked, "waits": waits}


async def _held(db: Db) -> int:
    """A gathering that took place, and to which Félix came."""
    gathering_id = await make_gathering(db, title="Rencontre tenue")
    date = await make_date(db, gathering_id)
    await _come(db, date, "felix")
    starts = in_days(-3)
    await db.connection.execute(
        "UPDATE event_session SET local_start = $2, local_end = $3 WHERE occurrence_id = $1",
        date,
        starts,
        starts + timedelta(hours=3),
    )
    return gathering_id


async def _come(db: Db, date: int, handle: str, *, proved: bool = True) -> int:
    whose = await participants.of_account(db, person_id=await _person(db, handle), locale="fr-CA")
    made = await registering.register(
        db, occurrence_id=date, way="in-person", participant_id=whose, proved=proved, now=clock.now(), by=None
    )
    return made.id


async def _person(db: Db, handle: str) -> int:
    found: int = await db.connection.fetchval("SELECT id FROM person WHERE handle = $1", handle)
    return found

"""After a gathering: its report, the discussions that come of it, what people say of it, and what time asks for."""

import re
from datetime import timedelta

from maillage.core import clock
from maillage.core.db import Db
from maillage.core.sealing import seal
from maillage.events.commands import nightly, participants, registering
from maillage.events.letters.thanks import EVALUATING
from tests.conftest import Site
from tests.events.gatherings import in_days, make_date, make_gathering, make_guest

CAME = ("maryse", "josee", "ibrahima", "felix", "nadege")


def over(site: Site, *, days: float = -3, visibility: str = "public") -> int:
    """A gathering that took place, to which five people with an account and one without came."""

    async def write(db: Db) -> int:
        gathering_id = await make_gathering(db, visibility=visibility)
        occurrence_id = await make_date(db, gathering_id, seats=20)
        ids = [
            await participants.of_account(
                db,
                person_id=await db.connection.fetchval("SELECT id FROM person WHERE handle = $1", handle),
                locale="fr-CA",
            )
            for handle in CAME
        ]
        for participant_id in [*ids, await make_guest(db, "Aline Roy")]:
            await registering.register(
                db,
                occurrence_id=occurrence_id,
                way="in-person",
                participant_id=participant_id,
                now=clock.now(),
                by=None,
            )
        starts = in_days(int(days))
        await db.connection.execute(
            "UPDATE event_session SET local_start = $2, local_end = $3 WHERE occurrence_id = $1",
            occurrence_id,
            starts,
            starts + timedelta(hours=3),
        )
        return gathering_id

    return site.write(write)


def form(site: Site, gathering_id: int, **more: str) -> dict[str, str]:
    """The form as its page has it, with what is written into it."""
    page = site.as_("thuy-linh").get(f"/rencontres/{gathering_id}/bilan/ecrire").text
    seen = re.search(r'name="seen"[^>]*value="([^"]*)"', page)
    return {"seen": seen[1] if seen else "0", "notes": "Nous étions **onze**.", "changes": "", **more}


ONE = {
    "kind_0": "commitment",
    "body_0": "Écrire au conseil",
    "owner_0": "Le comité du transport",
    "due_0": "2027-03-31",
}
TWO = {"kind_1": "question", "body_1": "Qui paie la salle?"}


def test_each_thing_that_came_of_it_has_its_discussion(site: Site) -> None:
    number, organizer = over(site), site.as_("thuy-linh")
    sent = organizer.post(f"/rencontres/{number}/bilan/ecrire", data=form(site, number, **ONE, **TWO, publish="1"))
    assert sent.status_code == 303
    page = site.stranger.get(f"/rencontres/{number}/bilan").text
    assert "<strong>onze</strong>" in page
    # The way to write it is its organizers' alone.
    write = f'href="/rencontres/{number}/bilan/ecrire"'
    assert write not in page + site.as_("maryse").get(f"/rencontres/{number}/bilan").text
    assert write in organizer.get(f"/rencontres/{number}/bilan").text
    threads = re.findall(r'href="(/discussions/\d+-[^"]*)"', page)
    assert len(threads) == 2
    first = site.stranger.get(threads[0]).text
    assert "Le comité du transport" in first
    assert "31" in first
    assert f"/rencontres/{number}-" in first
    assert site.ask("SELECT kind FROM thread WHERE title = 'Qui paie la salle?'") == "question"


def test_publishing_again_opens_discussions_for_what_is_new_only(site: Site) -> None:
    number, organizer = over(site), site.as_("thuy-linh")
    organizer.post(f"/rencontres/{number}/bilan/ecrire", data=form(site, number, **ONE, publish="1"))
    again = form(site, number, **ONE, **TWO, publish="1")
    assert organizer.post(f"/rencontres/{number}/bilan/ecrire", data=again).status_code == 303
    assert site.ask("SELECT count(*) FROM gathering_outcome WHERE thread_id IS NOT NULL") == 2
    assert site.ask("SELECT count(*) FROM thread WHERE title = 'Écrire au conseil'") == 1


def test_a_report_that_is_not_published_is_absent_for_others(site: Site) -> None:
    number, organizer = over(site), site.as_("thuy-linh")
    organizer.post(f"/rencontres/{number}/bilan/ecrire", data=form(site, number, **ONE, keep="1"))
    assert "Pas encore publié" in organizer.get(f"/rencontres/{number}/bilan").text
    assert site.as_("maryse").get(f"/rencontres/{number}/bilan").status_code == 404
    assert site.ask("SELECT count(*) FROM thread WHERE title = 'Écrire au conseil'") == 0


def test_a_report_of_a_members_gathering_is_for_members(site: Site) -> None:
    number, organizer = over(site, visibility="members"), site.as_("thuy-linh")
    organizer.post(f"/rencontres/{number}/bilan/ecrire", data=form(site, number, **ONE, publish="1"))
    assert site.stranger.get(f"/rencontres/{number}/bilan").status_code == 404
    maryse = site.as_("maryse").get(f"/rencontres/{number}/bilan")
    thread = re.search(r'href="(/discussions/\d+-[^"]*)"', maryse.text)
    assert thread is not None
    assert site.stranger.get(thread[1]).status_code == 404


def test_only_organizers_write_it_and_only_once_it_is_over(site: Site) -> None:
    number = over(site)
    assert site.as_("maryse").get(f"/rencontres/{number}/bilan/ecrire").status_code == 403
    coming = over(site, days=20)
    assert site.as_("thuy-linh").get(f"/rencontres/{coming}/bilan/ecrire").status_code == 403


def test_two_who_write_it_at_once_lose_nothing(site: Site) -> None:
    number, organizer = over(site), site.as_("thuy-linh")
    mine = form(site, number, **ONE, keep="1")
    organizer.post(f"/rencontres/{number}/bilan/ecrire", data=form(site, number, notes="Ce que l’autre a écrit"))
    answer = organizer.post(f"/rencontres/{number}/bilan/ecrire", data=mine)
    assert answer.status_code == 409
    assert "**onze**" in answer.text
    assert site.ask("SELECT body_md FROM gathering_text WHERE field = 'notes'") == "Ce que l’autre a écrit"


def test_a_line_without_words_goes_unless_it_is_talked_of(site: Site) -> None:
    number, organizer = over(site), site.as_("thuy-linh")
    organizer.post(f"/rencontres/{number}/bilan/ecrire", data=form(site, number, **ONE, keep="1"))
    gone = form(site, number, kind_0="decision", body_0="", keep="1")
    organizer.post(f"/rencontres/{number}/bilan/ecrire", data=gone)
    assert site.ask("SELECT count(*) FROM gathering_outcome") == 0
    organizer.post(f"/rencontres/{number}/bilan/ecrire", data=form(site, number, **ONE, publish="1"))
    organizer.post(f"/rencontres/{number}/bilan/ecrire", data=form(site, number, kind_0="decision", body_0=""))
    assert site.ask("SELECT count(*) FROM gathering_outcome") == 1


def test_a_day_that_is_none_is_said_beside_it_and_nothing_is_lost(site: Site) -> None:
    number, organizer = over(site), site.as_("thuy-linh")
    answer = organizer.post(
        f"/rencontres/{number}/bilan/ecrire", data=form(site, number, **(ONE | {"due_0": "bientôt"}), publish="1")
    )
    assert answer.status_code == 422
    assert "Écrire au conseil" in answer.text
    assert site.ask("SELECT count(*) FROM gathering_outcome") == 0


def answered(site: Site, number: int, handle: str, *, useful: str = "5", learned: str = "") -> int:
    return (
        site.as_(handle)
        .post(f"/rencontres/{number}/evaluation", data={"useful": useful, "learned": learned, "change": ""})
        .status_code
    )


def test_under_five_answers_nobody_sees_what_they_are(site: Site) -> None:
    number = over(site)
    site.as_("thuy-linh").post(f"/rencontres/{number}/bilan/ecrire", data=form(site, number, publish="1"))
    for handle in CAME[:4]:
        assert answered(site, number, handle, learned=f"Ce que {handle} retient") == 303
    for who in (site.stranger, site.as_("thuy-linh"), site.as_("sofia")):
        assert "Ce que maryse retient" not in who.get(f"/rencontres/{number}/bilan").text
    assert answered(site, number, CAME[4]) == 303
    page = site.stranger.get(f"/rencontres/{number}/bilan").text
    assert "Ce que maryse retient" in page
    assert "5 personnes ont répondu" in page


def test_somebody_answers_once_and_only_if_she_came(site: Site) -> None:
    number = over(site)
    assert answered(site, number, "maryse") == 303
    assert answered(site, number, "maryse") == 403
    assert answered(site, number, "rejean") == 403
    assert site.ask("SELECT count(*) FROM evaluation") == 1


def test_where_somebody_stood_at_the_door_those_whom_nobody_saw_did_not_come(site: Site) -> None:
    number = over(site)
    site.ask(
        "INSERT INTO attendance (registration_id, session_id, at, source) SELECT r.id, s.id, now(), 'name' "
        "FROM registration r JOIN participant p ON p.id = r.participant_id JOIN person x ON x.id = p.person_id "
        "JOIN event_session s ON s.occurrence_id = r.occurrence_id WHERE x.handle = 'josee'"
    )
    assert answered(site, number, "josee") == 303
    assert answered(site, number, "maryse") == 403


def test_nothing_in_the_database_says_who_answered_what(site: Site) -> None:
    columns = site.ask(
        "SELECT array_agg(column_name::text ORDER BY column_name) FROM information_schema.columns "
        "WHERE table_name = 'evaluation'"
    )
    assert columns == ["change", "gathering_id", "id", "learned", "useful"]
    assert site.ask(
        "SELECT array_agg(column_name::text) FROM information_schema.columns WHERE table_name='evaluated'"
    ) == ["registration_id"]


def test_somebody_without_an_account_answers_by_her_link(site: Site) -> None:
    number = over(site)
    registration = site.ask(
        "SELECT r.id FROM registration r JOIN participant p ON p.id = r.participant_id WHERE p.email IS NOT NULL"
    )
    token = seal(site.settings.secret, EVALUATING, str(registration).encode()).decode()
    path = f"/rencontres/{number}/evaluation"
    assert site.stranger.post(path, data={"useful": "4"}).status_code == 403
    assert site.ask("SELECT count(*) FROM evaluation") == 0
    assert site.stranger.get(f"{path}?jeton={token}").status_code == 200
    assert site.ask("SELECT count(*) FROM evaluation") == 0
    assert site.stranger.post(f"{path}?jeton={token}", data={"useful": "4"}).status_code == 303
    assert site.ask("SELECT count(*) FROM evaluation") == 1
    assert site.stranger.get(f"{path}?jeton=x{token}").status_code == 404


def test_an_answer_without_the_first_question_is_asked_for_it(site: Site) -> None:
    number = over(site)
    answer = site.as_("maryse").post(f"/rencontres/{number}/evaluation", data={"learned": "Beaucoup de choses"})
    assert answer.status_code == 422
    assert "Beaucoup de choses" in answer.text


def night(site: Site, *, days: float = 0) -> nightly.LookedAfter:
    portal = site.stranger.portal
    assert portal is not None

    async def look() -> nightly.LookedAfter:
        return await nightly.look_after(site.app.state.database, now=clock.now() + timedelta(days=days))

    return portal.call(look)


def test_organizers_are_asked_for_a_report_once(site: Site) -> None:
    number = over(site, days=-1)
    assert night(site).reports_asked == 0
    assert night(site, days=3).reports_asked == 1
    assert night(site, days=4).reports_asked == 0
    assert "écrivez ses suites" in site.as_("thuy-linh").get("/moi/avis").text
    assert site.ask("SELECT report_asked_at IS NOT NULL FROM gathering WHERE id = $1", number)


def test_nobody_is_asked_for_a_report_that_is_there(site: Site) -> None:
    number = over(site, days=-1)
    site.as_("thuy-linh").post(f"/rencontres/{number}/bilan/ecrire", data=form(site, number, publish="1"))
    assert night(site, days=3).reports_asked == 0


def test_three_months_later_those_who_came_are_asked_what_followed(site: Site) -> None:
    over(site, days=-1)
    assert night(site, days=80).followed_up == 0
    assert night(site, days=91).followed_up == 1
    assert night(site, days=92).followed_up == 0
    assert "Et puis?" in site.as_("maryse").get("/moi/avis").text
    assert "Et puis?" not in site.as_("rejean").get("/moi/avis").text


def test_whoever_came_still_reads_its_page(site: Site) -> None:
    number = over(site)
    assert site.as_("maryse").get(f"/rencontres/{number}", follow_redirects=True).status_code == 200

"""The demonstration is whole, reads as it was written, and goes away whole."""

import re
from datetime import UTC, datetime

import pytest

from maillage.core import clock
from maillage.core.config import Trouble
from maillage.events.queries import health
from maillage.web import demo
from maillage.web.demo import world
from tests.conftest import Site

FIVE = (
    "Garder les personnes citoyennes à la table",
    "La reddition de comptes : instrument ou apprentissage",
    "Bilingual meetings in small towns",
    "Ma direction ne croit pas à la mobilisation",
    "Cherche un gabarit d’entente de partenariat d’une page",
)
CIRCLE = FIVE[3]


def test_every_conversation_of_the_world_is_there(site: Site) -> None:
    for title in FIVE:
        site.thread(title)
    threads = world.read().threads
    elsewhere = "space_id IN (SELECT id FROM space WHERE slug IN ('recits', 'rencontres'))"
    assert site.ask(f"SELECT count(*) FROM thread WHERE NOT {elsewhere}") == len(threads)  # noqa: S608
    posts = f"SELECT count(*) FROM post JOIN thread ON thread.id = thread_id WHERE event IS NULL AND NOT {elsewhere}"  # noqa: S608
    # Of a question that a gathering has picked, its discussion says so.
    agendas = [told.agenda for told in world.read().gatherings if told.agenda]
    picked = sum(bool(asked.picked) for agenda in agendas for asked in agenda.asked)
    assert site.ask(posts) == sum(len(t.post) for t in threads) + picked


def test_every_story_of_the_world_is_there_in_its_state(site: Site) -> None:
    for story in world.read().stories:
        number = site.ask("SELECT id FROM practice_case WHERE title = $1 AND state = $2", story.title, story.state)
        assert number, story.key
        people = "SELECT count(*) FROM case_person WHERE case_id = $1"
        assert site.ask(people, number) == len(story.people)
        assert site.ask(f"{people} AND choice IS NULL", number) == sum(not one.choice for one in story.people)
        assert site.ask("SELECT count(*) FROM case_author WHERE case_id = $1", number) == len(story.authors)
        trials = "SELECT array_agg(outcome ORDER BY published_at) FROM practice_case WHERE source_id = $1"
        told = [trial.outcome for trial in sorted(story.trials, key=lambda trial: -trial.days_ago)]
        assert (site.ask(trials, number) or []) == told
        replies = (
            "SELECT post_count - 1 FROM thread JOIN practice_case ON thread_id = thread.id WHERE practice_case.id = $1"
        )
        if story.state == "published":
            assert site.ask(replies, number) == len(story.thread.replies) + len(story.trials)


def test_whoever_keeps_a_model_begins_the_next_one_with_it(site: Site) -> None:
    [told] = [each for each in world.read().gatherings if each.model]
    number = site.ask("SELECT id FROM gathering WHERE title = $1 AND state = 'model'", told.model)
    link = f'href="/rencontres/{number}/dupliquer"'
    assert link in site.as_(told.by).get("/rencontres/nouvelle").text
    assert link not in site.as_("maryse").get("/rencontres/nouvelle").text
    workshops = site.ask("SELECT count(*) FROM event_question WHERE gathering_id = $1 AND kind = 'workshop'", number)
    seats = site.ask(
        "SELECT array_agg(seats ORDER BY seats) FROM seat_pool p JOIN occurrence o ON o.id = p.occurrence_id"
        " WHERE o.gathering_id = $1",
        number,
    )
    assert (workshops, seats) == (1, [60, 200])


def test_every_gathering_of_the_world_is_there_in_its_state(site: Site) -> None:
    for told in world.read().gatherings:
        number = site.ask("SELECT id FROM gathering WHERE title = $1 AND state = 'published'", told.title)
        dates = site.ask("SELECT array_agg(id ORDER BY id) FROM occurrence WHERE gathering_id = $1", number)
        for place, date in enumerate(told.date, 1):
            sessions = "SELECT count(*) FROM event_session WHERE occurrence_id = $1"
            assert site.ask(sessions, dates[place - 1]) == len(date.sessions)
            assert site.ask(f"{sessions} AND extract(isodow FROM local_start) > 5", dates[place - 1]) == 0
            comers = [each for each in told.comer if each.date == place and each.withdrew_days_ago is None]
            groups = [len(each.members) + len(each.named) + each.unnamed for each in told.group if each.date == place]
            guests = [len(each.names) for each in told.guests if each.date == place]
            live = "SELECT count(*) FROM registration WHERE occurrence_id = $1 AND status IN ('confirmed', 'waiting')"
            assert site.ask(live, dates[place - 1]) == len(comers) + sum(groups) + sum(guests)
        replies = "SELECT post_count - 1 FROM thread JOIN gathering g ON g.thread_id = thread.id WHERE g.id = $1"
        asked = [] if told.agenda is None else [each for each in told.agenda.asked if not each.picked]
        answers = sum(bool(each.answer) for each in asked)
        assert site.ask(replies, number) == len(told.reply) + len(asked) + answers
        assert site.stranger.get(f"/rencontres/{number}", follow_redirects=True).status_code == 200
    everything: list[int] = site.ask("SELECT array_agg(id) FROM gathering")
    assert site.write(lambda db: health.problems(db, everything, clock.now())) == []
    seated = """SELECT array_agg(many ORDER BY many DESC) FROM (
        SELECT count(*) AS many FROM registration r JOIN occurrence o ON o.id = r.occurrence_id JOIN gathering g
            ON g.id = o.gathering_id WHERE g.title LIKE $1 AND r.status = $2 AND r.way = $3) counted"""
    assert site.ask(seated, "Rencontre des acteurs-clés%", "confirmed", "in-person") == [54]
    assert site.ask(seated, "Atelier de codéveloppement%", "confirmed", "online") == [8]
    assert site.ask(seated, "Atelier de codéveloppement%", "waiting", "online") == [2]
    assert site.ask("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'registration_letter'") == 0


def test_what_was_held_has_its_report_and_what_people_say_of_it(site: Site) -> None:
    told = next(each for each in world.read().gatherings if each.report is not None)
    number = site.ask("SELECT id FROM gathering WHERE title = $1", told.title)
    page = site.stranger.get(f"/rencontres/{number}/bilan").text
    for outcome in told.report.outcome if told.report else ():
        assert outcome.body in page
    assert told.evaluation[0].learned in page
    assert told.title not in site.stranger.get("/rencontres").text
    assert told.title in site.stranger.get("/rencontres?passees=1").text


def test_a_stranger_reads_the_published_stories_and_no_other(site: Site) -> None:
    for story in world.read().stories:
        number = site.ask("SELECT id FROM practice_case WHERE title = $1", story.title)
        answer = site.stranger.get(f"/recits/{number}", follow_redirects=True)
        assert answer.status_code == (200 if story.state == "published" else 404)
        for person in story.people:
            assert person.choice == "nom-complet" or person.who not in answer.text


def test_every_message_is_rendered_with_nothing_left_over(site: Site) -> None:
    html = site.ask("SELECT string_agg(body_html || excerpt, '') FROM post JOIN thread ON thread.id = thread_id")
    assert "#thread:" not in html
    assert not re.search(r"<img(?![^>]*\balt=\"[^\"]+\")", html)
    assert site.ask("SELECT count(*) FROM post WHERE event IS NULL AND body_html = ''") == 0
    assert site.ask("SELECT count(*) FROM post WHERE render_version = 0") == 0
    assert site.ask("SELECT count(*) FROM thread_link") >= 4
    assert site.ask("SELECT count(*) FROM mention") >= 5


def test_everything_happened_before_the_day_of_loading_and_in_order(site: Site) -> None:
    assert site.ask("SELECT max(created_at) < date_trunc('day', now() AT TIME ZONE 'America/Toronto') FROM post")
    out_of_order = """
        SELECT count(*) FROM post JOIN post AS later USING (thread_id)
         WHERE post.event IS NULL AND later.event IS NULL AND post.seq < later.seq
           AND post.created_at > later.created_at AND NOT EXISTS (
               SELECT FROM post_alias WHERE post_id IN (post.id, later.id))
    """
    assert site.ask(out_of_order) == 0


def test_days_ago_keep_their_order_and_the_night_stays_quiet() -> None:
    moment = world.calendar(datetime(2026, 3, 9, 2, tzinfo=UTC), "America/Toronto")
    moments = [moment(days / 20) for days in range(400, 0, -1)]
    assert moments == sorted(moments)
    assert {at.hour for at in moments} <= set(range(6, 24))


def test_a_stranger_sees_nothing_of_the_closed_circle(site: Site) -> None:
    path = site.thread(CIRCLE)
    for browser in (site.stranger, site.as_("karine"), site.as_("sofia")):
        assert browser.get(path).status_code == 404
        for page in ("/", "/discussions", "/discussions/espaces/pratiques", site.thread(FIVE[0])):
            assert CIRCLE not in browser.get(page).text
    assert site.as_("maryse").get(path).status_code == 200


def test_every_state_is_visible_somewhere(site: Site) -> None:
    for sql in (
        "SELECT count(*) FROM thread WHERE locked_at IS NOT NULL",
        "SELECT count(*) FROM thread WHERE merged_into_id IS NOT NULL",
        "SELECT count(*) FROM thread WHERE pinned_until > now()",
        "SELECT count(*) FROM thread WHERE summary_covers IS NOT NULL",
        "SELECT count(*) FROM thread WHERE helped_at IS NOT NULL",
        "SELECT count(*) FROM post WHERE removed_at IS NOT NULL",
        "SELECT count(*) FROM post WHERE edited_at IS NOT NULL",
        "SELECT count(*) FROM report WHERE settled_at IS NULL",
        "SELECT count(*) FROM draft WHERE body <> ''",
        "SELECT count(*) FROM membership WHERE state = 'pending'",
        "SELECT count(*) FROM provider WHERE issuer LIKE '%/down'",
    ):
        assert site.ask(sql) >= 1, sql


def test_a_thread_that_was_merged_leads_to_where_it_went(site: Site) -> None:
    old = site.thread("Les citoyens décrochent après trois rencontres")
    answer = site.stranger.get(old)
    assert answer.status_code == 301
    assert answer.headers["location"].startswith(site.thread(FIVE[0]))


def test_maryse_finds_her_unread_messages_and_her_draft(site: Site) -> None:
    page = site.as_("maryse").get(site.thread(FIVE[1])).text
    bar = re.search(r'class="bar-unread".*?<p>(.*?)</p>', page, re.DOTALL)
    assert bar is not None
    # Six messages in three branches, as the author of the world meant it.
    assert re.findall(r"\d+", bar[1]) == ["6", "3"]
    drafts = "SELECT place FROM draft JOIN person ON person.id = person_id WHERE handle = 'maryse'"
    assert site.ask(drafts).endswith(":9")


def test_the_demonstration_goes_away_whole_and_comes_back(site: Site) -> None:
    epoch = site.ask("SELECT number FROM site_epoch")
    site.write(demo.clear)
    assert site.ask("SELECT (SELECT count(*) FROM person) + (SELECT count(*) FROM thread)") == 0
    # Pages kept in memory would otherwise pass for those of the next world, whose numbers begin anew.
    assert site.ask("SELECT number FROM site_epoch") > epoch
    site.write(lambda db: demo.load(db, site.settings))
    assert site.stranger.get(site.thread(FIVE[0])).status_code == 200


@pytest.mark.parametrize(
    "stranger",
    [
        "INSERT INTO person (handle, name, name_key) VALUES ('real', 'Real', 'real') RETURNING handle",
        "INSERT INTO organization (slug, name, name_key) VALUES ('real', 'Real', 'real') RETURNING slug",
        """INSERT INTO space (slug, name, purpose, visibility)
           VALUES ('real', '{}', '{}', 'public') RETURNING slug""",
    ],
)
def test_nothing_is_taken_away_while_anybody_else_lives_here(site: Site, stranger: str) -> None:
    assert site.ask(stranger) == "real"
    with pytest.raises(Trouble, match="real"):
        site.write(demo.clear)
    assert site.ask("SELECT count(*) FROM thread") > 0

"""What waits for a facilitator's eye."""

from datetime import timedelta

from maillage.core import clock
from tests.conftest import Site
from tests.forum import acts

OLD = timedelta(days=8)


def inbox(site: Site, who: str = "etienne") -> str:
    return site.as_(who).get("/moderation").text


def test_a_question_without_an_answer_for_a_week_is_there_until_somebody_answers(site: Site) -> None:
    acts.start(site, title="Une question toute fraîche")
    thread_id = acts.start(site, title="Une question qui attend", now=clock.now() - OLD)
    page = inbox(site)
    assert "Une question qui attend" in page
    assert "Une question toute fraîche" not in page
    acts.reply(site, thread_id)
    assert "Une question qui attend" not in inbox(site)


def test_what_is_no_question_waits_for_no_answer(site: Site) -> None:
    acts.start(site, title="Un récit sans réponse", kind="eclair", now=clock.now() - OLD)
    assert "Un récit sans réponse" not in inbox(site)


def test_newcomers_are_there_until_they_speak(site: Site) -> None:
    site.ask("INSERT INTO person (handle, name, name_key) VALUES ('nouvelle', 'Toute Nouvelle', 'toute nouvelle')")
    assert inbox(site).count("Toute Nouvelle") == 1
    acts.start(site, "nouvelle")
    assert "Toute Nouvelle" not in inbox(site)


def test_to_everybody_else_it_is_not_there(site: Site) -> None:
    assert site.as_("maryse").get("/moderation").status_code == 404
    assert site.stranger.get("/moderation").status_code == 303


def test_the_facilitator_of_a_group_sees_that_group_and_nothing_else(site: Site) -> None:
    acts.start(site, title="Une question publique qui attend", now=clock.now() - OLD)
    acts.start(site, "josee", space="cercle-du-jeudi", title="Une question du cercle", now=clock.now() - OLD)
    hers, his = inbox(site, "nadege"), inbox(site)
    assert "Une question du cercle" in hers
    assert "Une question publique qui attend" not in hers
    assert "Une question du cercle" not in his
    assert "Une question publique qui attend" in his

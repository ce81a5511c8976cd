"""Stories at gatherings: proposed, chosen, presented, and told on both pages to whoever may read both."""

import re
from datetime import timedelta

import pytest

from tests.cases.stories import story
from tests.conftest import Site
from tests.events.gatherings import gathering, in_days

TITLE = "La réunion qui est devenue un souper"


def propose(site: Site, number: int, handle: str, address: object, **more: str) -> int:
    sent = {"mine": "", "address": str(address), "note": ""} | more
    return int(site.as_(handle).post(f"/rencontres/{number}/recits", data=sent).status_code)


def act(site: Site, number: int, told: int, what: str, handle: str = "thuy-linh") -> int:
    return int(site.as_(handle).post(f"/rencontres/{number}/recits/{told}", data={"act": what}).status_code)


def page(site: Site, number: int, handle: str | None = None) -> str:
    browser = site.as_(handle) if handle else site.stranger
    return str(browser.get(f"/rencontres/{number}", follow_redirects=True).text)


def told_on(site: Site, told: int, handle: str | None = None) -> str:
    browser = site.as_(handle) if handle else site.stranger
    return str(browser.get(f"/recits/{told}", follow_redirects=True).text)


def state(site: Site, number: int, told: int) -> object:
    return site.ask("SELECT state FROM gathering_case WHERE gathering_id = $1 AND case_id = $2", number, told)


def begin(site: Site, number: int, days: int = -1) -> None:
    """It took place."""
    starts = in_days(days)
    site.ask(
        "UPDATE event_session SET local_start = $2, local_end = $3 WHERE occurrence_id IN"
        " (SELECT id FROM occurrence WHERE gathering_id = $1) RETURNING 1",
        number,
        starts,
        starts + timedelta(hours=3),
    )


def told_of_nothing(site: Site) -> None:
    """Nobody has been told anything in the demonstration."""
    site.ask("DELETE FROM notice RETURNING 1")


def test_a_story_goes_from_a_proposal_to_both_pages(site: Site) -> None:
    number, told = gathering(site), story(site, "josee")
    told_of_nothing(site)
    assert propose(site, number, "maryse", f"/recits/{told}-la-reunion", note="Pour la table du midi.") == 303
    # Proposed, it is on neither page.
    assert TITLE not in page(site, number)
    assert "Rencontre de Sainte-Brume" not in told_on(site, told)
    assert "récit est proposé pour son programme" in site.as_("thuy-linh").get("/moi/avis").text
    assert "Récits proposés" in site.as_("thuy-linh").get(f"/rencontres/{number}/bureau").text
    assert "Pour la table du midi." in site.as_("thuy-linh").get(f"/rencontres/{number}/recits").text

    assert act(site, number, told, "choose") == 303
    assert "Récits au programme" in page(site, number)
    assert TITLE in page(site, number)
    assert "Pour la table du midi." not in page(site, number)
    assert "Au programme de la rencontre" in told_on(site, told)
    assert "Rencontre de Sainte-Brume" in told_on(site, told)
    assert "Le récit que vous avez proposé est à son programme" in site.as_("maryse").get("/moi/avis").text
    assert "Un de vos récits est à son programme" in site.as_("josee").get("/moi/avis").text
    assert "Récits proposés" not in site.as_("thuy-linh").get(f"/rencontres/{number}/bureau").text

    assert act(site, number, told, "present") == 409
    begin(site, number)
    assert act(site, number, told, "present") == 303
    assert "Récits présentés" in page(site, number)
    assert "Présenté à la rencontre" in told_on(site, told)
    # All of it can be undone.
    assert act(site, number, told, "choose") == 303
    assert "Au programme de la rencontre" in told_on(site, told)
    assert act(site, number, told, "set-aside") == 303
    assert TITLE not in page(site, number)
    assert "Rencontre de Sainte-Brume" not in told_on(site, told)
    assert act(site, number, told, "choose") == 303
    assert TITLE in page(site, number)


def test_proposing_twice_is_proposing_once(site: Site) -> None:
    number, told = gathering(site), story(site, "josee")
    told_of_nothing(site)
    for address in (told, f"https://maillage.example/recits/{told}-titre#s-lessons"):
        assert propose(site, number, "maryse", address) == 303
    assert propose(site, number, "josee", "", mine=str(told)) == 303
    assert site.ask("SELECT count(*) FROM gathering_case") == 1
    assert site.ask("SELECT count FROM notice WHERE kind = 'story-proposed'") == 1
    assert "Ce récit a déjà été proposé" in site.as_("maryse").get(f"/rencontres/{number}/recits?fait=already").text


def test_deciding_twice_is_deciding_once(site: Site) -> None:
    number, told = gathering(site), story(site, "josee")
    told_of_nothing(site)
    propose(site, number, "maryse", told)
    for what in ("choose", "set-aside"):
        version = site.ask("SELECT version FROM gathering WHERE id = $1", number)
        for _again in range(2):
            assert act(site, number, told, what) == 303
        assert site.ask("SELECT version FROM gathering WHERE id = $1", number) == version + 1
    assert site.ask("SELECT count FROM notice WHERE kind = 'story-chosen'") == 1


def test_one_s_own_stories_are_offered_while_nobody_has_brought_them(site: Site) -> None:
    number, told = gathering(site), story(site, "josee")
    path = f"/rencontres/{number}/recits"
    option = f'<option value="{told}">'
    assert option in site.as_("josee").get(path).text
    assert option not in site.as_("maryse").get(path).text
    assert propose(site, number, "josee", "", mine=str(told)) == 303
    assert option not in site.as_("josee").get(path).text


def test_who_proposed_takes_it_back_and_nobody_else_does(site: Site) -> None:
    number, told = gathering(site), story(site, "josee")
    propose(site, number, "maryse", told)
    assert act(site, number, told, "take-back", "josee") == 404
    assert act(site, number, told, "take-back", "maryse") == 303
    assert site.ask("SELECT count(*) FROM gathering_case") == 0
    propose(site, number, "maryse", told)
    act(site, number, told, "choose")
    assert act(site, number, told, "take-back", "maryse") == 409


def test_proposals_are_seen_by_who_decides_and_by_who_proposed(site: Site) -> None:
    number, told = gathering(site), story(site, "josee")
    site.ask(
        "INSERT INTO gathering_hand (gathering_id, person_id, role)"
        " SELECT $1, id, 'facilitator' FROM person WHERE handle = 'nadege' RETURNING 1",
        number,
    )
    propose(site, number, "maryse", told, note="Entre nous.")
    path = f"/rencontres/{number}/recits"
    for handle in ("thuy-linh", "nadege", "maryse"):
        seen = site.as_(handle).get(path).text
        assert TITLE in seen
        assert "Entre nous." in seen
    for handle in ("felix", "annie-claude", "sofia", "etienne"):
        assert TITLE not in site.as_(handle).get(path).text
    act(site, number, told, "choose")
    seen = site.as_("felix").get(path).text
    assert TITLE in seen
    assert "Entre nous." not in seen
    assert "proposé par" not in seen


def test_only_organizers_of_this_gathering_decide(site: Site) -> None:
    number, told = gathering(site), story(site, "josee")
    gathering(site, "annie-claude", title="Une autre")
    propose(site, number, "maryse", told)
    for handle in ("maryse", "josee", "annie-claude", "sofia"):
        assert act(site, number, told, "choose", handle) == 403
    assert site.stranger.post(f"/rencontres/{number}/recits/{told}", data={"act": "choose"}).status_code == 403
    assert site.stranger.get(f"/rencontres/{number}/recits").headers["location"].startswith("/connexion?suite=")
    assert state(site, number, told) == "proposed"
    assert act(site, number, story(site, "josee", title="Une autre histoire"), "choose") == 404
    assert act(site, number, told, "sing") == 400


def test_what_nobody_may_read_cannot_be_proposed(site: Site) -> None:
    number = gathering(site)
    for told in (story(site, "josee", state="draft"), story(site, "josee", state="withdrawn"), 999_999):
        answer = site.as_("maryse").post(
            f"/rencontres/{number}/recits", data={"mine": "", "address": str(told), "note": "Parce que."}
        )
        assert answer.status_code == 422
        assert "Il n’y a pas de récit publié à cette adresse." in answer.text
        assert "Parce que." in answer.text
    # Nor one's own, before it is published.
    assert propose(site, number, "josee", story(site, "josee", state="draft")) == 422
    for nonsense in ("", "souper", "https://ailleurs.example/12/recits", "0", "9" * 18, "9" * 30):
        assert propose(site, number, "maryse", nonsense) == 422
    assert propose(site, number, "maryse", "", mine="souper") == 422
    assert propose(site, number, "maryse", story(site, "josee"), note="x" * 301) == 422
    assert site.ask("SELECT count(*) FROM gathering_case") == 0


def test_a_members_story_is_not_for_a_gathering_that_everybody_reads(site: Site) -> None:
    public, closed = gathering(site), gathering(site, visibility="members", title="Entre membres")
    told = story(site, "josee", visibility="members")
    answer = site.as_("maryse").post(f"/rencontres/{public}/recits", data={"mine": "", "address": str(told)})
    assert answer.status_code == 422
    assert "réservé aux membres" in answer.text
    assert propose(site, closed, "maryse", told) == 303
    assert act(site, closed, told, "choose") == 303
    assert TITLE in page(site, closed, "felix")
    assert site.stranger.get(f"/rencontres/{closed}").status_code == 404


def test_a_story_made_stricter_is_not_chosen_any_more(site: Site) -> None:
    number, told = gathering(site), story(site, "josee")
    propose(site, number, "maryse", told)
    site.ask("UPDATE practice_case SET visibility = 'members' WHERE id = $1 RETURNING 1", told)
    answer = site.as_("thuy-linh").post(f"/rencontres/{number}/recits/{told}", data={"act": "choose"})
    assert answer.status_code == 409
    assert "réservé aux membres" in answer.text
    assert state(site, number, told) == "proposed"


@pytest.mark.parametrize("stricter", ["withdrawn", "members"])
def test_a_page_stops_naming_a_story_that_not_all_of_its_readers_may_read(site: Site, stricter: str) -> None:
    number, told = gathering(site), story(site, "josee")
    propose(site, number, "thuy-linh", told)
    for handle in (None, "maryse", "thuy-linh"):
        assert TITLE in page(site, number, handle)
    if stricter == "withdrawn":
        assert site.as_("josee").post(f"/recits/{told}/etat", data={"to": "withdrawn", "sure": "y"}).status_code == 303
        assert site.ask("SELECT state FROM practice_case WHERE id = $1", told) == "withdrawn"
    else:
        site.ask(
            "UPDATE practice_case SET visibility = 'members', version = version + 1 WHERE id = $1 RETURNING 1", told
        )
    for handle in (None, "maryse", "thuy-linh"):
        assert TITLE not in page(site, number, handle)
    if stricter == "withdrawn":
        assert TITLE not in site.as_("thuy-linh").get(f"/rencontres/{number}/recits").text


def test_a_gathering_that_becomes_public_stops_naming_what_is_for_members(site: Site) -> None:
    number, told = gathering(site, visibility="members"), story(site, "josee", visibility="members")
    propose(site, number, "thuy-linh", told)
    assert TITLE in page(site, number, "maryse")
    site.ask("UPDATE gathering SET visibility = 'public', version = version + 1 WHERE id = $1 RETURNING 1", number)
    assert TITLE not in page(site, number, "maryse")
    assert TITLE not in page(site, number)


def test_a_story_says_no_gathering_that_its_reader_may_not_read(site: Site) -> None:
    told = story(site, "josee")
    draft, closed, public = (
        gathering(site, title="En préparation", state="draft"),
        gathering(site, title="Entre membres", visibility="members"),
        gathering(site, title="Portes ouvertes"),
    )
    for number in (draft, closed, public):
        assert propose(site, number, "thuy-linh", told) == 303
    for _again in range(2):
        stranger, member, organizer = (told_on(site, told, handle) for handle in (None, "maryse", "thuy-linh"))
        assert "Portes ouvertes" in stranger
        assert "Entre membres" not in stranger
        assert "Entre membres" in member
        for seen in (stranger, member, organizer):
            assert "En préparation" not in seen
    # It is kept, and says at once what changes of a gathering.
    site.as_("thuy-linh").post(f"/rencontres/{draft}/publier")
    assert "En préparation" in told_on(site, told)
    site.as_("thuy-linh").post(f"/rencontres/{public}/annuler", data={"reason": "La tempête."})
    assert "Portes ouvertes" not in told_on(site, told)
    site.ask("UPDATE gathering SET title = 'Tempête et souper' WHERE id = $1 RETURNING 1", draft)
    assert "Tempête et souper" in told_on(site, told)


def test_a_kept_story_that_was_told_nowhere_costs_what_it_cost(site: Site) -> None:
    told, number = story(site, "josee"), gathering(site)
    told_on(site, told)
    path = site.stranger.get(f"/recits/{told}").headers["location"]
    assert site.stranger.get(path).headers["x-queries"] == "1"
    propose(site, number, "thuy-linh", told)
    # Neither being told somewhere nor saying so to anybody asks another question.
    assert "Rencontre de Sainte-Brume" in site.stranger.get(path).text
    assert site.stranger.get(path).headers["x-queries"] == "1"
    member = site.as_("maryse")
    member.get(path)
    alone = story(site, "josee", title="Une autre histoire")
    other = member.get(f"/recits/{alone}").headers["location"]
    member.get(other)
    assert member.get(path).headers["x-queries"] == member.get(other).headers["x-queries"]


def test_the_pages_cost_the_same_for_one_story_and_for_many(site: Site) -> None:
    number = gathering(site)

    def costs() -> tuple[int, int, int]:
        site.ask("UPDATE gathering SET version = version + 1 WHERE id = $1 RETURNING 1", number)
        path = site.stranger.get(f"/rencontres/{number}").headers["location"]
        made = int(site.stranger.get(path).headers["x-queries"])
        kept = int(site.stranger.get(path).headers["x-queries"])
        return made, kept, int(site.as_("thuy-linh").get(f"/rencontres/{number}/recits").headers["x-queries"])

    propose(site, number, "thuy-linh", story(site, "josee"))
    costs()
    one = costs()
    for n in range(6):
        propose(site, number, "thuy-linh", story(site, "maryse", title=f"Histoire {n}"))
    many = costs()
    assert one == many
    assert one[1] == 1
    assert site.stranger.get(f"/rencontres/{number}", follow_redirects=True).text.count("Histoire ") >= 6


def test_somebody_proposes_a_handful_and_organizers_as_many_as_they_like(site: Site) -> None:
    number = gathering(site)
    stories = [story(site, "josee", title=f"Histoire {n}") for n in range(6)]
    for told in stories[:5]:
        assert propose(site, number, "maryse", told) == 303
    assert propose(site, number, "maryse", stories[5], note="Encore une.") == 409
    # What waits already is no more by being proposed again.
    assert propose(site, number, "maryse", stories[0]) == 303
    assert propose(site, number, "felix", stories[5]) == 303
    assert propose(site, gathering(site, title="Une autre"), "maryse", stories[5]) == 303
    for told in stories:
        assert propose(site, number, "thuy-linh", told) == 303
    assert site.ask("SELECT count(*) FROM gathering_case WHERE gathering_id = $1 AND state = 'chosen'", number) == 6


def test_stories_are_put_in_order(site: Site) -> None:
    number = gathering(site)
    stories = [story(site, "josee", title=f"Histoire {n}") for n in range(3)]
    for told in stories:
        propose(site, number, "thuy-linh", told)

    def order() -> list[str]:
        return re.findall(r">(Histoire \d)<", page(site, number))

    assert order() == ["Histoire 0", "Histoire 1", "Histoire 2"]
    path = f"/rencontres/{number}/recits/{stories[2]}"
    assert site.as_("thuy-linh").post(path, data={"step": "haut"}).status_code == 303
    assert order() == ["Histoire 0", "Histoire 2", "Histoire 1"]
    assert site.as_("thuy-linh").post(path, data={"step": "bas"}).status_code == 303
    assert order() == ["Histoire 0", "Histoire 1", "Histoire 2"]
    assert site.as_("maryse").post(path, data={"step": "haut"}).status_code == 403
    # What is said of one leaves it where it is.
    begin(site, number)
    for what in ("present", "choose"):
        assert act(site, number, stories[0], what) == 303
    assert order() == ["Histoire 0", "Histoire 1", "Histoire 2"]


def test_nobody_proposes_for_what_is_over_cancelled_or_hidden(site: Site) -> None:
    told = story(site, "josee")
    over = gathering(site)
    begin(site, over)
    assert propose(site, over, "maryse", told) == 403
    assert "Cette rencontre est passée" in site.as_("maryse").get(f"/rencontres/{over}/recits").text
    # Its organizers still say what was presented there.
    assert propose(site, over, "thuy-linh", told) == 303
    assert act(site, over, told, "present") == 303
    assert propose(site, gathering(site, state="cancelled"), "thuy-linh", told) == 403
    draft = gathering(site, state="draft")
    assert propose(site, draft, "maryse", told) == 404
    assert site.as_("maryse").get(f"/rencontres/{draft}/recits").status_code == 404
    assert propose(site, draft, "thuy-linh", told) == 303


def test_another_gathering_begun_with_this_one_has_none_of_its_stories(site: Site) -> None:
    number = gathering(site)
    propose(site, number, "thuy-linh", story(site, "josee"))
    what = ["hands", "texts", "programme", "dates"]
    data = {"title": "Encore une fois", "what": what, "request_key": "k" * 43}
    assert site.as_("thuy-linh").post(f"/rencontres/{number}/dupliquer", data=data).status_code == 303
    assert site.ask("SELECT count(*) FROM gathering WHERE title = 'Encore une fois'") == 1
    assert site.ask("SELECT count(*) FROM gathering_case") == 1


def test_words_of_a_proposal_stay_words(site: Site) -> None:
    number, told = gathering(site), story(site, "josee", title="<b>Souper</b>")
    propose(site, number, "maryse", told, note="<script>alert(1)</script>")
    act(site, number, told, "choose")
    for seen in (page(site, number), site.as_("thuy-linh").get(f"/rencontres/{number}/recits").text):
        assert "<b>Souper</b>" not in seen
        assert "<script>alert(1)" not in seen
        assert "&lt;b&gt;Souper" in seen

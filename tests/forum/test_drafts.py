"""What is being typed is kept, and newer words are never undone by older ones."""

import pytest
from httpx2 import Response

from tests.conftest import Site
from tests.forum import acts


def keep(site: Site, sequence: int | str, body: str, *, place: str = "space:pratiques", who: str = "linda") -> int:
    form = {"place": place, "sequence": sequence, "body": body, "title": ""}
    return acts.press(site, who, "/discussions/brouillon", **form).status_code


def kept(site: Site, place: str = "space:pratiques", who: str = "linda") -> str | None:
    text: str | None = site.ask(
        "SELECT body FROM draft JOIN person ON person.id = person_id WHERE handle = $1 AND place = $2", who, place
    )
    return text


def test_what_is_typed_is_there_again_in_another_browser(site: Site) -> None:
    assert keep(site, 1, "Un début <de> phrase") == 204
    page = site.new_browser("linda").get("/discussions/nouvelle?espace=pratiques")
    assert "Un début &lt;de&gt; phrase</textarea>" in page.text


def test_a_draft_of_a_reply_is_under_its_discussion(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    keep(site, 1, "À moitié dit", place=f"thread:{thread_id}")
    assert "À moitié dit" in site.as_("linda").get(acts.path_of(site, thread_id)).text
    assert "À moitié dit" not in site.as_("josee").get(acts.path_of(site, thread_id)).text
    assert "À moitié dit" not in site.stranger.get(acts.path_of(site, thread_id)).text
    keep(site, 1, "À un message", place=f"thread:{thread_id}:2")
    assert "À un message" in site.as_("linda").get(f"/discussions/{thread_id}/repondre?parent=2").text


def test_an_older_tab_never_overwrites_newer_words(site: Site) -> None:
    assert keep(site, 5, "Récent") == 204
    for number in (4, 5):
        assert keep(site, number, "Ancien") == 409
    assert kept(site) == "Récent"
    assert keep(site, 6, "Plus récent") == 204
    assert kept(site) == "Plus récent"


def test_what_was_sent_is_no_draft_any_more_and_an_old_tab_cannot_revive_it(site: Site) -> None:
    thread_id = acts.start(site)
    place = f"thread:{thread_id}"
    keep(site, 7, "Presque fini", place=place)
    form = {"body": "Fini", "place": place, "sequence": 9}
    acts.done(acts.press(site, "linda", f"/discussions/{thread_id}/repondre", **form))
    assert kept(site, place) == ""
    # Sent off by the browser while the form was on its way.
    assert keep(site, 8, "Presque fini!", place=place) == 409
    assert keep(site, 9, "Fini", place=place) == 409
    assert kept(site, place) == ""
    assert keep(site, 10, "Encore un mot", place=place) == 204


def test_a_reply_uses_up_the_draft_of_the_message_that_it_answers_only(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    one, two = f"thread:{thread_id}", f"thread:{thread_id}:2"
    keep(site, 1, "À la personne qui demande", place=one)
    keep(site, 1, "À la réponse", place=two)
    form = {"body": "À la réponse", "parent": 2, "place": two, "sequence": 1}
    acts.done(acts.press(site, "linda", f"/discussions/{thread_id}/repondre", **form))
    assert (kept(site, one), kept(site, two)) == ("À la personne qui demande", "")


def test_a_form_cannot_use_up_a_draft_of_another_discussion(site: Site) -> None:
    thread_id = acts.start(site)
    keep(site, 1, "Ailleurs")
    form = {"body": "Ici", "place": "space:pratiques", "sequence": 5}
    acts.done(acts.press(site, "linda", f"/discussions/{thread_id}/repondre", **form))
    assert kept(site) == "Ailleurs"


def test_a_new_discussion_uses_up_its_draft(site: Site) -> None:
    keep(site, 3, "Un fil")
    form = {"space": "pratiques", "body": "Un fil", "sequence": 4}
    acts.done(acts.press(site, "linda", "/discussions/nouvelle", **form))
    assert kept(site) == ""
    assert keep(site, 4, "Un fil") == 409


def test_an_edit_uses_up_its_draft_and_an_old_tab_cannot_revive_it(site: Site) -> None:
    thread_id = acts.start(site, "linda", body="Avant")
    place = site.ask("SELECT 'edit:' || id FROM post WHERE thread_id = $1", thread_id)
    keep(site, 3, "Apr", place=place)
    assert "Apr</textarea>" in site.as_("linda").get(f"/discussions/{thread_id}/m/1/modifier").text
    form = {"body": "Après", "revisions": 0, "place": place, "sequence": 5}
    acts.done(acts.press(site, "linda", f"/discussions/{thread_id}/m/1/modifier", **form))
    assert kept(site, place) == ""
    assert keep(site, 4, "Aprè", place=place) == 409
    assert "Après</textarea>" in site.as_("linda").get(f"/discussions/{thread_id}/m/1/modifier").text


def test_an_edit_that_changes_nothing_uses_up_its_draft_as_well(site: Site) -> None:
    thread_id = acts.start(site, "linda", body="Tel quel")
    place = site.ask("SELECT 'edit:' || id FROM post WHERE thread_id = $1", thread_id)
    keep(site, 1, "Autrement?", place=place)
    form = {"body": "Tel quel", "revisions": 0, "place": place, "sequence": 1}
    acts.done(acts.press(site, "linda", f"/discussions/{thread_id}/m/1/modifier", **form))
    assert kept(site, place) == ""


def test_a_refused_reply_leaves_its_draft(site: Site) -> None:
    thread_id = acts.start(site)
    place = f"thread:{thread_id}"
    keep(site, 1, "Des mots", place=place)
    site.ask("UPDATE thread SET locked_at = now() WHERE id = $1", thread_id)
    form = {"body": "Des mots", "place": place, "sequence": 2}
    assert acts.press(site, "linda", f"/discussions/{thread_id}/repondre", **form).status_code == 403
    assert kept(site, place) == "Des mots"


def test_nothing_is_kept_for_somebody_who_is_not_signed_in(site: Site) -> None:
    before = site.ask("SELECT count(*) FROM draft")
    form = {"place": "space:pratiques", "sequence": "1", "body": "Perdu?"}
    assert site.stranger.post("/discussions/brouillon", data=form).status_code == 401
    assert site.ask("SELECT count(*) FROM draft") == before


@pytest.mark.parametrize(
    "change",
    [
        {"place": "autre:1"},
        {"place": "space:" + "x" * 200},
        {"sequence": "-1"},
        {"sequence": "1e3"},
        {"sequence": str(2**60)},
        {"sequence": "١"},
        {"body": "x" * 50_001},
    ],
)
def test_nonsense_is_refused_as_such(site: Site, change: dict[str, str]) -> None:
    form = {"place": "space:pratiques", "sequence": "1", "body": "Bien", "title": ""} | change
    answer: Response = acts.press(site, "linda", "/discussions/brouillon", **form)
    assert answer.status_code in {400, 422}
    assert kept(site) is None


def test_she_finds_her_own_drafts_in_one_list_and_nobody_elses(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    keep(site, 1, "Pour un espace")
    keep(site, 1, "Pour une réponse", place=f"thread:{thread_id}:2")
    page = site.as_("linda").get("/discussions/brouillons").text
    assert "Pour un espace" in page
    assert "Pour une réponse" in page
    assert f"/discussions/{thread_id}/repondre?parent=2" in page
    assert "Pour un espace" not in site.as_("josee").get("/discussions/brouillons").text
    assert site.stranger.get("/discussions/brouillons").status_code == 303


def test_a_draft_thrown_away_is_gone_and_stays_so(site: Site) -> None:
    keep(site, 4, "À jeter")
    acts.done(acts.press(site, "linda", "/discussions/brouillons/jeter", place="space:pratiques"))
    assert "À jeter" not in site.as_("linda").get("/discussions/brouillons").text
    assert keep(site, 4, "À jeter") == 409


def test_every_draft_in_the_list_leads_to_where_it_is_taken_up(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    post_id = site.ask("SELECT id FROM post WHERE thread_id = $1 AND seq = 1", thread_id)
    for place, who in (
        (f"thread:{thread_id}", "maryse"),
        (f"edit:{post_id}", "maryse"),
        ("space:outils", "maryse"),
    ):
        keep(site, 1, f"Pour {place}", place=place, who=who)
        page = site.as_(who).get("/discussions/brouillons").text
        link = page[: page.index(f"Pour {place}")].rpartition('href="')[2].partition('"')[0]
        if not link.startswith("/discussions/"):
            link = page[page.index(f"Pour {place}") :].partition('href="')[2].partition('"')[0]
        answer = site.as_(who).get(link.replace("&amp;", "&"))
        while answer.status_code in {301, 302, 303}:
            answer = site.as_(who).get(answer.headers["location"])
        assert answer.status_code == 200, link
        assert f"Pour {place}" in answer.text


def test_throwing_away_what_was_never_written_leaves_nothing(site: Site) -> None:
    maryse, count = site.as_("maryse"), "SELECT count(*) FROM draft"
    before = site.ask(count)
    answer = maryse.post("/discussions/brouillons/jeter", data={"place": "thread:987654"})
    assert answer.status_code == 303
    assert site.ask(count) == before

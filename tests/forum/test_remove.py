"""Taking a message away: its place stays, its words are nowhere."""

import pytest

from maillage.core import clock
from maillage.forum import letters
from maillage.forum.commands import removing
from maillage.forum.queries import messages, threads
from tests.conftest import Site
from tests.forum import acts
from tests.forum.test_edit import LONG_AGO, edit

WORDS = "Une adresse privée"


def spoken(site: Site) -> int:
    """Message 2 says what will be regretted, message 3 answers it."""
    thread_id = acts.start(site)
    acts.reply(site, thread_id, body=WORDS)
    acts.reply(site, thread_id, "linda", under=2, body="La réponse reste")
    return thread_id


def remove(site: Site, thread_id: int, who: str, *, seq: int = 2, reason: str = "") -> str:
    return acts.done(acts.press(site, who, f"/discussions/{thread_id}/m/{seq}/retirer", reason=reason))


def test_its_author_takes_it_away_and_its_place_keeps_the_shape(site: Site) -> None:
    thread_id = spoken(site)
    before = acts.shape(site, thread_id)
    assert remove(site, thread_id, "ibrahima") == f"/discussions/{thread_id}/m/2"
    page = site.stranger.get(acts.path_of(site, thread_id)).text
    assert acts.shape(site, thread_id) == before
    assert 'id="m-2"' in page
    assert "Message retiré par la personne qui l’a écrit." in page
    assert "La réponse reste" in page


def test_its_words_are_on_no_page_for_anybody_else(site: Site) -> None:
    thread_id = spoken(site)
    remove(site, thread_id, "ibrahima")
    path, message = acts.path_of(site, thread_id), f"/discussions/{thread_id}/m/2"
    pages = [
        path,
        f"{path}?ordre=date",
        "/",
        "/discussions",
        "/discussions/espaces/pratiques",
        f"/discussions/{thread_id}/repondre?parent=2",
        f"{message}/actions",
        f"{message}/historique",
        f"{message}/modifier",
        f"{message}/retirer",
        f"{message}/signaler",
        f"{message}/separer",
        f"{message}/deplacer",
        f"/discussions/{thread_id}/gestion",
        "/moderation/journal",
        "/discussions/brouillons",
    ]
    for browser in (site.stranger, site.as_("linda"), site.as_("ibrahima")):
        for address in pages:
            assert WORDS not in browser.get(address, follow_redirects=True).text, address


def test_its_words_are_not_even_handed_to_a_page(site: Site) -> None:
    thread_id = spoken(site)
    remove(site, thread_id, "ibrahima")
    page, _shape, _rows = site.write(lambda db: threads.thread_page(db, thread_id, 1, by_time=False))
    message = site.write(lambda db: messages.message(db, None, thread_id, 2))
    assert [view.html for view in page.posts if view.seq == 2] == [""]
    assert (message.view.html, message.body_md) == ("", "")


def test_the_first_message_removed_leaves_the_list_too(site: Site) -> None:
    thread_id = acts.start(site, body=WORDS, title="Un titre sans rien de privé")
    acts.reply(site, thread_id)
    for address in ("/discussions/espaces/pratiques", "/"):
        assert WORDS in site.stranger.get(address).text
    remove(site, thread_id, "maryse", seq=1)
    for address in ("/discussions/espaces/pratiques", "/"):
        page = site.stranger.get(address).text
        assert WORDS not in page
        assert "Un titre sans rien de privé" in page


def test_a_discussion_of_which_nothing_is_left_is_listed_no_more(site: Site) -> None:
    thread_id = acts.start(site, title="Vide à présent")
    remove(site, thread_id, "maryse", seq=1)
    assert "Vide à présent" not in site.stranger.get("/discussions/espaces/pratiques").text
    assert site.stranger.get(acts.path_of(site, thread_id)).status_code == 200


def test_the_list_names_the_last_who_still_speaks(site: Site) -> None:
    thread_id = acts.start(site, title="Le dernier mot")
    acts.reply(site, thread_id, "josee")
    acts.reply(site, thread_id, "linda")
    remove(site, thread_id, "linda", seq=3)
    page = site.stranger.get("/discussions/espaces/pratiques").text
    row = page[page.index("Le dernier mot") :].partition("</li>")[0]
    assert site.ask("SELECT name FROM person WHERE handle = 'linda'") not in row
    assert site.ask("SELECT name FROM person WHERE handle = 'josee'") in row


def test_a_facilitator_must_say_why(site: Site) -> None:
    thread_id = spoken(site)
    answer = acts.press(site, "etienne", f"/discussions/{thread_id}/m/2/retirer", reason="   ")
    assert answer.status_code == 422
    assert WORDS in site.stranger.get(acts.path_of(site, thread_id)).text


def test_readers_see_the_facilitators_reason_and_so_does_the_log(site: Site) -> None:
    thread_id = spoken(site)
    remove(site, thread_id, "etienne", reason="Coordonnées d’une <personne>")
    shown = "Coordonnées d’une &lt;personne&gt;"
    assert shown in site.stranger.get(acts.path_of(site, thread_id)).text
    assert shown in site.stranger.get("/moderation/journal").text


def test_its_author_is_told_by_letter_in_the_same_transaction(site: Site) -> None:
    thread_id = spoken(site)
    jobs = "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'message_removed'"
    assert site.ask(jobs) == 0
    remove(site, thread_id, "ibrahima")
    assert site.ask(jobs) == 0, "nobody writes to herself"
    acts.done(acts.press(site, "ibrahima", f"/discussions/{thread_id}/m/2/retablir"))
    remove(site, thread_id, "etienne", reason="Hors sujet")
    assert site.ask(jobs) == 1


def test_no_letter_leaves_when_the_removal_did_not_happen(site: Site) -> None:
    thread_id = spoken(site)
    etienne = acts.viewer(site, "etienne")

    class PowerCutError(Exception):
        pass

    async def interrupted(db: object) -> None:
        post_id = await removing.remove(
            db,  # type: ignore[arg-type]
            who=etienne,
            thread_id=thread_id,
            seq=2,
            reason="Hors sujet",
            now=clock.now(),
        )
        await letters.tell_of_removal(db, post_id=post_id)  # type: ignore[arg-type]
        raise PowerCutError

    with pytest.raises(PowerCutError):
        site.write(interrupted)
    assert site.ask("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'message_removed'") == 0
    assert site.ask("SELECT count(*) FROM moderation_entry WHERE thread_id = $1", thread_id) == 0
    assert WORDS in site.stranger.get(acts.path_of(site, thread_id)).text


@pytest.mark.parametrize("who", ["linda", "nadege"])
def test_nobody_else_takes_it_away(site: Site, who: str) -> None:
    thread_id = spoken(site)
    path = f"/discussions/{thread_id}/m/2/retirer"
    assert acts.press(site, who, path, reason="Cela me déplaît").status_code == 403
    assert WORDS in site.stranger.get(acts.path_of(site, thread_id)).text


def test_a_platform_facilitator_has_no_say_in_a_closed_group(site: Site) -> None:
    thread_id = acts.start(site, space="cercle-du-jeudi")
    acts.reply(site, thread_id, "josee", body=WORDS)
    path = f"/discussions/{thread_id}/m/2/retirer"
    assert acts.press(site, "etienne", path, reason="Non").status_code == 404
    acts.done(acts.press(site, "nadege", path, reason="Confidentiel"))


def test_a_removed_message_is_removed_once(site: Site) -> None:
    thread_id = spoken(site)
    remove(site, thread_id, "ibrahima")
    again = acts.press(site, "etienne", f"/discussions/{thread_id}/m/2/retirer", reason="Encore")
    assert again.status_code == 403
    assert site.ask("SELECT count(*) FROM moderation_entry WHERE thread_id = $1", thread_id) == 0


def test_what_it_names_no_longer_lists_it(site: Site) -> None:
    named = acts.start(site, title="Le fil nommé")
    naming = acts.start(site, "linda", title="Le fil qui nomme")
    acts.reply(site, naming, body=f"Voir #{named}.")
    assert "Le fil qui nomme" in site.stranger.get(acts.path_of(site, named)).text
    remove(site, naming, "ibrahima")
    assert "Le fil qui nomme" not in site.stranger.get(acts.path_of(site, named)).text


def test_a_removed_message_that_had_met_the_need_says_so_no_more(site: Site) -> None:
    thread_id = spoken(site)
    acts.done(acts.press(site, "maryse", f"/discussions/{thread_id}/m/2/besoin", value="1"))
    page = site.stranger.get(acts.path_of(site, thread_id)).text
    assert 'class="solved"' in page
    remove(site, thread_id, "ibrahima")
    assert 'class="solved"' not in site.stranger.get(acts.path_of(site, thread_id)).text


def test_a_removal_shows_the_reader_nothing_of_who_wrote_it(site: Site) -> None:
    thread_id = acts.start(site)
    acts.reply(site, thread_id, "felix", body=WORDS)
    remove(site, thread_id, "felix")
    name = site.ask("SELECT name FROM person WHERE handle = 'felix'")
    page = site.stranger.get(acts.path_of(site, thread_id)).text
    assert name not in page[page.index('id="m-2"') :].partition("</article>")[0]


def test_an_edited_message_once_removed_keeps_its_words_to_itself(site: Site) -> None:
    thread_id = acts.start(site)
    acts.reply(site, thread_id, body=WORDS, now=clock.now() - LONG_AGO)
    edit(site, thread_id, "Plus rien", seq=2, who="ibrahima")
    remove(site, thread_id, "ibrahima")
    page = site.stranger.get(acts.path_of(site, thread_id)).text
    assert f"/discussions/{thread_id}/m/2/historique" not in page


def test_whose_message_was_removed_is_said_nowhere(site: Site) -> None:
    thread_id = acts.start(site, "karine")
    for who, under in (("linda", 1), ("maryse", 2), ("karine", 3)):
        acts.reply(site, thread_id, who, under=under)
    acts.done(acts.press(site, "etienne", f"/discussions/{thread_id}/m/2/retirer", reason="Hors sujet."))
    name = site.ask("SELECT name FROM person WHERE handle = 'linda'")
    path = acts.path_of(site, thread_id)
    short = f"/discussions/{thread_id}"
    pages = (path, f"{path}?ordre=date", f"{short}/m/2/actions", f"{short}/repondre?parent=2", f"{short}/m/3/actions")
    assert [page for page in pages if name in site.as_("felix").get(page).text] == []
    assert "en réponse à un message retiré" in site.as_("felix").get(path).text

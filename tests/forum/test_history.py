"""What a message said before: kept whole, shown word by word to whoever may read it now."""

import asyncpg
import pytest

from maillage.core import clock
from tests.conftest import Site
from tests.forum import acts
from tests.forum.test_edit import LONG_AGO, edit


def changed(site: Site) -> int:
    thread_id = acts.start(site, body="Nous étions douze autour de la table.", now=clock.now() - LONG_AGO)
    edit(site, thread_id, "Nous étions quinze autour de la table.", seen=0)
    edit(site, thread_id, "Nous étions quinze autour de la grande table.", seen=1)
    return thread_id


def test_each_version_is_shown_beside_what_became_of_it(site: Site) -> None:
    thread_id = changed(site)
    page = site.stranger.get(f"/discussions/{thread_id}/m/1/historique")
    assert page.status_code == 200
    assert "<del>douze</del>" in page.text
    assert "<ins>quinze</ins>" in page.text
    assert "<ins>grande" in page.text
    assert page.text.index("grande") < page.text.index("douze"), "the latest change comes first"


def test_words_in_a_diff_stay_words(site: Site) -> None:
    thread_id = acts.start(site, body="<script>alert(1)</script> avant", now=clock.now() - LONG_AGO)
    edit(site, thread_id, "<img src=x onerror=alert(1)> après")
    page = site.stranger.get(f"/discussions/{thread_id}/m/1/historique").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_what_it_said_is_kept_whole_and_in_order(site: Site) -> None:
    thread_id = changed(site)
    kept = acts.column(
        site,
        "SELECT post_revision.body_md FROM post_revision JOIN post ON post.id = post_id "
        "WHERE thread_id = $1 ORDER BY number",
        thread_id,
    )
    assert kept == ["Nous étions douze autour de la table.", "Nous étions quinze autour de la table."]


def test_what_was_kept_is_never_changed(site: Site) -> None:
    changed(site)
    with pytest.raises(asyncpg.RestrictViolationError):
        site.ask("UPDATE post_revision SET body_md = 'Jamais dit'")


def test_a_message_never_changed_has_no_history(site: Site) -> None:
    thread_id = acts.start(site)
    assert site.stranger.get(f"/discussions/{thread_id}/m/1/historique").status_code == 403


def test_the_history_of_a_removed_message_is_the_facilitators(site: Site) -> None:
    thread_id = acts.start(site)
    seq = acts.reply(site, thread_id, body="Un numéro de téléphone", now=clock.now() - LONG_AGO)
    edit(site, thread_id, "Plus de numéro", seq=seq, who="ibrahima")
    path = f"/discussions/{thread_id}/m/{seq}/historique"
    assert "numéro de téléphone" in site.stranger.get(path).text.replace("<del>", "").replace("</del>", "")
    acts.done(acts.press(site, "ibrahima", f"/discussions/{thread_id}/m/{seq}/retirer"))
    for browser in (site.stranger, site.as_("linda"), site.as_("ibrahima")):
        answer = browser.get(path)
        assert answer.status_code == 403
        assert "téléphone" not in answer.text
    assert site.as_("etienne").get(path).status_code == 200


def test_the_history_of_a_hidden_discussion_is_not_there(site: Site) -> None:
    thread_id = acts.start(site, space="cercle-du-jeudi", now=clock.now() - LONG_AGO)
    edit(site, thread_id, "Plus rien")
    for browser in (site.stranger, site.as_("marc-antoine")):
        assert browser.get(f"/discussions/{thread_id}/m/1/historique").status_code == 404
    assert site.as_("josee").get(f"/discussions/{thread_id}/m/1/historique").status_code == 200

"""The living summary on top of a long discussion."""

import pytest

from tests.conftest import Site
from tests.forum import acts


def summarize(site: Site, thread_id: int, body: str, covers: int | str, who: str = "etienne") -> int:
    return acts.press(site, who, f"/discussions/{thread_id}/synthese", body=body, covers=covers).status_code


def test_it_stands_above_the_discussion_and_says_how_far_it_had_read(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 1)
    assert summarize(site, thread_id, "On s’entend **presque**.", 2) == 303
    page = site.stranger.get(acts.path_of(site, thread_id)).text
    assert page.index("<strong>presque</strong>") < page.index('id="m-1"')
    assert f'href="/discussions/{thread_id}/m/2">message 2</a>' in page
    assert "1 nouveau message depuis" in page
    assert acts.events(site, thread_id) == ["summarized"]


def test_what_comes_later_is_counted_and_what_is_removed_is_not(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 1)
    summarize(site, thread_id, "Voilà.", 3)
    path = acts.path_of(site, thread_id)
    assert "depuis." not in site.stranger.get(path).text.partition('class="prose"')[0]
    for _ in range(2):
        acts.reply(site, thread_id)
    assert "2 nouveaux messages depuis" in site.stranger.get(path).text
    acts.done(acts.press(site, "ibrahima", f"/discussions/{thread_id}/m/5/retirer"))
    assert "1 nouveau message depuis" in site.stranger.get(path).text


def test_renewed_it_replaces_the_former_one(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    summarize(site, thread_id, "La première", 1)
    summarize(site, thread_id, "La seconde", 2)
    page = site.stranger.get(acts.path_of(site, thread_id)).text
    assert "La seconde" in page
    assert "La première" not in page


@pytest.mark.parametrize("covers", ["0", "3", "999", "-1", "x", ""])
def test_it_cannot_cover_what_is_not_there(site: Site, covers: str) -> None:
    thread_id = acts.conversation(site, 1)
    assert summarize(site, thread_id, "Trop loin", covers) in {409, 422}
    assert site.ask("SELECT summary_md FROM thread WHERE id = $1", thread_id) is None


def test_facilitators_alone_summarize(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    assert summarize(site, thread_id, "À ma façon", 2, "maryse") == 403


def test_it_says_its_language(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    summarize(site, thread_id, "We agree about most of this, but not about the end of it.", 2)
    page = site.stranger.get(acts.path_of(site, thread_id)).text
    assert '<div class="prose" lang="en">\n<p>We agree' in page


def test_a_discussion_that_it_names_is_named_by_number_alone(site: Site) -> None:
    named = acts.start(site, title="Un titre qui peut changer de lectorat")
    thread_id = acts.conversation(site, 1)
    summarize(site, thread_id, f"Voir aussi #{named}.", 2)
    page = site.stranger.get(acts.path_of(site, thread_id)).text
    assert f'href="/discussions/{named}">#{named}' in page
    assert "changer de lectorat" not in page

"""What people write, as it is stored and shown: rendered once, looked up once, the same for everybody."""

import pytest

from maillage.core.markdown import RENDER_VERSION
from tests.conftest import Site
from tests.forum import acts


def shown(site: Site, thread_id: int, seq: int = 1) -> str:
    page = site.stranger.get(acts.path_of(site, thread_id)).text
    return page[page.index(f'id="m-{seq}"') :].partition("</article>")[0]


def test_markdown_becomes_html(site: Site) -> None:
    body = "Un **mot** fort\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] fait\n\n~~non~~\n\nVoir https://exemple.org"
    text = shown(site, acts.start(site, body=body))
    for piece in ("<strong>mot</strong>", "<table>", 'type="checkbox"', "<del>non</del>", 'href="https://exemple.org"'):
        assert piece in text


@pytest.mark.parametrize(
    "body",
    ["<script>alert(1)</script>", "[x](javascript:alert(1))", "<img src=x onerror=alert(1)>", "[a](data:text/html,x)"],
)
def test_nothing_in_it_acts(site: Site, body: str) -> None:
    text = shown(site, acts.start(site, body=body))
    assert "<script" not in text
    assert "<img src=x" not in text
    assert 'href="javascript' not in text
    assert 'href="data' not in text


def test_a_person_who_exists_is_named_and_written_down(site: Site) -> None:
    thread_id = acts.start(site, "linda", body="Merci @josee, et @personne-ici. `@felix`")
    text = shown(site, thread_id)
    name = site.ask("SELECT name FROM person WHERE handle = 'josee'")
    assert f'<a class="mention" href="/personnes/josee">@{name}</a>' in text
    assert "@personne-ici" in text
    named = acts.column(
        site,
        "SELECT handle FROM mention JOIN person ON person.id = person_id JOIN post ON post.id = post_id "
        "WHERE thread_id = $1",
        thread_id,
    )
    assert named == ["josee"]


def test_discussions_that_name_each_other_are_linked_both_ways(site: Site) -> None:
    named = acts.start(site, title="Le fil nommé")
    naming = acts.start(site, "linda", title="Le fil qui nomme", body=f"Voir #{named}.")
    assert f'href="{acts.path_of(site, named)}">#{named} Le fil nommé</a>' in shown(site, naming)
    page = site.stranger.get(acts.path_of(site, named)).text
    assert f'<a href="{acts.path_of(site, naming)}" lang="fr-CA">Le fil qui nomme</a>' in page


def test_a_discussion_that_not_every_reader_may_read_stays_a_number(site: Site) -> None:
    hidden = acts.start(site, "nadege", space="cercle-du-jeudi", title="Un titre du cercle")
    members = acts.start(site, "felix", space="coulisses", title="Un titre des coulisses")
    for who in ("maryse", "felix"):
        thread_id = acts.start(site, who, body=f"Voir #{hidden} et #{members}.")
        text = site.as_("maryse").get(acts.path_of(site, thread_id)).text
        assert "Un titre du cercle" not in text
        assert "Un titre des coulisses" not in text
        assert f"#{hidden}" in text
    inside = acts.start(site, "felix", space="coulisses", body=f"Voir #{hidden} et #{members}.")
    text = site.as_("maryse").get(acts.path_of(site, inside)).text
    assert "Un titre des coulisses" in text
    assert "Un titre du cercle" not in text


def test_a_list_of_who_names_a_discussion_says_nothing_of_hidden_ones(site: Site) -> None:
    named = acts.start(site, title="Le fil public")
    acts.start(site, "nadege", space="cercle-du-jeudi", title="Un titre du cercle", body=f"Voir #{named}.")
    for browser in (site.stranger, site.as_("nadege"), site.as_("marc-antoine")):
        assert "Un titre du cercle" not in browser.get(acts.path_of(site, named)).text


def test_the_preview_links_to_nothing_that_a_stranger_could_not_read(site: Site) -> None:
    hidden = acts.start(site, "nadege", space="cercle-du-jeudi", title="Un titre du cercle")
    answer = acts.press(site, "nadege", "/discussions/apercu", body=f"Voir #{hidden}. **Gras**")
    assert "<strong>Gras</strong>" in answer.text
    assert "Un titre du cercle" not in answer.text


def test_what_an_older_renderer_made_is_made_anew_at_the_next_look_and_stored(site: Site) -> None:
    thread_id = acts.start(site, body="Tout **neuf**")
    site.ask("UPDATE post SET body_html = '<p>Une vieillerie</p>', render_version = 0 WHERE thread_id = $1", thread_id)
    site.ask("UPDATE thread SET version = version + 1 WHERE id = $1", thread_id)
    assert "Une vieillerie" not in shown(site, thread_id)
    row = site.write(
        lambda db: db.connection.fetchrow("SELECT body_html, render_version FROM post WHERE thread_id = $1", thread_id)
    )
    assert row is not None
    assert "<strong>neuf</strong>" in row["body_html"]
    assert row["render_version"] == RENDER_VERSION


def test_an_image_without_a_description_is_refused_with_the_text_kept(site: Site) -> None:
    thread_id = acts.start(site)
    answer = acts.press(
        site, "felix", f"/discussions/{thread_id}/repondre", body="Voyez : ![](https://exemple.org/a.png)"
    )
    assert answer.status_code == 422
    assert "![](https://exemple.org/a.png)" in answer.text


def test_a_text_too_intricate_is_refused_with_the_text_kept(site: Site) -> None:
    thread_id = acts.start(site)
    answer = acts.press(site, "felix", f"/discussions/{thread_id}/repondre", body="[" * 20_000)
    assert answer.status_code == 422
    assert "[[[[" in answer.text


def test_footnotes_of_two_messages_do_not_meet(site: Site) -> None:
    thread_id = acts.start(site, body="Un[^1].\n\n[^1]: note")
    acts.reply(site, thread_id, body="Deux[^1].\n\n[^1]: note")
    page = site.stranger.get(acts.path_of(site, thread_id)).text
    assert page.count('id="m-1-fn-1"') == 1
    assert page.count('id="m-2-fn-1"') == 1

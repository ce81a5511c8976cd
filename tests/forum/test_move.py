"""Putting a discussion in another space, with all that is said of it elsewhere."""

import pytest

from tests.conftest import Site
from tests.forum import acts


def move(site: Site, thread_id: int, space: str, who: str = "etienne") -> int:
    return acts.press(site, who, f"/discussions/{thread_id}/changer-espace", space=space).status_code


def test_it_leaves_one_list_and_enters_the_other(site: Site) -> None:
    thread_id = acts.start(site, title="Le fil nomade")
    for slug, there in (("pratiques", True), ("outils", False)):
        assert ("Le fil nomade" in site.stranger.get(f"/discussions/espaces/{slug}").text) is there
    assert move(site, thread_id, "outils") == 303
    for slug, there in (("pratiques", False), ("outils", True)):
        assert ("Le fil nomade" in site.stranger.get(f"/discussions/espaces/{slug}").text) is there
    assert acts.events(site, thread_id) == ["moved"]


def test_in_a_stricter_space_it_is_gone_for_those_outside(site: Site) -> None:
    thread_id = acts.start(site)
    path = acts.path_of(site, thread_id)
    assert site.stranger.get(path).status_code == 200
    assert move(site, thread_id, "coulisses") == 303
    for address in (path, f"/discussions/{thread_id}", f"/discussions/{thread_id}/m/1"):
        assert site.stranger.get(address).status_code == 404
    assert site.as_("linda").get(path).status_code == 200


def test_nothing_elsewhere_says_its_title_any_more(site: Site) -> None:
    secret = "Le titre qui devient privé"
    thread_id = acts.start(site, title=secret)
    elsewhere = acts.start(site, "linda", title="Un autre fil")
    acts.reply(site, elsewhere, body=f"Comme dans #{thread_id}.")
    # It names that discussion too, whose page lists it.
    acts.reply(site, thread_id, body=f"Comme dans #{elsewhere}.")
    acts.done(acts.press(site, "etienne", f"/discussions/{elsewhere}/synthese", body=f"Voir #{thread_id}.", covers=1))
    page = site.stranger.get(acts.path_of(site, elsewhere)).text
    assert page.count(secret) == 2, "in the reply and in the list, not in the summary"
    assert move(site, thread_id, "coulisses") == 303
    for address in (
        acts.path_of(site, elsewhere),
        f"{acts.path_of(site, elsewhere)}?ordre=date",
        "/",
        "/discussions",
        "/discussions/espaces/pratiques",
        "/moderation/journal",
    ):
        assert secret not in site.stranger.get(address).text, address
    assert move(site, thread_id, "pratiques") == 303
    assert site.stranger.get(acts.path_of(site, elsewhere)).text.count(secret) == 2


def test_what_was_split_off_and_moved_away_is_named_no_more(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    secret = "Le titre de la branche"
    acts.done(acts.press(site, "etienne", f"/discussions/{thread_id}/m/2/separer", title=secret, kind="question"))
    new_id = site.ask("SELECT id FROM thread WHERE title = $1", secret)
    assert move(site, new_id, "coulisses") == 303
    assert secret not in site.stranger.get(acts.path_of(site, thread_id)).text
    assert secret not in site.stranger.get("/moderation/journal").text


@pytest.mark.parametrize("slug", ["cercle-du-jeudi", "nulle-part", ""])
def test_not_to_a_group_that_is_not_his(site: Site, slug: str) -> None:
    thread_id = acts.start(site)
    assert move(site, thread_id, slug) == 404
    assert site.ask(
        "SELECT space.slug FROM space JOIN thread ON space_id = space.id WHERE thread.id = $1", thread_id
    ) == ("pratiques")


def test_the_facilitator_of_a_group_cannot_bring_others_discussions_into_it(site: Site) -> None:
    thread_id = acts.start(site)
    assert move(site, thread_id, "cercle-du-jeudi", who="nadege") == 403


def test_nor_take_one_out_to_a_space_that_is_not_hers(site: Site) -> None:
    thread_id = acts.start(site, "nadege", space="cercle-du-jeudi")
    assert move(site, thread_id, "pratiques", who="nadege") == 403
    assert site.stranger.get(acts.path_of(site, thread_id)).status_code == 404


def test_where_it_is_already_nothing_is_written(site: Site) -> None:
    thread_id = acts.start(site)
    assert move(site, thread_id, "pratiques") == 303
    assert acts.events(site, thread_id) == []


def test_what_she_had_read_stays_read(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    acts.done(acts.press(site, "linda", f"/discussions/{thread_id}/lu"))
    assert move(site, thread_id, "outils") == 303
    assert "bar-read" in site.as_("linda").get(acts.path_of(site, thread_id)).text

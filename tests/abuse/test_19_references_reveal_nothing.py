"""Naming, quoting or mentioning something hidden gives back no more than what was typed."""

import pytest

from tests.abuse.acts.asking import ADMIN, INSIDER, MEMBER, MODERATOR
from tests.abuse.conftest import circle_of, patient
from tests.conftest import Site


def body(circle_thread: int, slug: str) -> str:
    return (
        f"#{circle_thread} [moi](/discussions/{circle_thread}) /discussions/{circle_thread}-{slug}\n\n"
        f"> [Josée (@josee), message 2](/discussions/{circle_thread}#m-2)\n>\n> \n\n"
        f"http://testserver/discussions/{circle_thread} ![x](/discussions/{circle_thread}/m/1)"
    )


@pytest.mark.parametrize("who", [MEMBER, ADMIN, MODERATOR])
def test_a_number_of_the_circle_stays_a_number(site: Site, who: str) -> None:
    circle = circle_of(site)
    patient(site)
    previewed = site.as_(who).post("/discussions/apercu", data={"body": body(circle.thread, "x")})
    assert previewed.status_code == 200
    form = {"space": "pratiques", "title": f"Voir #{circle.thread}", "body": body(circle.thread, "x")}
    posted = site.as_(who).post("/discussions/nouvelle", data=form).headers["location"]
    lists = ("/", "/discussions", "/discussions/espaces/pratiques")
    seen = [(site.stranger, posted), (site.as_(who), posted), *((site.stranger, path) for path in lists)]
    seen += [(site.as_(who), path) for path in lists]
    # The page is one for all its readers: those of the circle are told no more there.
    seen.append((site.as_(INSIDER), posted))
    pages = [browser.get(path, follow_redirects=True).text for browser, path in seen]
    for page in (previewed.text, *pages):
        assert circle.title not in page
        assert circle.slug not in page
        assert circle.words not in page
    assert site.ask("SELECT count(*) FROM thread_link WHERE thread_id = $1", circle.thread) == 0


def test_what_the_circle_says_of_a_public_discussion_shows_there_to_nobody(site: Site) -> None:
    circle = circle_of(site)
    path = site.thread("La reddition")
    number = path.removeprefix("/discussions/").partition("-")[0]
    replied = site.as_(INSIDER).post(f"/discussions/{circle.thread}/repondre", data={"body": f"Voir #{number}."})
    assert replied.status_code == 303
    for browser in (site.stranger, site.as_(MEMBER), site.as_(MODERATOR), site.as_(INSIDER)):
        assert circle.title not in browser.get(path).text


def test_whoever_is_mentioned_in_the_circle_is_not_let_in(site: Site) -> None:
    circle = circle_of(site)
    replied = site.as_(INSIDER).post(f"/discussions/{circle.thread}/repondre", data={"body": "Qu’en dit @karine?"})
    assert replied.status_code == 303
    number = replied.headers["location"].rpartition("/")[2]
    karine = site.as_("karine")
    for path in ("", f"/m/{number}", f"/m/{number}/actions", "/repondre", "/non-lu"):
        assert karine.get(f"/discussions/{circle.thread}{path}").status_code == 404
    assert site.ask("SELECT count(*) FROM pgqueuer WHERE entrypoint <> 'message_removed'") == 0


def test_answering_across_discussions_is_not_possible(site: Site) -> None:
    """`parent` is a number within the discussion of the address, whatever number it is."""
    circle = circle_of(site)
    post_id = site.ask("SELECT id FROM post WHERE thread_id = $1 AND seq = 3", circle.thread)
    for parent in (str(post_id), "99", f"{circle.thread}:2", f"../{circle.thread}/m/2"):
        page = site.as_("karine").get(f"/discussions/1/repondre?parent={parent}")
        assert circle.words not in page.text
        patient(site)
        site.as_("karine").post("/discussions/1/repondre", data={"body": "Ici?", "parent": parent})
    assert site.ask("SELECT count(*) FROM post WHERE thread_id = $1 AND body_md = 'Ici?'", circle.thread) == 0

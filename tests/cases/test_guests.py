"""Somebody without an account takes part in several stories from one browser, and leaves it when she is done."""

from typing import Any

from tests.cases.stories import story
from tests.cases.test_writing_team import member
from tests.cases.writing import guest, start
from tests.conftest import Site


def come_in(site: Site, browser: Any, case_id: int, name: str, kind: str = "reader") -> None:
    """Open another private link in the same browser."""
    other = guest(site, case_id, name, kind)
    (cookie,) = other.cookies.jar
    browser.cookies.set(cookie.name, cookie.value, path=cookie.path)


def test_a_second_link_does_not_take_the_place_of_the_first(site: Site) -> None:
    first, second, third = start(site), start(site, title="Un autre récit"), start(site, title="Un troisième")
    browser = guest(site, first, "Madame B.")
    come_in(site, browser, second, "Mme Bérubé")
    assert browser.get(f"/recits/{first}/ecrire").status_code == 200
    assert browser.get(f"/recits/{second}/remarques").status_code == 200
    assert browser.get(f"/recits/{third}/remarques").status_code == 404
    # Each link opens its own story alone.
    (cookie,) = (one for one in browser.cookies.jar if one.name == f"recit-{first}")
    browser.cookies.set(f"recit-{third}", cookie.value, path="/recits")
    assert browser.get(f"/recits/{third}/remarques").status_code == 404


def test_she_leaves_one_story_on_this_device(site: Site) -> None:
    first, second = start(site), start(site, title="Un autre récit")
    browser = guest(site, first, "Madame B.")
    come_in(site, browser, second, "Mme Bérubé")
    page = browser.get(f"/recits/{first}/ecrire").text
    assert f'action="/recits/{first}/quitter"' in page
    assert "Quitter sur cet appareil" in page
    answer = browser.post(f"/recits/{first}/quitter")
    assert answer.headers["location"] == "/recits"
    gone = {part.strip() for part in answer.headers["set-cookie"].split(";")}
    assert {"Max-Age=0", "Path=/recits", "HttpOnly"} <= gone
    assert browser.get(f"/recits/{first}/ecrire").status_code == 404
    assert browser.get(f"/recits/{second}/remarques").status_code == 200
    # She takes part still, and her link opens the story again.
    assert member(site, first, "Madame B.")


def test_an_account_has_no_such_button(site: Site) -> None:
    case_id = start(site)
    for page in ("ecrire", "equipe", "remarques"):
        assert "/quitter" not in site.as_("maryse").get(f"/recits/{case_id}/{page}").text


def test_nobody_leaves_what_is_not_theirs_to_read(site: Site) -> None:
    assert site.stranger.post(f"/recits/{start(site)}/quitter").status_code == 404
    assert site.stranger.post(f"/recits/{story(site, 'maryse')}/quitter").status_code == 303

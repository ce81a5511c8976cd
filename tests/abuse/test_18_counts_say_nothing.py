"""Whatever happens in a closed circle, not a byte changes of what others are shown: no count, no badge, no version."""

import pytest

from tests.abuse.acts.asking import FACILITATOR, INSIDER, OUTSIDERS
from tests.abuse.conftest import browser, circle_of, patient, plain
from tests.conftest import Site

_LISTS = (
    "/",
    "/discussions",
    "/discussions/espaces/pratiques",
    "/discussions/espaces/coulisses",
    "/discussions/nouvelle",
    "/discussions/brouillons",
    "/moderation",
    "/moderation/journal",
    "/moi",
    "/personnes/josee",
    "/personnes/nadege",
    "/personnes/suggestions?q=jo",
    "/a-propos",
    "/connexion",
)


def seen(site: Site, who: str) -> dict[str, object]:
    patient(site)
    public = site.thread("La reddition")
    pages: dict[str, object] = {
        path: plain(browser(site, who).get(path, headers={"Accept-Encoding": "identity"}))
        for path in (*_LISTS, public, public + "?ordre=date")
    }
    if who:
        pages["preview"] = plain(
            browser(site, who).post("/discussions/apercu", data={"body": "#1 #2 #16 #99 @josee @nadege"})
        )
    return pages


def stir(site: Site) -> None:
    """A busy evening in the circle: everything that can happen there."""
    circle = circle_of(site)
    thread = f"/discussions/{circle.thread}"
    steps = [
        (INSIDER, "/discussions/nouvelle", {"space": circle.space, "title": "Nouveau secret?", "body": "Chut?"}),
        (INSIDER, f"{thread}/repondre", {"body": "Avec @karine, @sofia et @etienne."}),
        (INSIDER, f"{thread}/m/2/signaler", {"reason": "Regardez."}),
        (FACILITATOR, f"{thread}/titre", {"title": "Un secret sous un autre titre"}),
        (FACILITATOR, f"{thread}/epingler", {"days": "3"}),
        (FACILITATOR, f"{thread}/synthese", {"body": "Tout est dit.", "covers": "2"}),
        (FACILITATOR, f"{thread}/m/3/besoin", {"value": "1"}),
        (FACILITATOR, f"{thread}/m/2/retirer", {"reason": "Trop dit."}),
        (FACILITATOR, f"{thread}/verrouiller", {"reason": "Assez."}),
        (INSIDER, "/discussions/brouillon", {"place": f"thread:{circle.thread}", "sequence": "9", "body": "Secret"}),
    ]
    for who, path, form in steps:
        patient(site)
        assert site.as_(who).post(path, data=form).status_code in {204, 303}, path


@pytest.mark.parametrize("who", OUTSIDERS)
def test_a_busy_evening_in_the_circle_changes_nothing_outside(site: Site, who: str) -> None:
    before = seen(site, who)
    inside = browser(site, "josee").get("/").text
    stir(site)
    after = seen(site, who)
    for path, page in before.items():
        assert after[path] == page, path
    assert browser(site, "josee").get("/").text != inside


@pytest.mark.parametrize("who", OUTSIDERS)
def test_no_list_names_the_circle(site: Site, who: str) -> None:
    circle = circle_of(site)
    stir(site)
    for path, page in seen(site, who).items():
        for secret in (circle.space, "Cercle du jeudi", "Thursday circle", circle.title, circle.words, "secret"):
            assert secret not in str(page), (path, secret)


def test_drafts_are_their_authors_alone(site: Site) -> None:
    words = "Un brouillon que personne ne doit lire"
    for place in ("thread:1", "space:pratiques", "thread:1:2"):
        form = {"place": place, "sequence": "99", "title": words, "body": words}
        assert site.as_("maryse").post("/discussions/brouillon", data=form).status_code == 204
    assert words in site.as_("maryse").get("/discussions/brouillons").text
    for who in (*OUTSIDERS, FACILITATOR):
        for path in ("/discussions/brouillons", "/discussions/nouvelle?espace=pratiques", "/discussions/1/repondre"):
            assert words not in browser(site, who).get(path).text
        browser(site, who).post("/discussions/brouillons/jeter", data={"place": "thread:1"})
    assert site.as_("maryse").get("/discussions/brouillons").text.count(words) >= 3


def test_a_reference_from_the_circle_changes_no_validator(site: Site) -> None:
    public = site.thread("La reddition")
    before = site.stranger.get(public).headers["etag"]
    number = public.removeprefix("/discussions/").partition("-")[0]
    site.as_(INSIDER).post(f"/discussions/{circle_of(site).thread}/repondre", data={"body": f"Voir #{number}."})
    assert site.stranger.get(public).headers["etag"] == before

"""A discussion whose first message is removed keeps its lock, its door and its rights."""

import pytest

from tests.abuse.acts.asking import FACILITATOR, INSIDER, MODERATOR, OUTSIDERS
from tests.abuse.conftest import browser, circle_of, patient
from tests.conftest import Site


def headless(site: Site, who: str, thread: int) -> None:
    patient(site)
    response = site.as_(who).post(f"/discussions/{thread}/m/1/retirer", data={"reason": "Retiré."})
    assert response.status_code == 303


def started(site: Site) -> int:
    form = {"space": "pratiques", "title": "Sans tête", "body": "Un début.", "kind": "question"}
    number = site.as_("karine").post("/discussions/nouvelle", data=form).headers["location"].rpartition("/")[2]
    assert site.as_("maryse").post(f"/discussions/{number}/repondre", data={"body": "Une suite."}).status_code == 303
    return int(number)


@pytest.mark.parametrize("remover", ["karine", MODERATOR])
def test_the_lock_holds(site: Site, remover: str) -> None:
    thread = started(site)
    headless(site, remover, thread)
    locked = site.as_(MODERATOR).post(f"/discussions/{thread}/verrouiller", data={"reason": "Assez."})
    assert locked.status_code == 303
    for who in ("maryse", "karine"):
        for parent in ("1", "2", ""):
            form = {"body": "Encore.", "parent": parent}
            assert site.as_(who).post(f"/discussions/{thread}/repondre", data=form).status_code == 403
        assert site.as_(who).get(f"/discussions/{thread}/repondre").status_code == 403
    edited = site.as_("maryse").post(f"/discussions/{thread}/m/2/modifier", data={"body": "Autrement."})
    assert edited.status_code == 403
    retitled = site.as_("karine").post(f"/discussions/{thread}/titre", data={"title": "Autrement"})
    assert retitled.status_code == 403


def test_nobody_gains_a_right_by_it(site: Site) -> None:
    thread = started(site)
    headless(site, "karine", thread)
    for path in ("verrouiller", "epingler", "changer-espace", "fusionner", "synthese", "rouvrir"):
        form = {"reason": "x", "space": "outils", "into": "1", "body": "x", "covers": "1", "days": "1"}
        for who in ("karine", "maryse"):
            assert site.as_(who).post(f"/discussions/{thread}/{path}", data=form).status_code == 403, (path, who)
    for path in ("m/2/retirer", "m/2/separer", "m/1/retablir", "m/1/modifier", "titre"):
        form = {"reason": "x", "title": "Autrement", "kind": "question", "body": "x"}
        assert site.as_("linda").post(f"/discussions/{thread}/{path}", data=form).status_code == 403, path


@pytest.mark.parametrize("who", OUTSIDERS)
def test_the_door_of_the_circle_holds(site: Site, who: str) -> None:
    circle = circle_of(site)
    headless(site, FACILITATOR, circle.thread)
    for path in ("", f"-{circle.slug}", "/m/1", "/m/2", "/repondre", "/m/1/historique"):
        assert browser(site, who).get(f"/discussions/{circle.thread}{path}").status_code == 404, path
    answered = browser(site, who).post(f"/discussions/{circle.thread}/repondre", data={"body": "Encore."})
    assert answered.status_code == (404 if who else 403)
    assert site.as_(INSIDER).get(f"/discussions/{circle.thread}-{circle.slug}").status_code == 200


def test_a_removed_message_is_nowhere_to_be_read(site: Site) -> None:
    words = "Zibelinezibeline"
    form = {"space": "pratiques", "title": "Sans tête", "body": f"{words}.", "kind": "question"}
    number = site.as_("karine").post("/discussions/nouvelle", data=form).headers["location"].rpartition("/")[2]
    site.as_("maryse").post(f"/discussions/{number}/repondre", data={"body": "Une suite."})
    site.write(lambda db: db.connection.execute("UPDATE post SET created_at = created_at - interval '1 day'"))
    changed = {"body": f"{words} {words}.", "revisions": "0"}
    assert site.as_("karine").post(f"/discussions/{number}/m/1/modifier", data=changed).status_code == 303
    headless(site, MODERATOR, int(number))
    for who in ("", "linda", "maryse"):
        for path in (
            f"/discussions/{number}",
            f"/discussions/{number}/m/1/actions",
            f"/discussions/{number}/m/1/historique",
            f"/discussions/{number}/m/1/modifier",
            f"/discussions/{number}/repondre",
            "/discussions/espaces/pratiques",
            "/discussions",
            "/",
            "/moderation/journal",
        ):
            page = browser(site, who).get(path, follow_redirects=True)
            assert words not in page.text, (who, path)

"""Inviting: by a letter or by an account, to what is by invitation or past the approval; one letter is one person’s."""

import re

from tests.conftest import Site
from tests.events.gatherings import gathering
from tests.events.post import letters, post_office
from tests.events.test_registering import form, sign_up, status

PEOPLE = "Odile Roy <odile@courriel.example>\n\n@josee\nODILE@courriel.example"


def invite(site: Site, number: int, people: str = PEOPLE, note: str = "Votre expérience compte.") -> None:
    answer = site.as_("thuy-linh").post(f"/rencontres/{number}/invitations", data={"people": people, "note": note})
    assert answer.status_code == 303, answer.text


def invited(site: Site, number: int) -> int:
    return int(site.ask("SELECT count(*) FROM event_invitation WHERE gathering_id = $1", number))


def forget(site: Site, number: int) -> None:
    site.ask("DELETE FROM event_invitation WHERE gathering_id = $1 RETURNING id", number)


def links(site: Site) -> list[str]:
    """Of the letters that leave now."""
    post_office(site, "gathering_invitation")
    found = [re.search(r"/rencontres/invitations/[\w=-]+", letter) for letter in letters(site)]
    return [match[0] for match in found if match]


def test_only_those_invited_come_and_each_has_one_letter(site: Site) -> None:
    number = gathering(site, registration="invitation")
    invite(site, number)
    invite(site, number)
    assert len(links(site)) == 2
    assert invited(site, number) == 2
    assert all(
        "Votre expérience compte." in letter and "Rencontre de Sainte-Brume" in letter for letter in letters(site)
    )
    assert "Vous avez une invitation" in site.as_("josee").get("/moi/avis").text
    sign_up(site, number, "josee")
    sign_up(site, number, name="Odile Roy", email="odile@courriel.example")
    assert status(site, number) == ["confirmed", "unconfirmed"]
    path = f"/rencontres/{number}/inscription"
    assert site.as_("karine").post(path, data=form(site, number)).status_code == 409
    own = f"/rencontres/{number}/invitations"
    page = site.as_("thuy-linh").get(own).text
    assert "odile@courriel.example" in page
    assert "Inscription confirmée" in page
    # Withdrawn, she may register no more; what she has stays hers.
    hers = site.ask(
        "SELECT i.id FROM event_invitation i JOIN participant p ON p.id = participant_id"
        " WHERE gathering_id = $1 AND person_id IS NOT NULL",
        number,
    )
    assert site.as_("thuy-linh").post(f"{own}/{hers}/retrait").status_code == 303
    assert status(site, number) == ["confirmed", "unconfirmed"]
    assert site.as_("thuy-linh").post(f"{own}/{hers}/retrait").status_code == 404


def test_the_link_of_a_letter_gives_the_invitation_to_one_account(site: Site) -> None:
    number = gathering(site, registration="approval")
    invite(site, number, "odile@courriel.example")
    (link,) = links(site)
    for who in (site.stranger, site.as_("maryse")):
        page = who.get(link)
        assert page.status_code == 200
        assert "Votre expérience compte." in page.text
    assert "odile@courriel.example" in site.stranger.get(link).text
    holder = site.ask("SELECT participant_id FROM event_invitation WHERE gathering_id = $1", number)
    assert holder == site.ask("SELECT id FROM participant WHERE email = 'odile@courriel.example'")
    assert site.stranger.post(link).status_code == 403
    assert site.as_("maryse").post(link).status_code == 303
    assert site.as_("maryse").post(link).status_code == 303
    assert site.as_("felix").post(link).status_code == 409
    # She waits for nobody’s approval; others do.
    sign_up(site, number, "maryse")
    sign_up(site, number, "felix")
    assert status(site, number) == ["confirmed", "pending"]
    assert site.stranger.get(link[:-3] + "AAA").status_code == 404
    forget(site, number)
    assert site.stranger.get(link).status_code == 404
    assert site.as_("maryse").post(link).status_code == 404


def test_what_is_wrong_is_said_beside_it_and_nobody_is_invited(site: Site) -> None:
    number = gathering(site)
    path = f"/rencontres/{number}/invitations"
    for people, said in (
        ("odile@courriel.example\npas une adresse", "Ligne 2"),
        ("odile@courriel.example\n@personne-de-ce-nom", "@personne-de-ce-nom"),
        ("\n".join(f"a{n}@courriel.example" for n in range(51)), "50"),
        (" ", "obligatoire"),
    ):
        answer = site.as_("thuy-linh").post(path, data={"people": people, "note": "Un mot à garder."})
        assert answer.status_code == 422
        assert said in answer.text
        assert "Un mot à garder." in answer.text
    assert invited(site, number) == 0
    # A mailbox has only so many letters a day.
    for _time in range(3):
        forget(site, number)
        invite(site, number, "odile@courriel.example")
    forget(site, number)
    answer = site.as_("thuy-linh").post(path, data={"people": "odile@courriel.example"})
    assert answer.status_code == 422
    assert invited(site, number) == 0


def test_only_its_organizers_see_who_is_invited_and_only_once_it_is_published(site: Site) -> None:
    number, draft, other = gathering(site), gathering(site, state="draft"), gathering(site)
    invite(site, number, "@josee")
    hers = site.ask("SELECT id FROM event_invitation WHERE gathering_id = $1", number)
    for browser in (site.as_("maryse"), site.as_("josee")):
        assert browser.get(f"/rencontres/{number}/invitations").status_code == 403
        assert browser.post(f"/rencontres/{number}/invitations", data={"people": "@felix"}).status_code == 403
        assert browser.get(f"/rencontres/{draft}/invitations").status_code == 404
        for act in ("lettre", "retrait"):
            assert browser.post(f"/rencontres/{number}/invitations/{hers}/{act}").status_code == 403
    for act in ("lettre", "retrait"):
        path = f"/rencontres/{other}/invitations/{hers}/{act}"
        assert site.as_("thuy-linh").post(path).status_code == 404
    assert "Publiez-la d’abord" in site.as_("thuy-linh").get(f"/rencontres/{draft}/invitations").text
    answer = site.as_("thuy-linh").post(f"/rencontres/{draft}/invitations", data={"people": "@felix"})
    assert answer.status_code == 403
    # Cancelled before the letter leaves: none leaves.
    site.ask("UPDATE gathering SET state = 'cancelled' WHERE id = $1 RETURNING id", number)
    assert links(site) == []
    again = site.as_("thuy-linh").post(f"/rencontres/{number}/invitations/{hers}/lettre")
    assert again.status_code == 403
    assert site.as_("thuy-linh").post(f"/rencontres/{number}/invitations/{hers}/retrait").status_code == 303

"""What organizers ask of those who register: worded, ordered, depending on an answer, and kept once answered."""

import re

from tests.conftest import Site
from tests.events.gatherings import gathering
from tests.events.test_registering import form, sign_up


def ask(site: Site, number: int, **given: str) -> int:
    answer = site.as_("thuy-linh").post(f"/rencontres/{number}/questions/nouvelle", data=given)
    assert answer.status_code == 303, answer.text
    return int(site.ask("SELECT max(id) FROM event_question WHERE gathering_id = $1", number))


def first_choice(site: Site, question: int) -> int:
    return int(site.ask("SELECT min(id) FROM event_choice WHERE question_id = $1", question))


def meals(site: Site, number: int) -> int:
    return ask(
        site, number, kind="one", label="Dîner", required="y", choice_new1="Soupe", seats_new1="1", choice_new2="Boîte"
    )


def test_they_are_asked_and_answered_and_few_people_see_them(site: Site) -> None:
    number = gathering(site)
    where = ask(site, number, kind="text", label="D’où venez-vous?", help="Pour le covoiturage.", sensitive="y")
    lunch = meals(site, number)
    days = ask(site, number, kind="several", label="Jours", choice_new1="Lundi", choice_new2="Mardi")
    soup, monday = first_choice(site, lunch), first_choice(site, days)
    page = site.as_("maryse").get(f"/rencontres/{number}/inscription").text
    assert page.index("D’où venez-vous?") < page.index("Soupe") < page.index("Lundi")
    assert "Pour le covoiturage." in page
    # Whoever must choose is not offered to choose nothing, and nothing is chosen for her.
    assert not re.search(rf'name="q{lunch}"[^>]*(value=""| checked)', page)
    assert 'value="" checked' not in page
    path = f"/rencontres/{number}/inscription"
    sent = form(site, number) | {f"q{where}": "De Matane"}
    assert site.as_("maryse").post(path, data=sent).status_code == 422
    sign_up(site, number, "maryse", **{f"q{where}": "De Matane", f"q{lunch}": str(soup), f"q{days}": str(monday)})
    assert site.ask("SELECT body FROM registration_answer WHERE question_id = $1", where) == "De Matane"
    assert site.ask("SELECT place_no FROM registration_choice WHERE choice_id = $1", soup) == 1
    assert site.ask("SELECT count(*) FROM registration_choice WHERE choice_id = $1", monday) == 1
    own = f"/rencontres/{number}/questions"
    assert "1 réponse" in site.as_("thuy-linh").get(own).text
    for address in (own, f"{own}/nouvelle", f"{own}/{where}"):
        assert site.as_("maryse").get(address).status_code == 403
    for act in ("", "/place", "/retrait"):
        assert site.as_("maryse").post(f"{own}/{where}{act}", data={"step": "haut"}).status_code == 403
    # What was answered may be worded anew, and not taken out.
    drop = site.as_("thuy-linh").post(f"{own}/{where}/retrait")
    assert drop.status_code == 409
    assert "a répondu" in drop.text
    changed = site.as_("thuy-linh").post(f"{own}/{where}", data={"kind": "text", "label": "De quelle municipalité?"})
    assert changed.status_code == 303
    assert site.ask("SELECT label FROM event_question WHERE id = $1", where) == "De quelle municipalité?"


def test_one_that_depends_on_an_answer_comes_after_it_and_keeps_it(site: Site) -> None:
    number = gathering(site)
    lunch = meals(site, number)
    soup = first_choice(site, lunch)
    bowl = ask(site, number, kind="one", label="Un bol?", shown_when=str(soup), choice_new1="Le mien", required="y")
    size = ask(site, number, kind="text", label="De quelle taille?", shown_when=str(first_choice(site, bowl)))
    own = f"/rencontres/{number}/questions"
    organizer = site.as_("thuy-linh")
    assert (
        "Seulement si vous choisissez «\u00a0Soupe\u00a0»"
        in site.as_("maryse").get(f"/rencontres/{number}/inscription").text
    )
    # Neither may the one that leads to it go, nor come after it.
    assert organizer.post(f"{own}/{lunch}/retrait").status_code == 409
    assert organizer.post(f"{own}/{bowl}/place", data={"step": "haut"}).status_code == 409
    assert organizer.post(f"{own}/{bowl}/place", data={"step": "loin"}).status_code == 400
    box = soup + 1
    sent = {f"q{lunch}": str(box), f"q{bowl}": str(first_choice(site, bowl)), f"q{size}": "Grand"}
    sign_up(site, number, "maryse", **sent)
    # She has a box: what the soup would have led to, however far, is neither asked nor kept.
    assert site.ask("SELECT array_agg(choice_id) FROM registration_choice WHERE choice_id >= $1", soup) == [box]
    assert site.ask("SELECT count(*) FROM registration_answer WHERE question_id = $1", size) == 0
    assert organizer.post(f"{own}/{size}/retrait").status_code == 303
    assert organizer.post(f"{own}/{bowl}/retrait").status_code == 303


def test_what_is_wrong_is_said_and_what_is_not_there_is_absent(site: Site) -> None:
    number, other = gathering(site), gathering(site)
    path = f"/rencontres/{number}/questions"
    wrong: tuple[tuple[dict[str, str], str], ...] = (
        ({"kind": "text", "label": ""}, "obligatoire"),
        ({"kind": "one", "label": "Dîner"}, "au moins une réponse"),
        ({"kind": "workshop", "label": "Dîner", "choice_new1": "a"}, "existe pas"),
        ({"kind": "one", "label": "Dîner", "choice_new1": "Soupe", "seats_new1": "beaucoup"}, "Places"),
        ({"kind": "text", "label": "Dîner", "shown_when": "999999"}, "existe pas"),
    )
    for given, said in wrong:
        answer = site.as_("thuy-linh").post(f"{path}/nouvelle", data=given)
        assert answer.status_code == 422, given
        assert said in answer.text, given
    question = meals(site, number)
    for act in ("", "/place", "/retrait"):
        sent = {"step": "haut", "label": "x", "choice_new1": "x"}
        assert (
            site.as_("thuy-linh").post(f"/rencontres/{other}/questions/{question}{act}", data=sent).status_code == 404
        )
    draft = gathering(site, state="draft")
    for address in (f"/rencontres/{draft}/questions", "/rencontres/999999/questions"):
        assert site.as_("maryse").get(address).status_code == 404


def test_what_somebody_else_adds_meanwhile_is_left_alone(site: Site) -> None:
    number = gathering(site)
    question = meals(site, number)
    soup = first_choice(site, question)
    # Her page is from before the salad was there.
    site.ask("INSERT INTO event_choice (question_id, position, label) VALUES ($1, 9, 'Salade') RETURNING id", question)
    sent = {"kind": "one", "label": "Repas", f"choice_{soup}": "Potage", f"choice_{soup + 1}": "Boîte"}
    assert site.as_("thuy-linh").post(f"/rencontres/{number}/questions/{question}", data=sent).status_code == 303
    labels = site.ask("SELECT array_agg(label ORDER BY id) FROM event_choice WHERE question_id = $1", question)
    assert labels == ["Potage", "Boîte", "Salade"]

"""A title is proposed from the text, and can be changed; the address keeps leading there."""

import pytest

from maillage.forum.forms import proposed_title
from tests.conftest import Site
from tests.forum import acts


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("Qui a une clé?\n\nLa salle est fermée.", "Qui a une clé?"),
        ("\n\n  Après deux lignes vides", "Après deux lignes vides"),
        ("# Un titre en Markdown", "Un titre en Markdown"),
        ("- une puce", "une puce"),
        ("1. un numéro", "un numéro"),
        ("**Fort** et _penché_ et `code`", "Fort et penché et code"),
        ("[Le guide](https://exemple.org/guide) est paru", "Le guide est paru"),
        ("> ce que dit quelqu’un\n\nEt ma question", "Et ma question"),
        ("> rien que la citation", "rien que la citation"),
        ("https://www.exemple.org/guide/", "exemple.org/guide"),
        ("un_nom_de_fichier.txt", "un_nom_de_fichier.txt"),
    ],
)
def test_a_title_is_the_first_line_of_words(body: str, title: str) -> None:
    assert proposed_title(body) == title


@pytest.mark.parametrize("body", ["mot " * 100, "x" * 300, "https://exemple.org/" + "a" * 300])
def test_a_proposed_title_is_short(body: str) -> None:
    title = proposed_title(body)
    assert 40 < len(title) <= 112
    assert title.endswith("…")


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("![Un dessin](/fichiers/1)", "Un dessin"),
        ("***\n\nAprès le trait", "Après le trait"),
        ("```python\nprint(1)\n```", "python"),
        ("***", "***"),
        ("[](https://exemple.org)", "[](https://exemple.org)"),
        ("\u200f", "…"),
    ],
)
def test_there_is_always_something_to_click_on(body: str, title: str) -> None:
    assert proposed_title(body) == title


def test_the_person_who_started_it_gives_it_another_title(site: Site) -> None:
    thread_id = acts.start(site, "maryse", title="Le premier titre")
    old = acts.path_of(site, thread_id)
    acts.done(acts.press(site, "maryse", f"/discussions/{thread_id}/titre", title="Le second titre"))
    page = site.stranger.get(acts.path_of(site, thread_id))
    assert "Le second titre</h1>" in page.text
    assert "Le premier titre" in page.text, "the line of history says what it was"
    moved = site.stranger.get(f"{old}?page=1&ordre=date")
    assert (moved.status_code, moved.headers["location"]) == (
        301,
        f"{acts.path_of(site, thread_id)}?page=1&ordre=date",
    )


def test_nobody_else_changes_a_title_but_a_facilitator(site: Site) -> None:
    thread_id = acts.start(site, "maryse")
    address = f"/discussions/{thread_id}/titre"
    assert acts.press(site, "linda", address, title="Le mien").status_code == 403
    acts.done(acts.press(site, "etienne", address, title="Plus clair"))
    assert site.ask("SELECT title FROM thread WHERE id = $1", thread_id) == "Plus clair"


def test_the_new_title_shows_wherever_the_discussion_is_named(site: Site) -> None:
    named = acts.start(site, "maryse", title="Un nom de famille par erreur")
    naming = acts.start(site, "linda", body=f"Voir #{named}.", title="See there")
    assert "nom de famille" in site.stranger.get(acts.path_of(site, naming)).text
    acts.done(acts.press(site, "maryse", f"/discussions/{named}/titre", title="Un titre sans nom"))
    page = site.stranger.get(acts.path_of(site, naming)).text
    assert "Un titre sans nom" in page
    assert "nom de famille" not in page


def test_the_new_title_shows_in_the_list_of_who_names_a_discussion(site: Site) -> None:
    named = acts.start(site, "maryse")
    naming = acts.start(site, "linda", body=f"Voir #{named}.", title="Le titre de Linda")
    assert "Le titre de Linda" in site.stranger.get(acts.path_of(site, named)).text
    acts.done(acts.press(site, "linda", f"/discussions/{naming}/titre", title="Autre chose"))
    page = site.stranger.get(acts.path_of(site, named)).text
    assert "Autre chose" in page
    assert "Le titre de Linda" not in page

"""A story may say a lot: sixty actors, every box of every list, and all of it at once."""

import re
from html import unescape
from typing import Any

from tests.cases.writing import opened, start
from tests.conftest import Site

ACTORS = 60


def slugs(site: Site, taxonomy: str) -> list[str]:
    found: list[str] = site.ask(
        "SELECT array_agg(slug ORDER BY position, id) FROM term WHERE taxonomy = $1 AND deprecated_at IS NULL", taxonomy
    )
    return found


def actors(site: Site, count: int = ACTORS) -> dict[str, Any]:
    """A form with so many actors, each with all of its boxes ticked."""
    (family, *_more), stages = slugs(site, "family"), slugs(site, "stage")
    form: dict[str, Any] = {}
    for n in range(count):
        form |= {f"actors-{n}-role": f"Actrice {n}", f"actors-{n}-family": family, f"actors-{n}-stages": stages}
    return form


def kept(site: Site, case_id: int) -> list[str]:
    roles: list[str] = site.ask(
        "SELECT coalesce(array_agg(role ORDER BY position), '{}') FROM case_actor WHERE case_id = $1", case_id
    )
    return roles


def test_sixty_actors_are_saved_and_edited(site: Site) -> None:
    case_id = start(site, depth="full")
    browser, path = site.as_("maryse"), f"/recits/{case_id}/ecrire/actors"
    form = opened(site, browser, case_id, "actors") | actors(site)
    assert browser.post(path, data=form).status_code == 303
    assert kept(site, case_id) == [f"Actrice {n}" for n in range(ACTORS)]
    html = browser.get(path).text
    assert all(f'value="Actrice {n}"' in html for n in range(ACTORS))
    form = opened(site, browser, case_id, "actors") | actors(site) | {"actors-41-role": "Crieuse publique"}
    assert browser.post(path, data=form).status_code == 303
    assert kept(site, case_id)[41] == "Crieuse publique"
    assert len(kept(site, case_id)) == ACTORS
    # The other pages that show them hold.
    for page in ("ecrire", "remarques", "historique"):
        assert browser.get(f"/recits/{case_id}/{page}").status_code == 200
    assert "Crieuse publique" in browser.get(f"/recits/{case_id}", follow_redirects=True).text


def test_a_draft_of_sixty_actors_is_kept(site: Site) -> None:
    case_id = start(site, depth="full")
    browser = site.as_("maryse")
    form = opened(site, browser, case_id, "actors") | actors(site)
    draft = form | {"section": "actors", "sequence": "9"}
    assert browser.post(f"/recits/{case_id}/brouillon", data=draft).status_code == 204
    assert 'value="Actrice 59"' in browser.get(f"/recits/{case_id}/ecrire/actors").text


def test_every_box_of_every_page_may_be_ticked(site: Site) -> None:
    case_id = start(site, depth="full")
    browser = site.as_("maryse")
    for page in ("", "/themes", "/competencies", "/empowerment"):
        html = browser.get(f"/recits/{case_id}/ecrire{page}").text
        form: dict[str, Any] = {}
        for tag in re.findall(r"<input [^>]*>", html):
            given = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
            if "name" not in given:
                continue
            if given.get("type") == "checkbox":
                form.setdefault(given["name"], []).append(unescape(given["value"]))
            elif given.get("type") == "hidden":
                form[given["name"]] = given["value"]
        for name in re.findall(r'<textarea [^>]*name="([^"]+)"', html):
            form[name] = "Quelques mots."
        for name in re.findall(r'name="(empowerment-[\w-]+-way)"', html):
            form[name] = "up"
        form |= {"title": "Le potager du presbytère"} if not page else {}
        answer = browser.post(f"/recits/{case_id}/ecrire{page}", data=form)
        assert answer.status_code == 303, (page, sum(len(v) if isinstance(v, list) else 1 for v in form.values()))
    regions = site.ask(
        "SELECT count(*) FROM case_term JOIN term ON id = term_id WHERE case_id = $1 AND taxonomy = 'region'", case_id
    )
    assert regions == len(slugs(site, "region"))

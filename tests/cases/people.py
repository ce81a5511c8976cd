"""Somebody in a story, and her page."""

import re
from typing import Any

from maillage.core import clock
from tests.conftest import Site

AGREED = {"choice": "nom-complet", "how": "written", "expires_on": ""}


def write_down(site: Site, case_id: int, handle: str = "maryse", name: str = "Hermine Vaugeois", **form: str) -> int:
    """Put somebody in the register through its page; returns her number."""
    answer = site.as_(handle).post(
        f"/recits/{case_id}/personnes", data={"name": name, "choice": "", "how": "written"} | form
    )
    assert answer.status_code == 303, answer.text[-3000:]
    found = re.search(r"/personnes/(\d+)", answer.headers["location"])
    assert found is not None
    return int(found[1])


def page_of(site: Site, case_id: int, person_id: int, handle: str = "maryse") -> str:
    """The address of her own page, made to be handed over."""
    path = f"/recits/{case_id}/personnes/{person_id}/lien"
    browser = site.as_(handle)
    assert browser.post(path).headers["location"] == path
    found = re.search(r"/recits/consentement/[\w-]{43}", browser.get(path).text)
    assert found is not None
    return found[0]


def seen(site: Site, page: str) -> str:
    """What her page shows now, as its form says."""
    found = re.search(r'name="seen" value="(\w+)"', site.stranger.get(page).text)
    assert found is not None
    return found[1]


def choose(site: Site, page: str, choice: str = "nom-complet", **form: str) -> Any:
    return site.stranger.post(page, data={"choice": choice, "seen": seen(site, page)} | form)


def leave(site: Site, page: str, **form: str) -> Any:
    return site.stranger.post(page + "/retrait", data={"leave": "y"} | form)


def in_register(site: Site, case_id: int, name: str = "Gisèle Tremblay", **given: Any) -> int:
    """Somebody in the register of a story, behind the scenes; returns her number."""
    values = {"case_id": case_id, "name": name} | given
    author = site.ask("SELECT min(id) FROM case_author WHERE case_id = $1", case_id)
    if values.get("choice"):
        values = {"decided_at": clock.now(), "how": "written"} | values
    values["asked_by_id"] = author
    names = ", ".join(values)
    places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    sql = f"INSERT INTO case_person ({names}) VALUES ({places}) RETURNING id"  # noqa: S608 — names of columns
    key: int = site.ask(sql, *values.values())
    return key

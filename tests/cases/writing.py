"""Writing through the front door, for tests of what comes of it."""

import re
from typing import Any

from tests.conftest import Site


def start(site: Site, handle: str = "maryse", **form: Any) -> int:
    """A story begun with these answers; returns its number."""
    answer = site.as_(handle).post("/recits/nouveau", data={"title": "Le potager du presbytère"} | form)
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].split("/")[2])


def seen(html: str, section: str) -> str:
    """How far the story had come when this page was made."""
    match = re.search(rf'name="seen-{section}" value="([^"]*)"', html)
    assert match is not None
    return match[1]


def opened(site: Site, browser: Any, case_id: int, section: str) -> dict[str, Any]:
    """What the form of a section carries unseen when it is opened now."""
    html = browser.get(f"/recits/{case_id}/ecrire/{section}").text
    number = re.search(rf'name="sequence-{section}" value="([0-9]+)"', html)
    assert number is not None
    return {f"seen-{section}": seen(html, section), f"sequence-{section}": number[1]}


def answers(site: Site, case_id: int) -> dict[str, str]:
    """What a story says: each text by its field (and the slug of its term), and its terms by their list."""
    rows = site.write(
        lambda db: db.connection.fetch(
            "SELECT field, slug, body_md FROM case_text LEFT JOIN term ON term.id = term_id WHERE case_id = $1", case_id
        )
    )
    said = {f"{row['field']}/{row['slug']}" if row["slug"] else row["field"]: row["body_md"] for row in rows}
    terms = site.write(
        lambda db: db.connection.fetch(
            "SELECT taxonomy, string_agg(slug, ' ' ORDER BY slug) AS slugs FROM case_term"
            " JOIN term ON term.id = term_id WHERE case_id = $1 GROUP BY taxonomy",
            case_id,
        )
    )
    return said | {row["taxonomy"]: row["slugs"] for row in terms}


def coauthor(site: Site, case_id: int, handle: str, kind: str = "coauthor", by: str = "maryse") -> None:
    """Somebody with an account takes part."""
    answer = site.as_(by).post(f"/recits/{case_id}/equipe", data={"kind": kind, "handle": handle})
    assert answer.status_code == 303, answer.text


def guest(site: Site, case_id: int, name: str = "Madame B.", kind: str = "coauthor", by: str = "maryse") -> Any:
    """Somebody without an account takes part; the browser where she has opened her private link."""
    answer = site.as_(by).post(f"/recits/{case_id}/equipe", data={"kind": kind, "name": name})
    assert answer.status_code == 303, answer.text
    html = site.as_(by).get(answer.headers["location"]).text
    match = re.search(r'value="http://testserver(/recits/acces/[^"]+)"', html)
    assert match is not None
    browser = site._browser()
    browser.portal = site.stranger.portal
    assert browser.post(match[1]).status_code == 303
    return browser

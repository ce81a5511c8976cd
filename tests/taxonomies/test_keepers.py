"""The lists are kept by the platform's administrators; to others, nothing is there."""

import pytest

from tests.auth.members import english
from tests.auth.members import said as shown
from tests.conftest import Site
from tests.taxonomies.keeping import changes, open_, send

PAGES = ("", "/region", "/region/nouveau", "/region/estrie")
ACTS = (
    "/region/nouveau",
    "/region/estrie",
    "/region/estrie/place",
    "/region/estrie/retrait",
    "/region/estrie/retablissement",
)
FORM = {"fr": "Ailleurs", "en": "Elsewhere", "seen": "0", "step": "haut", "replacement": ""}


@pytest.mark.parametrize("who", ["", "maryse", "karine", "etienne", "thuy-linh"])
def test_nobody_else_sees_or_changes_them(site: Site, who: str) -> None:
    before = site.ask("SELECT md5(string_agg(term::text, '' ORDER BY id)) FROM term")
    for path in PAGES:
        # Strangers are asked to sign in first.
        assert open_(site, path, who=who).status_code == (404 if who else 303)
    for path in ACTS:
        assert send(site, path, who=who, **FORM).status_code == (404 if who else 403)
    assert site.ask("SELECT md5(string_agg(term::text, '' ORDER BY id)) FROM term") == before
    assert changes(site) == 0


def test_administration_leads_there(site: Site) -> None:
    assert 'href="/admin/taxonomies"' in english(site, "sofia").get("/admin").text
    assert "Components of empowerment" in shown(open_(site, ""))


@pytest.mark.parametrize("path", ["/nulle-part", "/nulle-part/nouveau", "/region/nulle-part", "/region/logement"])
def test_what_is_not_there_is_not_found(site: Site, path: str) -> None:
    assert open_(site, path).status_code == 404
    assert send(site, path, **FORM).status_code in {404, 405}


@pytest.mark.parametrize("act", ["place", "retrait", "retablissement"])
def test_nothing_is_done_to_what_is_not_there(site: Site, act: str) -> None:
    for path in ("/nulle-part/estrie", "/region/nulle-part", "/theme/estrie"):
        assert send(site, f"{path}/{act}", **FORM).status_code == 404


def test_pages_ask_few_questions(site: Site) -> None:
    """Who she is, the epoch, the changes; the words are kept."""
    for path in ("/region", "/region/estrie"):
        open_(site, path)
        assert open_(site, path).headers["x-queries"] == "3"

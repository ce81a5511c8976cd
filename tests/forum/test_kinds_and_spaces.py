"""What sort of discussion it is, and where it stands."""

import pytest

from tests.conftest import Site
from tests.forum import acts


def kind_of(site: Site, body: str, *, kind: str = "", who: str = "maryse", space: str = "pratiques") -> str:
    form = {"space": space, "title": "", "kind": kind, "body": body}
    acts.done(acts.press(site, who, "/discussions/nouvelle", **form))
    found: str = site.ask("SELECT kind FROM thread ORDER BY id DESC LIMIT 1")
    return found


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("Comment faites-vous?", "question"),
        ("On a essayé ceci, et cela a marché.", "eclair"),
        ("https://exemple.org/un-lien", "eclair"),
    ],
)
def test_a_kind_is_found_from_the_text(site: Site, body: str, kind: str) -> None:
    assert kind_of(site, body) == kind


def test_the_kind_that_she_chose_counts(site: Site) -> None:
    assert kind_of(site, "Comment faites-vous?", kind="vive") == "vive"


def test_announcements_are_the_facilitators(site: Site) -> None:
    form = {"space": "pratiques", "title": "", "kind": "annonce", "body": "Oyez"}
    assert acts.press(site, "maryse", "/discussions/nouvelle", **form).status_code == 403
    assert kind_of(site, "Oyez", kind="annonce", who="etienne") == "annonce"


def test_in_a_closed_group_announcements_are_its_own_facilitators(site: Site) -> None:
    assert kind_of(site, "Jeudi", kind="annonce", who="nadege", space="cercle-du-jeudi") == "annonce"


def test_a_kind_that_does_not_exist_is_refused(site: Site) -> None:
    form = {"space": "pratiques", "title": "", "kind": "sondage", "body": "Oyez"}
    assert acts.press(site, "maryse", "/discussions/nouvelle", **form).status_code == 422


def test_a_stranger_sees_the_public_spaces_only(site: Site) -> None:
    page = site.stranger.get("/discussions").text
    assert "Pratiques et questions" in page
    assert "Coulisses" not in page
    assert "Cercle du jeudi" not in page


def test_a_member_sees_the_members_spaces_and_her_own_groups(site: Site) -> None:
    assert "Cercle du jeudi" in site.as_("maryse").get("/discussions").text
    page = site.as_("marc-antoine").get("/discussions").text
    assert "Coulisses" in page
    assert "Cercle du jeudi" not in page


def test_a_space_that_is_not_hers_is_as_absent_as_one_that_does_not_exist(site: Site) -> None:
    for slug in ("cercle-du-jeudi", "nulle-part"):
        assert site.as_("marc-antoine").get(f"/discussions/espaces/{slug}").status_code == 404
    assert site.stranger.get("/discussions/espaces/coulisses").status_code == 404


def test_a_space_says_what_it_is_for(site: Site) -> None:
    page = site.stranger.get("/discussions/espaces/outils").text
    assert "Demander, prêter, corriger un modèle, une fiche, un lien." in page

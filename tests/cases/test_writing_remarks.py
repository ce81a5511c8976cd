"""The shared draft: named readers read before others do, and say what they think."""

from tests.cases.writing import coauthor, guest, start
from tests.conftest import Site


def remark(site: Site, case_id: int, handle: str, body: str = "Qui a décidé?", field: str = "what_we_did") -> int:
    form = {"field": field, "body": body}
    status: int = site.as_(handle).post(f"/recits/{case_id}/remarques", data=form).status_code
    return status


def test_a_reader_reads_and_remarks_and_the_authors_are_told(site: Site) -> None:
    case_id = start(site, what_we_did="Nous avons **semé**.")
    coauthor(site, case_id, "josee", "reader")
    page = site.as_("josee").get(f"/recits/{case_id}/remarques").text
    assert "<strong>semé</strong>" in page
    assert remark(site, case_id, "josee") == 303
    assert "Qui a décidé?" in site.as_("maryse").get(f"/recits/{case_id}/remarques").text
    assert "1 remarque" in site.as_("maryse").get(f"/recits/{case_id}/ecrire/what_we_did").text
    assert "1 remarque d’une personne qui l’a lu" in site.as_("maryse").get("/moi/avis").text
    assert site.as_("josee").get(f"/recits/{case_id}/ecrire").status_code == 403
    answer = site.as_("josee").get(f"/recits/{case_id}/relecture")
    assert answer.headers["location"] == f"/recits/{case_id}-le-potager-du-presbytere"


def test_somebody_without_an_account_remarks_under_her_name(site: Site) -> None:
    case_id = start(site)
    browser = guest(site, case_id, "Madame B.", "validator")
    form = {"field": "title", "body": "C’était en mars."}
    assert browser.post(f"/recits/{case_id}/remarques", data=form).status_code == 303
    html = site.as_("maryse").get(f"/recits/{case_id}/remarques").text
    assert "Madame B." in html
    assert "C’était en mars." in html


def test_authors_say_that_a_remark_was_seen_to(site: Site) -> None:
    case_id = start(site)
    coauthor(site, case_id, "josee", "reader")
    remark(site, case_id, "josee")
    key = site.ask("SELECT id FROM case_remark WHERE case_id = $1", case_id)
    path = f"/recits/{case_id}/remarques/{key}/reglee"
    assert site.as_("josee").post(path, data={"value": "1"}).status_code == 403
    assert site.as_("maryse").post(path, data={"value": "1"}).status_code == 303
    assert site.ask("SELECT settled_at IS NOT NULL FROM case_remark WHERE id = $1", key)
    assert site.as_("maryse").post(path).status_code == 303
    assert site.ask("SELECT settled_at IS NULL FROM case_remark WHERE id = $1", key)
    other = start(site, title="Un autre")
    assert site.as_("maryse").post(f"/recits/{other}/remarques/{key}/reglee").status_code == 404


def test_an_empty_or_endless_remark_is_given_back(site: Site) -> None:
    case_id = start(site)
    for body in (" ", "x" * 2001):
        answer = site.as_("maryse").post(f"/recits/{case_id}/remarques", data={"field": "title", "body": body})
        assert answer.status_code == 422
        assert 'id="body-error"' in answer.text
        assert body.strip() in answer.text
    assert remark(site, case_id, "maryse", field="nulle-part") == 422


def test_nobody_else_sees_or_leaves_remarks(site: Site) -> None:
    case_id = start(site)
    assert remark(site, case_id, "felix") == 404
    assert site.stranger.get(f"/recits/{case_id}/remarques").status_code == 404

"""What to read before and what remains after: texts with files on the page, as visible as the gathering itself."""

from tests.conftest import Site
from tests.events.gatherings import gathering
from tests.uploads import NAME, key_of, upload


def write(site: Site, number: int, handle: str = "thuy-linh", **given: str) -> int:
    sent = {"before": "", "after": "", "seen_before": "0", "seen_after": "0"} | given
    return int(site.as_(handle).post(f"/rencontres/{number}/documents", data=sent).status_code)


def test_both_are_on_the_page_for_whoever_may_read_it(site: Site) -> None:
    number = gathering(site)
    path = site.stranger.get(f"/rencontres/{number}").headers["location"]
    assert write(site, number, before="Lire **le cahier**.") == 303
    page = site.stranger.get(path).text
    assert "<strong>le cahier</strong>" in page
    assert "À lire et à préparer" in page
    assert write(site, number, before="Lire **le cahier**.", after="Les *notes*.", seen_before="1") == 303
    assert "<em>notes</em>" in site.stranger.get(path).text
    # Who saw an earlier text does not write over a later one, and loses nothing of hers.
    late = {"before": "Lire le guide.", "after": "", "seen_before": "0", "seen_after": "1"}
    answer = site.as_("thuy-linh").post(f"/rencontres/{number}/documents", data=late)
    assert answer.status_code == 409
    assert "Lire le guide." in answer.text
    assert "<strong>le cahier</strong>" in site.stranger.get(path).text
    draft = gathering(site, state="draft")
    assert write(site, number, "maryse", before="À moi.") == 403
    assert write(site, draft, "maryse", before="À moi.") == 404
    assert site.stranger.get(f"/rencontres/{draft}/documents").status_code == 303
    assert write(site, number, before="x" * 50_001, seen_before="1") == 422


def test_files_come_and_go_with_the_gathering(site: Site) -> None:
    draft = gathering(site, state="draft")
    organizer = site.as_("thuy-linh")
    key = key_of(upload(organizer))
    file = f"/fichiers/{key}/{NAME}"
    assert write(site, draft, before=f"![Un parc](fichier:{key})") == 303
    assert organizer.get(file).status_code == 200
    for who in (site.stranger, site.as_("maryse")):
        assert who.get(file).status_code == 404
    site.ask("UPDATE gathering SET state = 'published', published_at = now() WHERE id = $1 RETURNING id", draft)
    assert site.stranger.get(file).status_code == 200
    path = site.stranger.get(f"/rencontres/{draft}").headers["location"]
    assert f"/fichiers/{key}/" in site.stranger.get(path).text
    site.ask("UPDATE gathering SET visibility = 'members' WHERE id = $1 RETURNING id", draft)
    assert site.stranger.get(file).status_code == 404
    assert site.as_("maryse").get(file).status_code == 200
    # Of nobody else’s file, only its words.
    hers = key_of(upload(site.as_("maryse")))
    assert (
        write(site, draft, before=f"![Un parc](fichier:{key})", after=f"![x](fichier:{hers})", seen_before="1") == 303
    )
    assert f"/fichiers/{hers}/" not in organizer.get(path).text
    assert organizer.get(f"/fichiers/{hers}/{NAME}").status_code == 404
    # Taken back by her who added it, the page shows it no longer.
    assert organizer.post(f"/moi/fichiers/{key}/retirer").status_code == 303
    assert f"/fichiers/{key}/" not in organizer.get(path).text
    # Shown no longer, it is hers alone again.
    again = key_of(upload(organizer))
    seen = {"seen_before": "2", "seen_after": "1"}
    assert (
        write(
            site,
            draft,
            before=f"![Un parc](fichier:{again})",
            after=f"![x](fichier:{hers})",
            seen_before="1",
            seen_after="1",
        )
        == 303
    )
    assert site.as_("maryse").get(f"/fichiers/{again}/{NAME}").status_code == 200
    assert write(site, draft, before="Rien.", after=f"![x](fichier:{hers})", **seen) == 303
    assert site.as_("maryse").get(f"/fichiers/{again}/{NAME}").status_code == 404
    assert organizer.get(f"/fichiers/{again}/{NAME}").status_code == 200

"""Pictures and documents in stories: added by whoever writes there, and as visible as the story that shows them."""

import json
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from tests.cases.people import choose, leave, page_of, write_down
from tests.cases.stories import TEXTS, story
from tests.cases.test_pdf import contents
from tests.cases.test_states import go
from tests.cases.writing import answers, coauthor, guest, opened, start
from tests.conftest import Site
from tests.core import made
from tests.uploads import ALT, NAME, key_of, said, size_of, stored_keys, upload
from tests.web.test_files_gone import later, work_off

FIELD = "what_we_did"


def add(
    browser: Any,
    case_id: int,
    name: str = "Fete-au-parc.jpg",
    content: bytes | None = None,
    fields: dict[str, str] | None = None,
) -> str:
    """Add a file to a story; its key."""
    return key_of(upload(browser, name, content, fields=fields, to=f"/recits/{case_id}/fichiers/nouveau"))


def write(site: Site, browser: Any, case_id: int, text: str, field: str = FIELD) -> Any:
    return browser.post(
        f"/recits/{case_id}/ecrire/{field}", data={**opened(site, browser, case_id, field), field: text, "then": "desk"}
    )


def path_of(case_id: int, key: str, name: str = NAME) -> str:
    return f"/recits/{case_id}/fichiers/{key}/{name}"


def shown_by(site: Site, case_id: int, browser: Any) -> str:
    """A picture that an answer shows; its address."""
    key = add(browser, case_id)
    assert write(site, browser, case_id, f"Nous\n\n{said(ALT, key)}").status_code == 303
    return path_of(case_id, key)


def row(site: Site, key: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(site.ask("SELECT to_jsonb(f)::text FROM stored_file AS f WHERE key = $1", key))
    return found


def test_a_picture_is_added_and_shown_in_its_sizes(site: Site) -> None:
    number = story(site, "maryse")
    maryse = site.as_("maryse")
    answer = upload(maryse, to=f"/recits/{number}/fichiers/nouveau")
    key = key_of(answer)
    assert f'value="{said(ALT, key)}"' in maryse.get(answer.headers["location"]).text
    assert write(site, maryse, number, f"Nous\n\n{said(ALT, key)}").status_code == 303
    path = path_of(number, key)
    page = site.stranger.get(f"/recits/{number}", follow_redirects=True).text
    assert f'src="{path}"' in page
    assert f'srcset="{path}?l=480 480w, {path}?l=960 960w, {path} 1200w"' in page
    assert f'alt="{ALT}"' in page
    for width in (480, 960, 1200):
        shown = site.stranger.get(f"{path}?l={width}")
        assert (shown.status_code, size_of(shown.content)[0]) == (200, width)
    assert site.stranger.get(path).headers["cache-control"] == "public, no-cache"
    assert site.stranger.get(f"/fichiers/{key}/{NAME}").status_code == 200


def test_a_document_is_a_link_and_an_attachment(site: Site) -> None:
    number = story(site, "maryse")
    key = add(site.as_("maryse"), number, "Plan.pdf", made.PDF, fields={"alt": ""})
    write(site, site.as_("maryse"), number, f"Voir [le plan](fichier:{key}).")
    path = path_of(number, key, "Plan.pdf")
    assert f'href="{path}"' in site.stranger.get(f"/recits/{number}", follow_redirects=True).text
    answer = site.stranger.get(path)
    assert answer.content == made.PDF
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "content", "fields", "sentence"),
    [
        ("a.jpg", None, {"alt": ""}, "Dites en mots"),
        ("a.jpg", None, {"right_of_use": ""}, "Dites de quel droit"),
        ("a.jpg", None, {"right_of_use": "permission"}, "Nommez la personne"),
        ("a.png", made.hollow_png(30_000, 30_000), {}, "trop de pixels"),
        ("a.pdf", made.image("PNG"), {}, "n’est pas ce que son nom annonce"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
    site: Site, name: str, content: bytes | None, fields: dict[str, str], sentence: str
) -> None:
    number = start(site)
    answer = upload(
        site.as_("maryse"),
        name,
        content,
        fields={"credit": "Ana & Cie"} | fields | ({"credit": ""} if "right_of_use" in fields else {}),
        to=f"/recits/{number}/fichiers/nouveau",
    )
    assert answer.status_code == 422
    assert sentence in unescape(answer.text)
    assert f'action="/recits/{number}/fichiers/nouveau"' in answer.text
    if "right_of_use" not in fields:
        assert 'value="Ana &amp; Cie"' in answer.text
    assert stored_keys(site) == set()


def test_a_store_that_is_away_is_a_sentence_and_the_words_stay(site: Site) -> None:
    number = start(site)
    (site.settings.data_dir / "files").write_text("in the way")
    answer = upload(site.as_("maryse"), fields={"credit": "Ana"}, to=f"/recits/{number}/fichiers/nouveau")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert f'value="{ALT}"' in answer.text
    assert 'value="Ana"' in answer.text
    assert site.ask("SELECT count(*) FROM stored_file") == 0


def test_a_picture_without_a_description_is_refused_beside_its_answer(site: Site) -> None:
    number = start(site)
    key = add(site.as_("maryse"), number)
    answer = write(site, site.as_("maryse"), number, f"Mes mots\n\n![](fichier:{key})")
    assert answer.status_code == 422
    assert f'id="{FIELD}-error"' in answer.text
    assert "Mes mots" in answer.text
    assert row(site, key)["subject_kind"] is None


def test_an_upload_saves_nothing_over_what_the_other_writes(site: Site) -> None:
    number = start(site)
    coauthor(site, number, "josee")
    before = opened(site, site.as_("maryse"), number, FIELD)
    assert write(site, site.as_("josee"), number, "Les mots de Josée.").status_code == 303
    key = add(site.as_("maryse"), number)
    assert answers(site, number)[FIELD] == "Les mots de Josée."
    late = site.as_("maryse").post(
        f"/recits/{number}/ecrire/{FIELD}", data={**before, FIELD: f"Les miens.\n\n{said(ALT, key)}"}
    )
    assert late.status_code == 409
    assert "Les mots de Josée." in late.text
    assert f"fichier:{key}" in late.text
    assert answers(site, number)[FIELD] == "Les mots de Josée."


@pytest.mark.parametrize("state", ["draft", "review", "withdrawn"])
def test_files_of_what_is_not_published_are_for_those_who_may_read_it(site: Site, state: str) -> None:
    number = story(site, "maryse", state="draft")
    coauthor(site, number, "josee")
    helper = guest(site, number)
    path = shown_by(site, number, site.as_("maryse"))
    if state != "draft":
        site.write(lambda db: db.connection.execute("UPDATE practice_case SET state = $2 WHERE id = $1", number, state))
    for inside in (site.as_("maryse"), site.as_("josee"), helper):
        answer = inside.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-cache")
    for outside in (site.stranger, site.as_("karine")):
        absent = outside.get(path_of(number, "0" * 32))
        for address in (path, f"{path}?l=480", path[len(f"/recits/{number}") :]):
            answer = outside.get(address)
            assert (answer.status_code, "etag" in answer.headers) == (404, False)
        assert absent.status_code == 404


def test_a_story_that_is_withdrawn_takes_its_files_off_at_once(site: Site) -> None:
    number = story(site, "maryse")
    path = shown_by(site, number, site.as_("maryse"))
    etag = site.stranger.get(path).headers["etag"]
    assert go(site, number, "maryse", "withdrawn", sure="y").status_code == 303
    for reader in (site.stranger, site.as_("karine")):
        assert reader.get(path, headers={"If-None-Match": etag}).status_code == 404
        assert reader.get(path[len(f"/recits/{number}") :], headers={"If-None-Match": etag}).status_code == 404


def test_a_file_of_one_story_is_absent_below_another(site: Site) -> None:
    one, other = story(site, "maryse"), story(site, "maryse", title="Un autre")
    path = shown_by(site, one, site.as_("maryse"))
    assert site.stranger.get(path).status_code == 200
    assert site.as_("maryse").get(path.replace(f"/{one}/", f"/{other}/", 1)).status_code == 404


def test_a_loose_file_is_its_adders_alone(site: Site) -> None:
    number = start(site)
    coauthor(site, number, "josee")
    helper = guest(site, number)
    hers, guests = add(site.as_("maryse"), number), add(helper, number)
    kept = row(site, guests)
    assert kept["uploaded_by_id"] is None
    assert kept["guest_key"].startswith("case-author-")
    for key, owner, others in (
        (hers, site.as_("maryse"), (site.as_("josee"), helper)),
        (guests, helper, (site.as_("josee"), site.as_("maryse"))),
    ):
        for address in (path_of(number, key), f"/recits/{number}/fichiers/{key}"):
            assert owner.get(address).status_code == 200
            assert [other.get(address).status_code for other in others] == [404, 404]


def test_nobody_takes_somebody_elses_loose_file(site: Site) -> None:
    number = start(site)
    coauthor(site, number, "josee")
    helper = guest(site, number)
    key = add(site.as_("maryse"), number)
    for thief in (site.as_("josee"), helper):
        assert write(site, thief, number, said(ALT, key)).status_code == 303
        assert row(site, key)["subject_kind"] is None
        write(site, thief, number, "")


def test_a_guest_adds_a_file_and_the_others_see_it(site: Site) -> None:
    number = start(site)
    helper = guest(site, number)
    path = shown_by(site, number, helper)
    assert path in site.as_("maryse").get(f"/recits/{number}", follow_redirects=True).text
    assert site.as_("maryse").get(path).status_code == 200
    # Another author keeps it by keeping the words that show it.
    key = path.split("/")[4]
    assert write(site, site.as_("maryse"), number, f"Autrement\n\n{said(ALT, key)}").status_code == 303
    assert row(site, key)["subject_id"] == number
    # Where it stands among the answers is nobody's matter.
    assert (
        write(site, site.as_("maryse"), number, f"Ici aussi\n\n{said(ALT, key)}", "starting_point").status_code == 303
    )
    assert write(site, site.as_("maryse"), number, "Plus là").status_code == 303
    assert row(site, key)["subject_id"] == number


def test_readers_and_strangers_add_nothing(site: Site) -> None:
    number = story(site, "maryse")
    reader = guest(site, number, kind="reader")
    to = f"/recits/{number}/fichiers/nouveau"
    for browser in (reader, site.as_("karine"), site.stranger):
        assert browser.get(to).status_code == 403
        assert upload(browser, to=to).status_code == 403
    assert stored_keys(site) == set()


def test_a_guest_who_adds_too_many_has_to_wait(site: Site) -> None:
    number = start(site)
    helper = guest(site, number)
    to = f"/recits/{number}/fichiers/nouveau"
    statuses = [upload(helper, "a.txt", b"a", fields={"alt": ""}, to=to).status_code for _ in range(31)]
    assert statuses == [303] * 30 + [429]
    # Hers is her own count.
    assert upload(site.as_("maryse"), "a.txt", b"a", fields={"alt": ""}, to=to).status_code == 303


def test_what_no_answer_shows_any_longer_goes_after_a_day(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    number = story(site, "maryse")
    path = shown_by(site, number, site.as_("maryse"))
    write(site, site.as_("maryse"), number, "Sans image.")
    assert site.stranger.get(path).status_code == 404
    assert site.as_("maryse").get(path).status_code == 200
    later(site, timedelta(hours=23), monkeypatch)
    work_off(site)
    assert len(stored_keys(site)) == 1
    later(site, timedelta(hours=2), monkeypatch)
    work_off(site)
    assert stored_keys(site) == set()


def test_a_version_that_is_put_back_shows_its_picture_again(site: Site) -> None:
    number = story(site, "maryse")
    path = shown_by(site, number, site.as_("maryse"))
    write(site, site.as_("maryse"), number, "Sans image.")
    revision = site.ask(
        "SELECT id FROM case_revision WHERE case_id = $1 AND body LIKE '%fichier:%' ORDER BY id DESC LIMIT 1", number
    )
    assert site.as_("maryse").post(f"/recits/{number}/historique/{revision}/retablir").status_code == 303
    assert site.stranger.get(path).status_code == 200


def test_whoever_added_it_deletes_it_and_the_page_does_without(site: Site) -> None:
    number = story(site, "maryse")
    path = shown_by(site, number, site.as_("maryse"))
    page = f"/recits/{number}"
    assert path in site.stranger.get(page, follow_redirects=True).text
    key = path.split("/")[4]
    assert site.as_("maryse").post(f"/moi/fichiers/{key}/retirer").status_code == 303
    after = site.stranger.get(page, follow_redirects=True).text
    assert (path in after, "<p>Nous</p>" in after) == (False, True)
    assert site.as_("maryse").get(path).status_code == 404
    work_off(site)
    assert stored_keys(site) == set()


def test_rendering_anew_keeps_the_pictures(site: Site) -> None:
    number = story(site, "maryse")
    path = shown_by(site, number, site.as_("maryse"))
    site.write(
        lambda db: db.connection.execute(
            "UPDATE case_text SET render_version = 0, body_html = '' WHERE case_id = $1", number
        )
    )
    site.write(lambda db: db.connection.execute("UPDATE practice_case SET version = version + 1 WHERE id = $1", number))
    assert f'src="{path}"' in site.stranger.get(f"/recits/{number}", follow_redirects=True).text


def test_exports_have_the_addresses(site: Site) -> None:
    number = story(site, "maryse", texts=TEXTS)
    path = shown_by(site, number, site.as_("maryse"))
    address = f"{site.settings.base_url}{path}"
    for where in (f"/recits/{number}.json", f"/recits/{number}.md", "/recits/export.json", "/recits/export.md"):
        told = site.stranger.get(where).text
        assert f"![{ALT}]({address})" in told, where
        assert "fichier:" not in told


def test_paper_shows_the_pictures_and_says_what_is_in_them(site: Site) -> None:
    number = story(site, "maryse")
    shown_by(site, number, site.as_("maryse"))
    pdf = site.stranger.get(f"/recits/{number}.pdf")
    assert pdf.status_code == 200
    assert b"/Subtype /Image" in contents(pdf.content).replace(b"/Subtype/Image", b"/Subtype /Image")
    assert b"/Figure" in contents(pdf.content)
    assert len(pdf.content) < 2_000_000


def test_paper_does_without_a_picture_that_the_store_does_not_give_and_is_made_again(site: Site) -> None:
    number = story(site, "maryse")
    shown_by(site, number, site.as_("maryse"))
    files = site.settings.data_dir / "files"
    files.rename(files.with_name("away"))
    pdf = site.stranger.get(f"/recits/{number}.pdf")
    assert (pdf.status_code, b"/Figure" in contents(pdf.content)) == (200, False)
    files.with_name("away").rename(files)
    assert b"/Figure" in contents(site.stranger.get(f"/recits/{number}.pdf").content)


@pytest.mark.parametrize("named", ["alt", "name", "line", "loose", "nowhere"])
def test_a_picture_of_somebody_who_withdraws_goes_with_her(site: Site, named: str) -> None:
    number, her = story(site, "maryse", state="draft"), "Hermine Vaugeois"
    person = write_down(site, number, name=her)
    page = page_of(site, number, person)
    assert choose(site, page).status_code == 303
    fields = {"alt": f"{her} au parc"} if named in ("alt", "loose") else {}
    name = f"{her}.jpg" if named == "name" else "Fete-au-parc.jpg"
    key = add(site.as_("maryse"), number, name, fields=fields)
    if named != "loose":
        line = said(f"{her} au parc" if named == "line" else "Au parc", key)
        assert write(site, site.as_("maryse"), number, f"Nous\n\n{line}").status_code == 303
    assert leave(site, page).status_code == 303
    left = site.ask("SELECT removed_at IS NULL FROM stored_file WHERE key = $1", key)
    assert left == (named == "nowhere")
    assert her not in site.ask("SELECT to_jsonb(f)::text FROM stored_file AS f WHERE key = $1", key)
    work_off(site)
    assert (stored_keys(site) == {key}) == (named == "nowhere")
    html = site.as_("maryse").get(f"/recits/{number}", follow_redirects=True).text
    assert (key in html) == (named == "nowhere")

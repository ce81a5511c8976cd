"""A file is as visible as what it belongs to is now, and no browser runs anything of it."""

import pytest

from tests.abuse.conftest import circle_of, patient
from tests.conftest import Site
from tests.core import made
from tests.uploads import NAME, key_of, said, size_of, upload


def write(site: Site, who: str, path: str, **form: str) -> str:
    patient(site)
    answer = site.as_(who).post(path, data=form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def shown_in(site: Site, who: str, space: str = "pratiques") -> tuple[str, int]:
    """A picture in the first message of a new discussion: its address, and the discussion's number."""
    key = key_of(upload(site.as_(who)))
    number = write(
        site, who, "/discussions/nouvelle", space=space, title="Au parc", body=f"Voici.\n\n{said('Nous', key)}"
    )
    return f"/fichiers/{key}/{NAME}", int(number.rpartition("/")[2])


def statuses(site: Site, path: str) -> dict[str, int]:
    """What each of them is answered: the author, another member, who moderates, somebody not signed in."""
    found = {who: site.as_(who).get(path).status_code for who in ("maryse", "karine", "etienne")}
    return found | {"": site.stranger.get(path).status_code}


def test_what_no_text_shows_is_its_authors_alone(site: Site) -> None:
    path = f"/fichiers/{key_of(upload(site.as_('maryse')))}/{NAME}"
    assert statuses(site, path) == {"maryse": 200, "karine": 404, "etienne": 404, "": 404}
    assert site.as_("maryse").get(path).headers["cache-control"] == "private, no-cache"


def test_a_public_message_shows_it_to_everybody(site: Site) -> None:
    path, number = shown_in(site, "maryse")
    assert set(statuses(site, path).values()) == {200}
    assert site.stranger.get(path).headers["cache-control"] == "public, no-cache"
    page = site.stranger.get(site.stranger.get(f"/discussions/{number}").headers["location"]).text
    assert f'src="{path}" srcset="{path}?l=480 480w, {path}?l=960 960w, {path} 1200w"' in page
    assert 'alt="Nous" width="1200" height="800" loading="lazy"' in page


def test_each_size_has_its_address(site: Site) -> None:
    path, _number = shown_in(site, "maryse")
    sizes = {width: size_of(site.stranger.get(f"{path}?l={width}").content) for width in (480, 960, 1200)}
    assert sizes == {480: (480, 320), 960: (960, 640), 1200: (1200, 800)}
    for width in ("1600", "0", "-480", "٤٨٠", "480.0", "x", "", "../480"):
        assert site.stranger.get(path, params={"l": width}).status_code == 404


def test_a_closed_circle_keeps_it(site: Site) -> None:
    path, _number = shown_in(site, "maryse", circle_of(site).space)
    assert statuses(site, path) == {"maryse": 200, "karine": 404, "etienne": 404, "": 404}
    assert site.as_("maryse").get(path).headers["cache-control"] == "private, no-cache"


def test_it_goes_with_its_discussion_to_a_stricter_space(site: Site) -> None:
    path, number = shown_in(site, "maryse")
    seen = site.stranger.get(path)
    site.write(
        lambda db: db.connection.execute(
            "INSERT INTO space_member (space_id, person_id, role) SELECT space.id, person.id, 'facilitator'"
            " FROM space, person WHERE slug = 'pratiques' AND handle = 'nadege'"
        )
    )
    write(site, "nadege", f"/discussions/{number}/changer-espace", space=circle_of(site).space)
    assert statuses(site, path) == {"maryse": 200, "karine": 404, "etienne": 404, "": 404}
    again = site.stranger.get(path, headers={"If-None-Match": seen.headers["etag"]})
    assert again.status_code == 404


def test_it_goes_with_its_message_and_comes_back(site: Site) -> None:
    path, number = shown_in(site, "maryse")
    write(site, "maryse", f"/discussions/{number}/m/1/retirer")
    assert statuses(site, path) == {"maryse": 404, "karine": 404, "etienne": 200, "": 404}
    write(site, "maryse", f"/discussions/{number}/m/1/retablir")
    assert set(statuses(site, path).values()) == {200}


def test_a_browser_that_has_it_is_told_so(site: Site) -> None:
    path, _number = shown_in(site, "maryse")
    etag = site.stranger.get(path).headers["etag"]
    again = site.stranger.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert site.stranger.get(f"{path}?l=480", headers={"If-None-Match": etag}).status_code == 200


def document(site: Site, content: bytes = made.PDF, name: str = "Plan d’action.pdf") -> str:
    """A public document's address."""
    key = key_of(upload(site.as_("maryse"), name, content, fields={"alt": ""}))
    write(site, "maryse", "/discussions/nouvelle", space="pratiques", title="Un plan", body=f"[Le plan](fichier:{key})")
    return f"/fichiers/{key}/{name}"


def test_a_document_is_saved_and_never_opened(site: Site) -> None:
    answer = site.stranger.get(document(site))
    assert (answer.status_code, answer.content) == (200, made.PDF)
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''Plan%20d%E2%80%99action.pdf"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"] == "application/pdf"


def test_a_document_is_named_with_its_kind_and_weight(site: Site) -> None:
    key = document(site).split("/")[2]
    page = site.ask("SELECT body_html FROM post WHERE body_md LIKE '%' || $1 || '%'", key)
    assert "Le plan</a> (PDF, 1&nbsp;ko)" in page


TEXT = bytes(range(97, 123)) * 4
STRETCHES = {
    "bytes=0-9": (206, TEXT[:10], "bytes 0-9/104"),
    "bytes=100-": (206, TEXT[100:], "bytes 100-103/104"),
    "bytes=-4": (206, TEXT[-4:], "bytes 100-103/104"),
    "bytes=-999": (206, TEXT, "bytes 0-103/104"),
    "bytes=90-9999": (206, TEXT[90:], "bytes 90-103/104"),
    "bytes=104-": (416, b"", "bytes */104"),
    "bytes=-0": (416, b"", "bytes */104"),
    "bytes=9-3": (200, TEXT, None),
    "bytes=0-1,5-6": (200, TEXT, None),
    "bytes=x-y": (200, TEXT, None),
    "octets=0-9": (200, TEXT, None),
}


def test_a_stretch_of_a_document_can_be_asked_for(site: Site) -> None:
    path = document(site, TEXT, "notes.txt")
    for asked, (status, content, said_range) in STRETCHES.items():
        answer = site.stranger.get(path, headers={"Range": asked})
        assert (answer.status_code, answer.content) == (status, content), asked
        assert answer.headers.get("content-range") == said_range, asked
    stale = site.stranger.get(path, headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (stale.status_code, stale.content) == (200, TEXT)


def test_looking_without_fetching(site: Site) -> None:
    path = document(site)
    answer = site.stranger.head(path)
    assert (answer.status_code, answer.headers["content-length"]) == (200, str(len(made.PDF)))


@pytest.mark.parametrize("who", ["karine", "sofia"])
def test_somebody_elses_file_cannot_be_shown(site: Site, who: str) -> None:
    """Whoever knows a key gets nothing for it: neither the picture nor its being there."""
    key = key_of(upload(site.as_("maryse")))
    number = write(site, who, "/discussions/nouvelle", space="pratiques", title="Prise", body=said("Prise", key))
    assert (
        site.ask("SELECT body_html FROM post WHERE thread_id = $1", int(number.rpartition("/")[2])) == "<p>Prise</p>\n"
    )
    assert site.ask("SELECT subject_id FROM stored_file") is None
    assert site.as_(who).get(f"/fichiers/{key}/{NAME}").status_code == 404


def test_a_file_that_a_message_shows_cannot_be_shown_by_another(site: Site) -> None:
    path, number = shown_in(site, "maryse", circle_of(site).space)
    key = path.split("/")[2]
    write(site, "maryse", "/discussions/nouvelle", space="pratiques", title="Ailleurs", body=said("Ailleurs", key))
    assert site.stranger.get(path).status_code == 404
    assert site.ask("SELECT thread_id FROM stored_file JOIN post ON post.id = subject_id") == number


def test_an_edit_lets_go_of_what_it_no_longer_shows(site: Site) -> None:
    path, number = shown_in(site, "maryse")
    edit = f"/discussions/{number}/m/1/modifier"
    write(site, "maryse", edit, body="Sans image.", revisions="0")
    assert statuses(site, path) == {"maryse": 200, "karine": 404, "etienne": 404, "": 404}
    write(site, "maryse", edit, body=said("De retour", path.split("/")[2]), revisions="1")
    assert set(statuses(site, path).values()) == {200}


def test_an_edit_keeps_what_it_still_shows(site: Site) -> None:
    path, number = shown_in(site, "maryse")
    body = f"Encore.\n\n{said('Nous', path.split('/')[2])}"
    write(site, "maryse", f"/discussions/{number}/m/1/modifier", body=body, revisions="0")
    assert set(statuses(site, path).values()) == {200}


def test_an_image_without_words_is_refused(site: Site) -> None:
    key = key_of(upload(site.as_("maryse")))
    form = {"space": "pratiques", "title": "Sans mots", "body": said("", key)}
    assert site.as_("maryse").post("/discussions/nouvelle", data=form).status_code == 422
    assert site.ask("SELECT subject_id FROM stored_file") is None


def test_a_preview_shows_ones_own_and_takes_nothing(site: Site) -> None:
    key = key_of(upload(site.as_("maryse")))
    for who, found in (("maryse", True), ("karine", False)):
        shown = site.as_(who).post("/discussions/apercu", data={"body": said("Nous", key)})
        assert (f"/fichiers/{key}/" in shown.text) is found
    assert site.ask("SELECT subject_id FROM stored_file") is None

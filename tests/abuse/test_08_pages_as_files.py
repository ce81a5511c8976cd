"""What a browser would run or show as a page of ours is refused as a file, and nothing that is kept is run."""

import pytest

from tests.cases.writing import guest, start
from tests.conftest import Site
from tests.core import made
from tests.uploads import key_of, upload

SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"
PAGE = b"<!doctype html><script>alert(1)</script>"


@pytest.mark.parametrize(
    "name", ["x.svg", "x.html", "x.htm", "x.xhtml", "x.xml", "x.js", "x.swf", "x.mht", "x.svg.", "x"]
)
@pytest.mark.parametrize("content", [SVG, PAGE], ids=["drawing", "page"])
def test_they_are_refused_under_their_own_name(site: Site, name: str, content: bytes) -> None:
    for declared in ("image/svg+xml", "text/html", "application/xml", "image/png"):
        assert upload(site.as_("maryse"), name, content, declared).status_code == 422


@pytest.mark.parametrize("extension", ["png", "jpg", "webp", "gif", "txt", "csv", "pdf", "odt", "docx"])
@pytest.mark.parametrize("content", [SVG, PAGE, b"\xef\xbb\xbf " + PAGE], ids=["drawing", "page", "marked page"])
def test_and_under_any_other(site: Site, extension: str, content: bytes) -> None:
    assert upload(site.as_("maryse"), f"x.{extension}", content).status_code == 422
    assert site.ask("SELECT count(*) FROM stored_file") == 0


def test_a_text_with_tags_inside_is_saved_and_never_shown(site: Site) -> None:
    key = key_of(upload(site.as_("maryse"), "notes.txt", b"Notes\n" + PAGE, fields={"alt": ""}))
    answer = site.as_("maryse").get(f"/fichiers/{key}/notes.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"


def test_a_picture_leaves_nothing_to_run(site: Site) -> None:
    key = key_of(upload(site.as_("maryse"), "x.png", made.image("PNG")))
    answer = site.as_("maryse").get(f"/fichiers/{key}/x.webp")
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"


def test_a_story_takes_none_from_a_guest_either(site: Site) -> None:
    number = start(site)
    helper = guest(site, number)
    to = f"/recits/{number}/fichiers/nouveau"
    assert upload(helper, "x.svg", SVG, "image/svg+xml", to=to).status_code == 422
    key = key_of(upload(helper, "notes.txt", b"Notes\n" + PAGE, fields={"alt": ""}, to=to))
    answer = helper.get(f"/recits/{number}/fichiers/{key}/notes.txt")
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"

"""Name, declared type and bytes agree, or the file is refused; so is what is two things at once."""

import struct

import pytest

from tests.cases.writing import guest, start
from tests.conftest import Site
from tests.core import made
from tests.uploads import upload

GIF = made.image("GIF", (40, 40))
JPEG = made.image("JPEG", (40, 40))
PNG = made.image("PNG", (40, 40))
WEBP = made.image("WEBP", (40, 40))
# A GIF whose width reads as the beginning of a comment, with the script behind.
GIF_JS = b"GIF89a/*" + GIF[8:] + b"*/=1;alert(1)//;"
TWO_FACED = {
    "a script that is a GIF": ("x.gif", GIF_JS),
    "a script behind a width of two line ends": ("x.gif", b"GIF89a\n\n" + GIF[8:-1] + b"=1;alert(1);"),
    "a GIF with a tail": ("x.gif", GIF + b"alert(1)"),
    "a GIF with an archive behind": ("x.gif", GIF + made.archive({"x.class": "x"})),
    "a JPEG with an archive behind": ("x.jpg", JPEG + made.archive({"x.class": "x"})),
    "a JPEG with a page behind": ("x.jpg", JPEG + b"<script>alert(1)</script>"),
    "a JPEG with a page in its comment": ("x.jpg", made.image("JPEG", (40, 40), comment=b"<html><script>alert(1)")),
    "a PNG with a program behind": ("x.png", PNG + b"<?php system('id');"),
    "a PNG with a tail": ("x.png", PNG + b"tail"),
    "a WebP with a tail": ("x.webp", WEBP + b"\0\0\0\0tail"),
    "a WebP that says it is shorter": ("x.webp", WEBP[:4] + struct.pack("<I", 20) + WEBP[8:]),
    "an archive under the name of a picture": ("x.png", made.document("docx")),
    "a PDF that is a page": ("x.pdf", b"<html>%PDF-1.7" + made.PDF),
}


@pytest.mark.parametrize("what", TWO_FACED)
def test_what_is_two_things_is_refused(site: Site, what: str) -> None:
    name, content = TWO_FACED[what]
    assert upload(site.as_("maryse"), name, content).status_code == 422
    assert site.ask("SELECT count(*) FROM stored_file") == 0


@pytest.mark.parametrize(
    ("name", "declared", "content"),
    [
        ("x.png", "image/png", JPEG),
        ("x.png", "image/jpeg", PNG),
        ("x.jpg", "image/png", JPEG),
        ("x.gif", "image/gif", PNG),
        ("x.pdf", "image/png", PNG),
        ("x.png", "text/html", PNG),
        ("x.png", "", PNG),
        ("x.png", "application/octet-stream", PNG),
    ],
)
def test_three_witnesses_must_agree(site: Site, name: str, declared: str, content: bytes) -> None:
    assert upload(site.as_("maryse"), name, content, declared).status_code == 422


def test_honest_ones_come_in(site: Site) -> None:
    for name, content in (("x.gif", GIF), ("x.jpg", JPEG), ("x.png", PNG), ("x.webp", WEBP), ("x.pdf", made.PDF)):
        assert upload(site.as_("maryse"), name, content).status_code == 303


def test_a_guest_of_a_story_sends_no_other_face(site: Site) -> None:
    number = start(site)
    to = f"/recits/{number}/fichiers/nouveau"
    assert upload(guest(site, number), "x.pdf", JPEG, "application/pdf", to=to).status_code == 422
    assert site.ask("SELECT count(*) FROM stored_file") == 0

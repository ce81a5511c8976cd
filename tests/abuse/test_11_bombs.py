"""A picture that would fill the memory is refused by its header, and one that is kept says nothing of its place."""

import pytest

from tests.cases.writing import guest, start
from tests.conftest import Site
from tests.core import made
from tests.uploads import NAME, key_of, upload


@pytest.mark.parametrize("size", [(30_000, 30_000), (60_000, 60_000), (12_001, 1), (1, 12_001), (8_000, 8_000)])
def test_a_bomb_is_refused_before_it_is_decoded(
    site: Site, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = []
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda *_given: decoded.append(1))
    answer = upload(site.as_("maryse"), "x.png", made.hollow_png(*size))
    assert (answer.status_code, decoded) == (422, [])
    assert "trop de pixels" in answer.text


@pytest.mark.parametrize("orientation", [1, 6])
def test_no_size_of_a_picture_says_where_it_was_taken(site: Site, orientation: int) -> None:
    content = made.image("JPEG", (1200, 800), exif=made.told_exif(orientation))
    assert b"Maryse" in content
    key = key_of(upload(site.as_("maryse"), content=content))
    for size in site.ask("SELECT sizes FROM stored_file"):
        version = site.as_("maryse").get(f"/fichiers/{key}/{NAME}?l={size}").content
        assert not any(word in version for word in (b"EXIF", b"Exif", b"XMP", b"ICCP", b"Maryse", b"secret"))
    folder = site.settings.data_dir / "files"
    assert all(b"Maryse" not in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_guest_of_a_story_sends_no_bomb(site: Site) -> None:
    number = start(site)
    to = f"/recits/{number}/fichiers/nouveau"
    answer = upload(guest(site, number), "x.png", made.hollow_png(30_000, 30_000), to=to)
    assert (answer.status_code, "trop de pixels" in answer.text) == (422, True)

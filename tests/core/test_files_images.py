"""Pictures become pixels of a few sizes, and tell nothing of where and with what they were taken."""

import asyncio
from io import BytesIO

import pytest
from PIL import Image, ImageCms

from maillage.core.files import images
from maillage.core.files.adding import Sent, checked
from maillage.core.files.checks import BROKEN, LYING, NotAccepted
from maillage.core.languages import Text
from tests.core import made


def come_in(name: str, declared: str, content: bytes) -> dict[str, bytes]:
    return asyncio.run(checked(Sent(name, declared, content))).objects


def refused(name: str, declared: str, content: bytes) -> Text:
    with pytest.raises(NotAccepted) as refusal:
        come_in(name, declared, content)
    return refusal.value.why


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


@pytest.mark.parametrize(("extension", "kind"), [("jpg", "JPEG"), ("png", "PNG"), ("webp", "WEBP"), ("gif", "GIF")])
def test_every_kind_becomes_webp(extension: str, kind: str) -> None:
    (content,) = come_in(f"a.{extension}", made.declared(extension), made.image(kind, (40, 30))).values()
    assert (opened(content).format, opened(content).size) == ("WEBP", (40, 30))


@pytest.mark.parametrize(
    ("size", "kept"),
    [
        ((2000, 1000), {"480.webp": (480, 240), "960.webp": (960, 480), "1600.webp": (1600, 800)}),
        ((1000, 500), {"480.webp": (480, 240), "960.webp": (960, 480), "1000.webp": (1000, 500)}),
        ((480, 100), {"480.webp": (480, 100)}),
        ((30, 40), {"30.webp": (30, 40)}),
        ((1, 9000), {"1.webp": (1, 9000)}),
    ],
)
def test_it_is_kept_in_three_sizes_and_never_enlarged(size: tuple[int, int], kept: dict[str, tuple[int, int]]) -> None:
    objects = come_in("a.jpg", "image/jpeg", made.image("JPEG", size))
    assert {name: opened(content).size for name, content in objects.items()} == kept


def test_the_place_and_the_camera_are_gone() -> None:
    content = made.image("JPEG", exif=made.told_exif())
    assert opened(content).getexif().get_ifd(0x8825), "the picture to try this with says where it was taken"
    for version in come_in("a.jpg", "image/jpeg", content).values():
        left = opened(version)
        assert (dict(left.getexif()), left.info.get("exif"), left.info.get("xmp")) == ({}, None, None)
        assert not any(word in version for word in (b"EXIF", b"XMP ", b"ICCP", b"Maryse", b"secret"))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_other_kinds_tell_is_gone_too(kind: str) -> None:
    content = made.image(kind, exif=made.told_exif().tobytes(), xmp=b"<x:xmpmeta>Maryse</x:xmpmeta>")
    for version in come_in(f"a.{kind.lower()}", f"image/{kind.lower()}", content).values():
        assert dict(opened(version).getexif()) == {}
        assert b"Maryse" not in version


def test_it_stands_upright() -> None:
    """Turned by a quarter, what was left is on top."""
    objects = come_in("a.jpg", "image/jpeg", made.image("JPEG", (80, 40), exif=made.told_exif(6)))
    picture = opened(objects["40.webp"]).convert("RGB")
    assert picture.size == (40, 80)
    top, bottom = picture.getpixel((20, 10)), picture.getpixel((20, 70))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert (top[0] > top[2], bottom[0] > bottom[2]) == (True, False)


def test_colours_are_those_of_the_web() -> None:
    """A profile that says something else is applied, and left behind."""
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    (content,) = come_in("a.jpg", "image/jpeg", made.image("JPEG", (40, 40), icc_profile=lab)).values()
    assert "icc_profile" not in opened(content).info


@pytest.mark.parametrize("size", [(30_000, 30_000), (12_001, 10), (10, 12_001), (6_400, 6_400), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_by_its_header(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    def decoded(*_given: object, **_more: object) -> None:
        raise AssertionError("it was decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decoded)
    assert refused("a.png", "image/png", made.hollow_png(*size)) in {images.TOO_LARGE, BROKEN}


def test_the_largest_that_is_allowed_is_decoded() -> None:
    assert refused("a.png", "image/png", made.hollow_png(6_300, 6_300)) == BROKEN


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_moving_pictures_are_refused(kind: str) -> None:
    assert refused(f"a.{kind.lower()}", f"image/{kind.lower()}", made.moving(kind)) == images.MOVING


@pytest.mark.parametrize("kept", [0.02, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_cut_picture_is_refused(kind: str, kept: float) -> None:
    extension = "jpg" if kind == "JPEG" else kind.lower()
    content = made.image(kind, (400, 300))
    assert refused(f"a.{extension}", made.declared(extension), content[: int(len(content) * kept)]) in {BROKEN, LYING}


def test_one_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "_PATIENCE", 0)
    assert refused("a.png", "image/png", made.image("PNG", (40, 30))) == images.TOO_SLOW


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "I;16"])
def test_every_way_of_storing_colours_is_read(mode: str) -> None:
    content = BytesIO()
    Image.new(mode, (60, 40)).save(content, "PNG")
    (kept,) = come_in("a.png", "image/png", content.getvalue()).values()
    assert opened(kept).size == (60, 40)


def test_what_could_be_seen_through_still_can() -> None:
    content = BytesIO()
    Image.new("RGBA", (40, 30), (255, 0, 0, 0)).save(content, "PNG")
    (kept,) = come_in("a.png", "image/png", content.getvalue()).values()
    assert opened(kept).convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]

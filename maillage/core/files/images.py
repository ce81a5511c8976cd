"""Pictures: looked at before they are decoded, turned upright, made anew in three sizes that say nothing but pixels.

What came with them stays behind: the place, the date, the device, the thumbnail of what was cut away.
"""

import asyncio
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from maillage.core.files.checks import BROKEN, LYING, NotAccepted
from maillage.core.languages import _

MAX_PIXELS = 40_000_000
MAX_SIDE = 12_000
# How wide a picture is kept; never wider than it came.
WIDTHS = (480, 960, 1600)
MEDIA_TYPE = "image/webp"
_QUALITY = 82
_PATIENCE = 30
_FORMATS = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF"}

TOO_LARGE = _("This picture has too many pixels: 40 million at most, and 12,000 on a side. Please make it smaller.")
MOVING = _("Moving pictures cannot be kept here: please choose one that stands still.")
TOO_SLOW = _("This picture takes too long to prepare. Please make it smaller, or try again in a while.")

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
# Pillow would only warn between that number and its double.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)

# One at a time: a picture takes some hundred megabytes while it is decoded.
_workshop = ThreadPoolExecutor(1, thread_name_prefix="pictures")


@dataclass(frozen=True, slots=True)
class Picture:
    """What is kept of a picture: its versions by width, the smallest first; `height` is that of the largest."""

    versions: dict[int, bytes]
    height: int

    @property
    def width(self) -> int:
        return max(self.versions)


async def prepared(extension: str, content: bytes) -> Picture:
    """The versions to keep. Raises `NotAccepted` for what is too large, moving, damaged, or takes too long."""
    loop = asyncio.get_running_loop()
    try:
        return await asyncio.wait_for(loop.run_in_executor(_workshop, prepare, extension, content), _PATIENCE)
    except TimeoutError:
        raise NotAccepted(TOO_SLOW) from None


def prepare(extension: str, content: bytes) -> Picture:
    try:
        # Reads the header alone.
        image: Image.Image = Image.open(BytesIO(content), formats=(_FORMATS[extension],))
        if image.width * image.height > MAX_PIXELS or max(image.size) > MAX_SIDE:
            raise NotAccepted(TOO_LARGE)
        if getattr(image, "is_animated", False):
            raise NotAccepted(MOVING)
        with image:
            # A JPEG can be decoded at a half, a quarter or an eighth of its size, for as much less work.
            image.draft(None, (WIDTHS[-1], WIDTHS[-1]))
            return _versions(_plain(ImageOps.exif_transpose(image)))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise NotAccepted(TOO_LARGE) from error
    except UnidentifiedImageError as error:
        raise NotAccepted(LYING) from error
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        IndexError,
        KeyError,
        TypeError,
        OverflowError,
        MemoryError,
    ) as error:
        # What Pillow says of a file that breaks off or contradicts itself depends on where it does.
        raise NotAccepted(BROKEN) from error


def _plain(image: Image.Image) -> Image.Image:
    """The picture in the colours of the web, and nothing beside its pixels."""
    seen_through = image.has_transparency_data
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    mode = "RGBA" if seen_through else "RGB"
    if profile and image.mode in {"RGB", "RGBA", "CMYK", "L"}:
        image = _in_srgb(image, profile, mode)
    plain = image.convert(mode)
    plain.info = {}
    return plain


def _in_srgb(image: Image.Image, profile: bytes, mode: str) -> Image.Image:
    try:
        shown = ImageCms.profileToProfile(
            image, ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode=mode
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        # A profile that makes no sense: the colours as they are.
        return image
    return shown or image


def _versions(image: Image.Image) -> Picture:
    largest = min(image.width, WIDTHS[-1])
    versions: dict[int, bytes] = {}
    height = 0
    for width in [*(width for width in WIDTHS if width < largest), largest]:
        height = max(1, round(image.height * width / image.width))
        size = (width, height)
        version = image if size == image.size else image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3)
        out = BytesIO()
        version.save(out, "WEBP", quality=_QUALITY, method=4, exif=b"", xmp=b"", icc_profile=b"")
        versions[width] = out.getvalue()
    return Picture(versions, height)

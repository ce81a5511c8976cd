"""Files to try things with: honest ones, and some that lie."""

import struct
import zipfile
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

OPEN = "application/vnd.oasis.opendocument."
OFFICE = "application/vnd.openxmlformats-officedocument."
TYPES = {
    "odt": f"{OPEN}text",
    "ods": f"{OPEN}spreadsheet",
    "odp": f"{OPEN}presentation",
    "docx": f"{OFFICE}wordprocessingml.document",
    "xlsx": f"{OFFICE}spreadsheetml.sheet",
    "pptx": f"{OFFICE}presentationml.presentation",
}
_MAIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def image(format: str = "JPEG", size: tuple[int, int] = (800, 600), mode: str = "RGB", **more: Any) -> bytes:  # noqa: A002
    """A picture whose left half is red and whose right half is blue."""
    made = Image.new("RGB", size, (200, 30, 30))
    made.paste((30, 30, 200), (size[0] // 2, 0, *size))
    out = BytesIO()
    made.convert(mode).save(out, format, **more)
    return out.getvalue()


def told_exif(orientation: int = 1) -> Image.Exif:
    """What a telephone writes of a photograph: where, when, with what."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Appareil de Maryse"
    exif[0x9286] = "commentaire-secret"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (46.0, 20.0, 35.0), "W", (72.0, 32.0, 49.0)
    return exif


def moving(format: str) -> bytes:  # noqa: A002
    out = BytesIO()
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    frames[0].save(out, format, save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def hollow_png(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is as large as that."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    )


def archive(parts: dict[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", compression) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def document(extension: str, **more: bytes | str) -> bytes:
    """An honest document. `more`: parts to add, or to put in the place of its own."""
    if extension == "pdf":
        return PDF
    if extension in {"txt", "csv"}:
        return "Prénom;Nom\nÉlise;Côté\n".encode()
    if extension in _MAIN:
        types = f'<Types><Override ContentType="{TYPES[extension]}.main+xml"/></Types>'
        return archive({"[Content_Types].xml": types, _MAIN[extension]: "<x/>", **more})
    return archive({"mimetype": TYPES[extension], "content.xml": "<x/>", **more})


def declared(extension: str) -> str:
    """What a browser says of a file of this extension."""
    known = TYPES | {
        "pdf": "application/pdf",
        "txt": "text/plain",
        "csv": "text/csv",
        "jpg": "image/jpeg",
        "png": "image/png",
        "webp": "image/webp",
        "gif": "image/gif",
    }
    return known[extension]

"""What may come in: a picture or a document whose name, declared type and bytes all say the same.

Nothing here trusts a browser. What passes is still served in such a way that no browser runs it.
"""

import re
import zipfile
from dataclasses import dataclass
from io import BytesIO

from maillage.core import names
from maillage.core.files.models import MAX_NAME
from maillage.core.languages import Text, _

# In bytes.
MAX_IMAGE = 15 * 1024 * 1024
MAX_DOCUMENT = 20 * 1024 * 1024

WRONG_KIND = _(
    "This kind of file cannot be kept here. Pictures: JPEG, PNG, WebP, GIF. "
    "Documents: PDF, ODT, ODS, ODP, DOCX, XLSX, PPTX, TXT, CSV."
)
LYING = _("This file is not what its name says. Please save it anew from the program that made it.")
EMPTY = _("This file is empty.")
IMAGE_TOO_HEAVY = _("A picture may weigh 15 MB at most.")
DOCUMENT_TOO_HEAVY = _("A document may weigh 20 MB at most.")
BROKEN = _("This file is damaged, or cut short: it cannot be read.")


class NotAccepted(Exception):
    """The file cannot be kept. `why` is for whoever sent it."""

    def __init__(self, why: Text) -> None:
        super().__init__(str(why))
        self.why = why


@dataclass(frozen=True, slots=True)
class Sort:
    """A kind of file. `declared`: the types that browsers announce it with; `begins`: its first bytes."""

    kind: str
    media_type: str
    declared: frozenset[str]
    begins: tuple[bytes, ...] = ()


def _image(subtype: str, *begins: bytes, also: tuple[str, ...] = ()) -> Sort:
    return Sort("image", f"image/{subtype}", frozenset({f"image/{subtype}", *also}), begins)


# What a browser says of a kind that its machine has no program for.
_UNKNOWN = ("", "application/octet-stream")
_ZIP = b"PK\x03\x04"


def _document(media_type: str, *begins: bytes, also: tuple[str, ...] = ()) -> Sort:
    return Sort("document", media_type, frozenset({media_type, *also, *_UNKNOWN}), begins)


_JPEG = _image("jpeg", b"\xff\xd8\xff", also=("image/jpg", "image/pjpeg"))
_OPEN = "application/vnd.oasis.opendocument."
_OFFICE = "application/vnd.openxmlformats-officedocument."
# By extension.
SORTS = {
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "png": _image("png", b"\x89PNG\r\n\x1a\n"),
    "webp": _image("webp", b"RIFF"),
    "gif": _image("gif", b"GIF87a", b"GIF89a"),
    "pdf": _document("application/pdf", b"%PDF-", also=("application/x-pdf",)),
    "odt": _document(f"{_OPEN}text", _ZIP),
    "ods": _document(f"{_OPEN}spreadsheet", _ZIP),
    "odp": _document(f"{_OPEN}presentation", _ZIP),
    "docx": _document(f"{_OFFICE}wordprocessingml.document", _ZIP),
    "xlsx": _document(f"{_OFFICE}spreadsheetml.sheet", _ZIP),
    "pptx": _document(f"{_OFFICE}presentationml.presentation", _ZIP),
    "txt": _document("text/plain"),
    # Windows says of tables whatever opens them there.
    "csv": _document("text/csv", also=("text/plain", "application/csv", "application/vnd.ms-excel")),
}
ACCEPT = ",".join(f".{extension}" for extension in SORTS)

# Words that only make sense to what runs or shows pages; no picture needs them.
_PAGE = re.compile(rb"<(?:script|html|svg|body|iframe|object|embed|!doctype|\?php)[\s>/]|javascript:", re.IGNORECASE)
_MARKUP = re.compile(r"\s*<(?:!|\?|[a-z])", re.IGNORECASE)


def sort_of(filename: str, declared: str, content: bytes) -> tuple[Sort, str]:
    """What a file is, and its extension. Raises `NotAccepted` unless all that speaks of it agrees."""
    extension = filename.rpartition(".")[2].lower() if "." in filename else ""
    sort = SORTS.get(extension)
    if sort is None:
        raise NotAccepted(WRONG_KIND)
    if not content:
        raise NotAccepted(EMPTY)
    if sort.kind == "image" and len(content) > MAX_IMAGE:
        raise NotAccepted(IMAGE_TOO_HEAVY)
    if len(content) > MAX_DOCUMENT:
        raise NotAccepted(DOCUMENT_TOO_HEAVY)
    begins = sort.begins or tuple(begin for other in SORTS.values() for begin in other.begins)
    announced = declared.partition(";")[0].strip().lower()
    # A text has no first bytes of its own, and none of the others’.
    if announced not in sort.declared or content.startswith(begins) != bool(sort.begins):
        raise NotAccepted(LYING)
    return sort, extension


def refuse_two_faced_image(extension: str, content: bytes) -> None:
    """Refuse a picture that is something else besides: a script, a page, an archive, a picture with a tail."""
    if _PAGE.search(content) or zipfile.is_zipfile(BytesIO(content)):
        raise NotAccepted(LYING)
    match extension:
        case "gif":
            # Two letters where the width stands make of the first line a script that goes on: 2,313 pixels at least.
            whole = content.rstrip(b"\0").endswith(b";") and not all(_is_text(byte) for byte in content[6:8])
        case "png":
            whole = content[-8:-4] == b"IEND"
        case "webp":
            length = int.from_bytes(content[4:8], "little") + 8
            whole = content[8:12] == b"WEBP" and len(content) in {length, length + 1}
        case _:
            # Phones put films and second pictures behind their photographs.
            whole = True
    if not whole:
        raise NotAccepted(LYING)


def _is_text(byte: int) -> bool:
    return byte in b"\t\n\r" or 0x20 <= byte < 0x7F


def check_document(extension: str, sort: Sort, content: bytes) -> str:
    """The type that a document is to be served with. Raises `NotAccepted` for what only looks like one."""
    if extension in {"txt", "csv"}:
        return f"{sort.media_type}; charset={_charset(content)}"
    if extension == "pdf":
        if b"%%EOF" not in content[-2048:] or zipfile.is_zipfile(BytesIO(content)):
            raise NotAccepted(LYING)
    else:
        _check_archive(extension, sort, content)
    return sort.media_type


def _charset(content: bytes) -> str:
    """How a text is written. Refuses what is no text, and what a browser could take for a page."""
    for charset in ("utf-8-sig", "windows-1252"):
        try:
            text = content.decode(charset)
        except UnicodeDecodeError:
            continue
        if _MARKUP.match(text) or any(character < " " and character not in "\t\n\r\f" for character in text):
            break
        return "utf-8" if charset == "utf-8-sig" else charset
    raise NotAccepted(LYING)


# The one part that says what an archive of Microsoft's formats holds.
_MAIN_PART = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
_CONTENTS = "[Content_Types].xml"
_MANY_PARTS = 5_000
# An archive that grows beyond this when somebody opens it is a bomb and no document.
_LARGEST_INSIDE = 400 * 1024 * 1024
_LARGEST_READ = 1024 * 1024


def _check_archive(extension: str, sort: Sort, content: bytes) -> None:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            by_name = {part.filename: part for part in parts}
            sane = (
                0 < len(parts) <= _MANY_PARTS
                and len(by_name) == len(parts)
                and sum(part.file_size for part in parts) <= _LARGEST_INSIDE
                # Nothing stands before the archive, and nothing after it.
                and min(part.header_offset for part in parts) == 0
                and content[-22 - len(archive.comment) :].startswith(b"PK\x05\x06")
                and not any(part.flag_bits & 1 or _leads_out(part.filename) for part in parts)
            )
            if not sane or not _holds(extension, sort, archive, by_name):
                raise NotAccepted(LYING)
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, EOFError) as error:
        raise NotAccepted(BROKEN) from error


def _leads_out(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ".." in name.split("/")


def _holds(extension: str, sort: Sort, archive: zipfile.ZipFile, by_name: dict[str, zipfile.ZipInfo]) -> bool:
    if main := _MAIN_PART.get(extension):
        if main not in by_name or _CONTENTS not in by_name:
            return False
        said = _beginning(archive, _CONTENTS)
        # The same format with programs inside has other types, whatever its extension says.
        return sort.media_type.encode() in said and b"macroEnabled" not in said and b"vbaProject" not in said
    return (
        "content.xml" in by_name
        and "mimetype" in by_name
        and by_name["mimetype"].header_offset == 0
        and _beginning(archive, "mimetype").strip() == sort.media_type.encode()
    )


def _beginning(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(_LARGEST_READ)


_UNWANTED = re.compile(r'[<>:"/\\|?*%#]')


def clean_name(filename: str, extension: str) -> str:
    """A name for the download: the last part of what was sent, harmless anywhere, with this extension."""
    last = re.split(r"[/\\]", filename)[-1].rpartition(".")[0]
    stem = names.clean(_UNWANTED.sub(" ", last)).strip(". ")
    return f"{stem[: MAX_NAME - len(extension) - 1].rstrip('. ') or 'fichier'}.{extension}"

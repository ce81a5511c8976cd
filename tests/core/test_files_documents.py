"""A document is what its name says, or is refused."""

import asyncio
import zipfile

import pytest

from maillage.core.files import checks
from maillage.core.files.adding import Sent, checked
from maillage.core.files.checks import (
    BROKEN,
    DOCUMENT_TOO_HEAVY,
    EMPTY,
    IMAGE_TOO_HEAVY,
    LYING,
    MAX_DOCUMENT,
    MAX_IMAGE,
    SORTS,
    WRONG_KIND,
    NotAccepted,
    clean_name,
)
from maillage.core.languages import Text
from tests.core import made

DOCUMENTS = ["pdf", "odt", "ods", "odp", "docx", "xlsx", "pptx", "txt", "csv"]


def why(name: str, declared: str, content: bytes) -> Text | None:
    """Why it is refused; None when it comes in."""
    try:
        asyncio.run(checked(Sent(name, declared, content)))
    except NotAccepted as refusal:
        return refusal.why
    return None


@pytest.mark.parametrize("extension", DOCUMENTS)
def test_honest_documents_come_in(extension: str) -> None:
    for declared in (made.declared(extension), "application/octet-stream", ""):
        assert why(f"Plan.{extension}", declared, made.document(extension)) is None
    assert why(f"PLAN.{extension.upper()}", made.declared(extension), made.document(extension)) is None


def test_a_document_is_kept_as_it_came() -> None:
    kept = asyncio.run(checked(Sent("Plan.pdf", "application/pdf", made.PDF)))
    assert (kept.media_type, kept.objects) == ("application/pdf", {"document": made.PDF})


@pytest.mark.parametrize(
    "name", ["a.exe", "a.svg", "a.html", "a.xml", "a.js", "a.doc", "a.docm", "a.zip", "a", ".pdf.", "a.pdf ", "a.heic"]
)
def test_other_kinds_do_not(name: str) -> None:
    assert why(name, "application/octet-stream", made.PDF) == WRONG_KIND


@pytest.mark.parametrize("extension", sorted({*SORTS} - {"jpeg"}))
def test_a_name_that_lies_is_refused(extension: str) -> None:
    """Every kind under the name of every other, as the browser would declare it."""
    pictures = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF"}
    for other in {*SORTS} - {"jpeg", extension}:
        content = made.image(pictures[other]) if other in pictures else made.document(other)
        if not {extension, other} <= {"txt", "csv"}:
            assert why(f"a.{extension}", made.declared(extension), content) is not None, (extension, other)


@pytest.mark.parametrize("extension", ["pdf", "docx", "odt", "jpg", "png", "csv"])
def test_a_declared_type_that_lies_is_refused(extension: str) -> None:
    content = made.image("JPEG" if extension == "jpg" else "PNG") if extension in {"jpg", "png"} else None
    for declared in ("text/html", "image/svg+xml", "application/zip", "application/javascript"):
        assert why(f"a.{extension}", declared, content or made.document(extension)) == LYING


LIES = {
    "a page as text": ("a.txt", b"  <!DOCTYPE html><script>alert(1)</script>"),
    "a drawing as text": ("a.txt", b"<svg xmlns='x' onload='alert(1)'/>"),
    "bytes as text": ("a.txt", b"\x00\x01\x02"),
    "a steered terminal as text": ("a.csv", b"a;b\n\x1b[2J"),
    "a page before a pdf": ("a.pdf", b"<html>" + made.PDF),
    "a pdf with an archive behind": ("a.pdf", made.PDF + made.archive({"a.js": "alert(1)"})),
    "a pdf without an end": ("a.pdf", made.PDF[:30] + b" " * 5000),
    "any archive": ("a.docx", made.archive({"a.txt": "a"})),
    "a table as a letter": ("a.docx", made.document("xlsx")),
    "one format under the name of another": ("a.odt", made.document("ods")),
    "programs inside": ("a.docx", made.document("docx", **{"[Content_Types].xml": f"{made.TYPES['docx']} vbaProject"})),
    "something before the archive": ("a.docx", b"GIF89a" + made.document("docx")),
    "something after the archive": ("a.docx", made.document("docx") + b"<script>"),
    "a part that leads out": ("a.docx", made.document("docx", **{"../../etc/passwd": "x"})),
    "too many parts": ("a.odt", made.document("odt", **{f"p{number}": b"" for number in range(5_001)})),
    "an archive that lies about its kind": ("a.odt", made.archive({"content.xml": "", "mimetype": made.TYPES["odt"]})),
}


@pytest.mark.parametrize("lie", LIES)
def test_two_faced_documents_are_refused(lie: str) -> None:
    name, content = LIES[lie]
    assert why(name, "", content) in {LYING, BROKEN}


def test_a_bomb_is_refused_unopened(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = made.document("docx", **{"word/media/zeros": bytes(3_000_000)})
    assert why("a.docx", made.declared("docx"), bomb) is None
    monkeypatch.setattr(checks, "_LARGEST_INSIDE", 2_000_000)
    assert why("a.docx", made.declared("docx"), bomb) == LYING


def test_half_an_archive_is_refused() -> None:
    content = made.document("docx")
    assert why("a.docx", made.declared("docx"), content[: len(content) * 9 // 10]) == BROKEN


def test_a_locked_archive_is_refused() -> None:
    content = bytearray(made.archive({"mimetype": made.TYPES["odt"], "content.xml": "x"}, zipfile.ZIP_STORED))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert why("a.odt", made.declared("odt"), bytes(content)) in {LYING, BROKEN}


def test_weight_has_a_limit() -> None:
    assert why("a.txt", "text/plain", b"a" * MAX_DOCUMENT) is None
    assert why("a.txt", "text/plain", b"a" * (MAX_DOCUMENT + 1)) == DOCUMENT_TOO_HEAVY
    assert why("a.png", "image/png", made.image("PNG") + b"a" * MAX_IMAGE) == IMAGE_TOO_HEAVY
    assert why("a.txt", "text/plain", b"") == EMPTY


def test_old_texts_are_read() -> None:
    kept = asyncio.run(checked(Sent("a.txt", "text/plain", "Été à Trois-Rivières".encode("windows-1252"))))
    assert kept.media_type == "text/plain; charset=windows-1252"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Plan d’action 2026.pdf", "Plan d’action 2026.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\Maryse\\plan.pdf", "plan.pdf"),
        ("..%2f..%2fplan.pdf", "2f.. 2fplan.pdf"),
        (".pdf", "fichier.pdf"),
        ("  ...  .pdf", "fichier.pdf"),
        ("a\u202efdp.exe.pdf", "afdp.exe.pdf"),
        ('"><script>.pdf', "script.pdf"),
        ("é" * 300 + ".pdf", "é" * 116 + ".pdf"),
    ],
)
def test_names_are_cleaned(sent: str, kept: str) -> None:
    assert clean_name(sent, "pdf") == kept

"""The browser's words, read within limits and made into values; nonsense is `BadRequest`, never a fault."""

import re
import unicodedata
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast
from urllib.parse import parse_qsl

from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from wtforms import Form as WTForm
from wtforms import IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from maillage.core.errors import BadRequest
from maillage.core.languages import ENGLISH, Text, _, counted, translations

MAX_FIELDS = 100
MAX_FIELD_BYTES = 512 * 1024
# PostgreSQL's widest number, so that nothing larger ever reaches it.
MAX_NUMBER = 2**63 - 1

_BOUNDARY = re.compile(r"[\w'()+,./:=? -]{1,70}", re.ASCII)
_NO_SENSE = _("The form that reached us could not be read.")
# What the validators below say, listed so that the catalogue has it.
WTFORMS_SAYS = (
    _("This field is required."),
    _("Not a valid choice."),
    _("Not a valid integer value."),
    _("Number must be between %(min)s and %(max)s."),
    counted("Field cannot be longer than %(max)d character.", "Field cannot be longer than %(max)d characters.", 2),
)
# Steering characters, NUL and its kind, but not the tab and the line breaks; and halves of characters.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# Characters that turn the reading direction around: in one line of text they only serve to deceive.
_BIDI = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


async def form_data(request: Request, *, most: int = MAX_FIELDS) -> FormData:
    """The fields of a POST, read once per request. No files, at most so many fields, text that decodes.

    What was read stays at `request.state.form`, so that a page about a problem can give people's words back.
    """
    kept: FormData | None = getattr(request.state, "form", None)
    if kept is None:
        kept = FormData(await _fields(request, most=most))
        request.state.form = kept
    return kept


@asynccontextmanager
async def form_with_file(request: Request) -> AsyncIterator[tuple[FormData, UploadFile | None]]:
    """The fields of a POST, and the one file that it may bring as `file`, for as long as the block lasts.

    A file is written to disk as it comes; how long it may be, the frame says. One that is cut off on its way
    raises, and leaves nothing.
    """
    fields = await _fields(request, max_files=1)
    name, file = next(((name, value) for name, value in fields if isinstance(value, UploadFile)), ("", None))
    try:
        if file is not None and name != "file":
            raise BadRequest(_NO_SENSE)
        request.state.form = FormData([(name, value) for name, value in fields if isinstance(value, str)])
        # A form sends a nameless nothing where no file was chosen.
        yield request.state.form, file if file is not None and file.filename else None
    finally:
        if file is not None:
            await file.close()


async def _fields(
    request: Request, *, max_files: int = 0, most: int = MAX_FIELDS
) -> list[tuple[str, str | UploadFile]]:
    fields: list[tuple[str, str | UploadFile]]
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        fields = await _multipart(request, max_files, most)
    elif kind in {"application/x-www-form-urlencoded", ""}:
        fields = [*_urlencoded(await request.body(), kind, most)]
    else:
        raise BadRequest(_NO_SENSE)
    if not all(_sensible(name) and len(name) <= 200 and _sensible(_words_of(value)) for name, value in fields):
        await _close(fields)
        raise BadRequest(_NO_SENSE)
    return fields


def _words_of(value: str | UploadFile) -> str:
    return value if isinstance(value, str) else value.filename or ""


def _sensible(text: str) -> bool:
    return "\0" not in text and _whole(text)


async def _close(fields: list[tuple[str, str | UploadFile]]) -> None:
    for _name, value in fields:
        if isinstance(value, UploadFile):
            await value.close()


def _urlencoded(body: bytes, kind: str, most: int) -> list[tuple[str, str]]:
    if not body:
        return []
    if not kind or body.count(b"&") >= most or max(map(len, body.split(b"&"))) > MAX_FIELD_BYTES:
        raise BadRequest(_NO_SENSE)
    try:
        # `parse_qsl` would turn what does not decode into replacement marks; strict, it refuses.
        return parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=most)
    except ValueError:
        raise BadRequest(_NO_SENSE) from None


async def _multipart(request: Request, max_files: int, most: int) -> list[tuple[str, str | UploadFile]]:
    _kind, options = parse_options_header(request.headers["content-type"])
    boundary = options.get(b"boundary", b"").decode("latin-1")
    if not _BOUNDARY.fullmatch(boundary):
        raise BadRequest(_NO_SENSE)
    # Latin-1 keeps every byte as it came, so that what is no text is ours to refuse, not the parser's to guess at.
    as_bytes = Headers({"content-type": f'multipart/form-data; boundary="{boundary}"; charset=latin-1'})
    parser = _Parts(as_bytes, request.stream(), max_files=max_files, max_fields=most, max_part_size=MAX_FIELD_BYTES)
    try:
        fields = (await parser.parse()).multi_items()
    except MultiPartException:
        raise BadRequest(_NO_SENSE) from None
    if not parser.whole:
        parser.close_files()
        raise BadRequest(_NO_SENSE)
    try:
        return [(_decoded(name), _decoded_value(value)) for name, value in fields]
    except UnicodeError:
        await _close(fields)
        raise BadRequest(_NO_SENSE) from None


class _Parts(MultiPartParser):
    """Knows whether it has come to the end: a form that breaks off before is none."""

    whole = False

    def on_end(self) -> None:
        self.whole = True

    def close_files(self) -> None:
        for file in self._files_to_close_on_error:
            file.close()


def _decoded(as_it_came: str) -> str:
    return as_it_came.encode("latin-1").decode()


def _decoded_value(value: str | UploadFile) -> str | UploadFile:
    if isinstance(value, str):
        return _decoded(value)
    value.filename = _decoded(value.filename or "")
    return value


def _whole(text: str) -> bool:
    """Whether every character is one: half a surrogate pair is not."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


class Form(WTForm):
    """A form in the reader's language. Fields it does not declare are ignored.

    Fill it from what the browser sent, ask `validate()`, hand it back to the template when that is false.
    Labels are `Text`s: templates print them with the filter `said`.
    """

    class Meta:
        locale = ENGLISH

        def get_translations(self, form: WTForm) -> Any:
            return translations(form.meta.locale)

    def __init__(self, locale: str, data: FormData | None = None, **given: Any) -> None:
        """`given` is what stands in the fields before anybody typed."""
        super().__init__(data, data=given, meta={"locale": locale})
        for field in self:
            if isinstance(field, Choice | Several):
                field.choices = [(value, said(label, locale)) for value, label in field.offered]


def clean_line(text: str | None) -> str:
    """One line of text: no control or direction-turning characters, no space at the ends, one at a time inside."""
    return re.sub(r"[ \t\n\u2028\u2029]+", " ", _BIDI.sub("", _clean(text))).strip()


def clean_prose(text: str | None) -> str:
    """Lines of text: one kind of line break, no control characters, no empty lines at the ends."""
    return _clean(text).strip("\n").rstrip()


def _clean(text: str | None) -> str:
    lines = (text or "").replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _CONTROLS.sub("", lines))


def said(label: str | Text, locale: str) -> str:
    return label.in_(locale) if isinstance(label, Text) else label


def carried(sentence: Text) -> str:
    """For WTForms, which only carries labels and errors to the template, where they are said to the reader."""
    return cast(str, sentence)


class Line(StringField):
    """One line of at most `limit` characters."""

    def __init__(self, label: Text, *, limit: int, required: bool = False, **more: Any) -> None:
        checks = [DataRequired() if required else Optional(), Length(max=limit)]
        super().__init__(carried(label), checks, filters=[clean_line], **more)

    @property
    def words(self) -> str:
        return self.data or ""


class Prose(TextAreaField):
    """Lines of text, at most `limit` characters in all."""

    def __init__(self, label: Text, *, limit: int, required: bool = False, **more: Any) -> None:
        checks = [DataRequired() if required else Optional(), Length(max=limit)]
        super().__init__(carried(label), checks, filters=[clean_prose], **more)

    @property
    def words(self) -> str:
        return self.data or ""


class WholeNumber(IntegerField):
    """A whole number that the database can hold, or None when nothing was given."""

    def __init__(self, label: Text, *, least: int = 1, most: int = MAX_NUMBER, **more: Any) -> None:
        super().__init__(carried(label), [Optional(), NumberRange(min=least, max=most)], **more)


class Choice(SelectField):
    """One of `choices`: pairs of a value and what the reader sees. A route may set others, said in her language."""

    def __init__(self, label: Text, *, choices: Sequence[tuple[str, Any]] = (), **more: Any) -> None:
        super().__init__(carried(label), **more)
        self.offered = list(choices)
        self.choices = []

    def pre_validate(self, form: Any) -> None:
        # None of several buttons was pressed: that is no wrong choice.
        if self.validate_choice and not self.data and all(value for value, *_rest in self.iter_choices()):
            raise ValidationError(carried(_("Make a choice.")))
        super().pre_validate(form)


class Several(SelectMultipleField):
    """Any number of `choices`, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: Text, *, choices: Sequence[tuple[str, Any]] = (), **more: Any) -> None:
        super().__init__(carried(label), **more)
        self.offered = list(choices)
        self.choices = []

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 — WTForms gives it
        if not set(self.data or ()) <= {value for value, *_rest in self.iter_choices()}:
            raise ValidationError(carried(_("Not a valid choice.")))

    @property
    def chosen(self) -> list[str]:
        return self.data or []

"""What browsers and others send becomes values, or a sentence; never a fault."""

import asyncio
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from maillage.core.errors import BadRequest
from maillage.core.filters import for_locale
from maillage.core.forms import (
    MAX_FIELD_BYTES,
    MAX_FIELDS,
    MAX_NUMBER,
    Choice,
    Form,
    Line,
    Prose,
    WholeNumber,
    clean_line,
    clean_prose,
    form_data,
)
from maillage.core.languages import _

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"


def sent(body: bytes, kind: str = FORM) -> list[tuple[str, object]]:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", kind.encode())] if kind else []
    request = Request({"type": "http", "method": "POST", "headers": headers, "state": {}}, receive)
    return list(asyncio.run(form_data(request)).multi_items())


def part(name: bytes, value: bytes, more: bytes = b"") -> bytes:
    return b'--b\r\nContent-Disposition: form-data; name="' + name + b'"' + more + b"\r\n\r\n" + value + b"\r\n"


def test_fields_are_read_in_their_order() -> None:
    assert sent(b"a=1&b=%C3%A9t%C3%A9+ici&a=2&c=") == [("a", "1"), ("b", "été ici"), ("a", "2"), ("c", "")]


def test_fields_of_scripts_are_read_too() -> None:
    body = part(b"titre", "été".encode()) + part(b"body", b"a\r\nb") + b"--b--\r\n"
    assert sent(body, MULTIPART) == [("titre", "été"), ("body", "a\r\nb")]


def test_nothing_sent_is_an_empty_form() -> None:
    assert sent(b"", "") == sent(b"") == []


NONSENSE = {
    "NUL": (b"a=%00", FORM),
    "a raw NUL": (b"a=\0", FORM),
    "NUL in a name": (b"%00=a", FORM),
    "bytes that are no text": (b"a=%ff%fe", FORM),
    "raw bytes that are no text": (b"a=\xff", FORM),
    "half a character": (b"a=%ed%a0%80", FORM),
    "too many fields": (b"&".join(b"a=1" for _ in range(MAX_FIELDS + 1)), FORM),
    "a field that is too long": (b"a=" + b"x" * (MAX_FIELD_BYTES + 1), FORM),
    "a name that is too long": (b"a" * 201 + b"=1", FORM),
    "another kind of body": (b'{"a": 1}', "application/json"),
    "text": (b"a=1", "text/plain"),
    "a body of no kind": (b"a=1", ""),
    "a file": (part(b"a", b"x", b'; filename="x.svg"') + b"--b--\r\n", MULTIPART),
    "a part that is no text": (part(b"a", b"\xff") + b"--b--\r\n", MULTIPART),
    "half a character in a part": (part(b"a", b"\xed\xa0\x80") + b"--b--\r\n", MULTIPART),
    "NUL in a part": (part(b"a", b"\0") + b"--b--\r\n", MULTIPART),
    "a part without a name": (b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n", MULTIPART),
    "no boundary": (b"x", "multipart/form-data"),
    "too many parts": (b"".join(part(b"a", b"1") for _ in range(MAX_FIELDS + 1)) + b"--b--\r\n", MULTIPART),
    "a part that is too long": (part(b"a", b"x" * (MAX_FIELD_BYTES + 1)) + b"--b--\r\n", MULTIPART),
    "an unknown character set": (part(b"a", b"\xff") + b"--b--\r\n", MULTIPART + "; charset=nonsense"),
}


@pytest.mark.parametrize("case", NONSENSE)
def test_nonsense_is_refused(case: str) -> None:
    with pytest.raises(BadRequest):
        sent(*NONSENSE[case])


@settings(deadline=None)
@given(body=st.binary(max_size=200), kind=st.sampled_from([FORM, MULTIPART, "", "a/b", MULTIPART + "; charset=utf-16"]))
def test_whatever_is_sent_is_read_or_refused(body: bytes, kind: str) -> None:
    try:
        fields = sent(body, kind)
    except BadRequest:
        return
    for name, value in fields:
        assert isinstance(value, str)
        (name + value).encode()


@settings(deadline=None)
@given(value=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=80))
def test_text_arrives_as_it_was_written(value: str) -> None:
    assert sent(b"a=" + quote(value).encode()) == [("a", value)]
    if "\r" not in value and "\n" not in value:
        assert sent(part(b"a", value.encode()) + b"--b--\r\n", MULTIPART) == [("a", value)]


def test_a_form_is_read_once_for_whoever_asks() -> None:
    async def twice() -> bool:
        calls = iter([{"type": "http.request", "body": b"a=1", "more_body": False}])

        async def receive() -> Message:
            return next(calls)

        scope = {"type": "http", "method": "POST", "headers": [(b"content-type", FORM.encode())], "state": {}}
        return await form_data(Request(scope, receive)) is await form_data(Request(scope, receive))

    assert asyncio.run(twice())


# --- Into values


class Trial(Form):
    title = Line(_("Title"), limit=10, required=True)
    body = Prose(_("Your text"), limit=20)
    parent = WholeNumber(_("Reply to"))
    kind = Choice(_("Kind"), choices=[("question", "Question"), ("recit", "Récit")], default="question")


def filled(locale: str = "fr-CA", **given: str) -> Trial:
    return Trial(locale, FormData(list(given.items())))


def test_values_are_what_was_meant() -> None:
    form = filled(title="  Un\t été ", body="\r\na\r\nb  \r\n\r\n", parent="12", kind="recit")
    assert form.validate(), form.errors
    assert form.data == {"title": "Un été", "body": "a\nb", "parent": 12, "kind": "recit"}


def test_fields_that_a_form_does_not_have_are_ignored() -> None:
    form = filled(title="x", author_id="1", pinned="on", role="admin", validate="1", data="1", meta="1")
    assert form.validate(), form.errors
    assert set(form.data) == {"title", "body", "parent", "kind"}


def test_what_stood_there_before_stays_until_something_is_sent() -> None:
    assert Trial("fr-CA", title="Avant").title.data == "Avant"
    assert Trial("fr-CA", FormData([("title", "Après")]), title="Avant").title.data == "Après"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", " \n\t "),
        ("title", "x" * 11),
        ("body", "x" * 21),
        ("parent", "x"),
        ("parent", "-1"),
        ("parent", "0"),
        ("parent", str(MAX_NUMBER + 1)),
        ("parent", "9" * 5000),
        ("parent", "1.5"),
        ("kind", "annonce"),
        ("kind", ""),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_in_both_languages(field: str, value: str) -> None:
    errors = []
    for locale in ("fr-CA", "en"):
        form = filled(locale, **{"title": "x", field: value})
        assert not form.validate()
        assert set(form.errors) == {field}
        said = for_locale(locale, ZoneInfo("America/Toronto"))["said"]
        errors.append([said(error) for error in form.errors[field]])
    assert errors[0] != errors[1]


def test_the_largest_number_that_the_database_holds_passes() -> None:
    assert filled(title="x", parent=str(MAX_NUMBER)).validate()


def test_several_values_for_one_field_are_its_first() -> None:
    form = Trial("fr-CA", FormData([("title", "un"), ("title", "deux")]))
    assert form.validate()
    assert form.title.data == "un"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a\u202eb\u2066c", "abc"),
        ("a\x07\x1b\x7f\x85b", "ab"),
        ("a\n\n b", "a b"),
        ("a\u2028b", "a b"),
        ("« été\u00a0»", "« été\u00a0»"),
        ("e\u0301te\u0301", "été"),
        ("\ud800a", "a"),
        (None, ""),
    ],
)
def test_lines_are_one_line_that_reads_one_way(given: str | None, kept: str) -> None:
    assert clean_line(given) == kept


def test_prose_keeps_its_shape() -> None:
    assert clean_prose("\n\n    code\n\ttab\r\nfin  \n\n") == "    code\n\ttab\nfin"


@settings(deadline=None)
@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean_line(clean_line(text)) == clean_line(text)
    assert clean_prose(clean_prose(text)) == clean_prose(text)


def test_too_much_is_said_before_it_is_parsed() -> None:
    """A body that the limit cuts off is 413, not a form that makes no sense."""

    async def receive() -> Message:
        raise HTTPException(413)

    async def run() -> None:
        scope = {"type": "http", "method": "POST", "headers": [(b"content-type", FORM.encode())], "state": {}}
        await form_data(Request(scope, receive))

    with pytest.raises(HTTPException):
        asyncio.run(run())

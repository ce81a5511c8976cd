"""Lists, huge numbers, halves of characters, files: what is sent in place of a text is refused, never a fault."""

from urllib.parse import urlencode

import pytest

from tests.abuse.acts.all import act_of, posting_routes
from tests.abuse.conftest import browser, patient
from tests.conftest import Site

FORM = "application/x-www-form-urlencoded"
_BOUNDARY = "multipart/form-data; boundary=xx"


def part(disposition: str, content: bytes, kind: str = "") -> bytes:
    headers = f"Content-Disposition: form-data; {disposition}\r\n" + (f"Content-Type: {kind}\r\n" if kind else "")
    return b"--xx\r\n" + headers.encode() + b"\r\n" + content + b"\r\n--xx--\r\n"


# What no form of ours can be: refused whatever else it holds.
UNREADABLE = {
    "json": ("application/json", b'{"body": ["x"]}'),
    "xml": ("application/xml", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><body>&e;</body>'),
    "text": ("text/plain", b"body=x"),
    "no kind": ("", b"body=x"),
    "a kind of nonsense": ("\x01;;", b"body=x"),
    "a file": (_BOUNDARY, part('name="body"; filename="x.html"', b"<script>", "text/html")),
    "no boundary": ("multipart/form-data", part('name="body"', b"x")),
    "another boundary": ("multipart/form-data; boundary=yy", part('name="body"', b"x")),
    "a part without a name": (_BOUNDARY, part("x=y", b"x")),
    "a part that is no text": (_BOUNDARY, part('name="body"', b"\xff\xfe\xed\xa0\x80")),
    "a part with NUL": (_BOUNDARY, part('name="body"', b"x\x00y")),
    "NUL": (FORM, b"body=x%00y"),
    "NUL in a name": (FORM, b"bo%00dy=x"),
    "half a character": (FORM, b"body=%ED%A0%80"),
    "no UTF-8": (FORM, b"body=%FF%FE"),
    "no ASCII": (FORM, "body=é".encode()),
    "too many fields": (FORM, b"&".join(b"f%d=x" % n for n in range(1001))),
    "too many of one": (FORM, b"&".join([b"body=x"] * 5000)),
    "a name without end": (FORM, b"x" * 300 + b"=1"),
    "too long": (FORM, b"body=" + b"x" * 600_000),
}
# What may stand in a field that is a text, or a number, or one of a few.
VALUES = [
    "9" * 5000,
    str(2**63),
    str(2**31),
    "-1",
    "0",
    "1e9",
    "٣",
    "½",
    "1_000",
    "",
    "\u200b",
    "\u202e\u2066",
    "\r\n\r\n",
    "\x1b[2J\x07",
    "\U0010ffff\ufffe",
    "%s %(name)s %n",
    "{{ 7*7 }}{% raw %}",
    "' OR 1=1; --",
    "x" * 200_000,
    "thread:1:" + "9" * 100,
    "1-2-3,,4",
    "1-" + "9" * 15,
    ",".join(["1-2"] * 501),
]


# A provider that answers nobody, as in these tests, is said to be away.
_AWAY = {"depart": {503}, "add_way_in": {503}}


@pytest.mark.parametrize("name", posting_routes())
def test_nonsense_is_refused_and_no_fault(site: Site, name: str) -> None:
    act, away = act_of(site, name), _AWAY.get(name, set())
    who, form = browser(site, act.who), act.form or {"body": ""}

    def send(label: object, content: bytes | str, kind: str = FORM) -> int:
        status: int = who.post(act.path, content=content, headers={"Content-Type": kind}).status_code
        if status == 429:
            patient(site)
            status = who.post(act.path, content=content, headers={"Content-Type": kind}).status_code
        assert status < 500 or status in away, label
        return status

    for label, (kind, body) in UNREADABLE.items():
        status = send(label, body, kind)
        if act.form is not None:
            assert status in {400, 413}, label
    # A browser that went away in the middle.
    send("never ends", part('name="body"', b"x")[:-8], _BOUNDARY)
    for field in form:
        rest = [(other, value) for other, value in form.items() if other != field]
        for names in ((field, field), (f"{field}[]",), (f"{field}[0]", f"{field}[a][b]"), (f"{field}.x", "__proto__")):
            send((field, names), urlencode([*rest, *((twice, value) for twice in names for value in ("1", "9"))]))
        # All of them would take minutes: every other one, not the same for two fields that follow each other.
        for value in VALUES[:3] + VALUES[3 + list(form).index(field) % 2 :: 2] if len(form) > 2 else VALUES:
            send((field, value[:40]), urlencode([*rest, (field, value)]))


@pytest.mark.parametrize("length", ["", "abc", "-1", "1e3", "9" * 30, " 7", "+7"])
def test_a_length_that_is_no_number_is_no_fault(site: Site, length: str) -> None:
    headers = {"Content-Type": FORM, "Content-Length": length}
    response = site.as_("maryse").post("/discussions/apercu", content=b"body=xy", headers=headers)
    assert response.status_code < 500


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Referer", "http://["),
        ("Referer", "\xff"),
        ("Host", "["),
        ("Host", "a?b#c"),
        ("Host", ""),
        ("Origin", "null"),
        ("Cookie", "session=\xff; langue=[; =;;; connexion"),
        ("Accept-Encoding", "gzip;q=x,,,"),
        ("If-None-Match", '"' * 5000),
        ("X-Forwarded-For", "::1, not an address,"),
        ("Accept-Language", "*" * 4000),
        ("User-Agent", "\x7f" * 2000),
        ("Range", "bytes=0-,9-1"),
    ],
)
@pytest.mark.parametrize("path", ["/", "/rien", "/moi", "/discussions/1", "/static/css/base.css"])
def test_no_header_is_a_fault(shared: Site, header: str, value: str, path: str) -> None:
    response = shared.stranger.get(path, headers={header.encode(): value.encode("latin-1")})
    assert response.status_code < 500
    assert "content-security-policy" in response.headers

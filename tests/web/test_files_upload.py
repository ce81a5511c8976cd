"""Adding a file: what is said of it, what is refused, and that nothing written is lost."""

import json
from html import unescape

import pytest
from starlette.types import Message, Scope

from maillage.auth.viewer import session_cookie
from maillage.core.files import images
from maillage.web.middleware import MAX_UPLOAD
from tests.conftest import Site
from tests.core import made
from tests.uploads import ALT, key_of, size_of, stored_keys, upload

COUNT = "SELECT count(*) FROM stored_file"


def row(site: Site) -> dict[str, object]:
    """The one file there is."""
    return dict(json.loads(site.ask("SELECT to_jsonb(f)::text FROM stored_file AS f")))


def test_a_picture_is_added_and_its_line_is_given(site: Site) -> None:
    page = site.as_("maryse").get(upload(site.as_("maryse"), fields={"credit": "Photo : Ana"}).headers["location"])
    kept = row(site)
    assert page.status_code == 200
    assert f'value="![{ALT}](fichier:{kept["key"]})"' in page.text
    assert (kept["kind"], kept["name"], kept["alt"], kept["credit"]) == (
        "image",
        "Fete-au-parc.webp",
        ALT,
        "Photo : Ana",
    )
    assert (kept["width"], kept["height"], kept["sizes"]) == (1200, 800, [480, 960, 1200])
    assert kept["subject_kind"] is None
    shown = site.as_("maryse").get(f"/fichiers/{kept['key']}/{kept['name']}")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
    assert size_of(shown.content) == (1200, 800)
    assert (b"EXIF" in shown.content, b"Maryse" in shown.content) == (False, False)


def test_a_document_is_added_and_its_line_is_given(site: Site) -> None:
    page = site.as_("maryse").get(
        upload(site.as_("maryse"), "Plan [2026].pdf", made.PDF, fields={"alt": ""}).headers["location"]
    )
    kept = row(site)
    assert f'value="[Plan (2026).pdf](fichier:{kept["key"]})"' in page.text
    assert (kept["kind"], kept["alt"], kept["bytes"]) == ("document", "", len(made.PDF))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"alt": ""}, "Dites en mots"),
        ({"alt": "  \u200b "}, "Dites en mots"),
        ({"right_of_use": ""}, "Dites de quel droit"),
        ({"right_of_use": "stolen"}, "Ce choix n’existe pas"),
        ({"right_of_use": "permission"}, "Nommez la personne"),
        ({"right_of_use": "free-licence", "credit": " "}, "Nommez la personne"),
        ({"alt": "a" * 501}, "500"),
    ],
)
def test_what_is_missing_is_said_beside_its_field(site: Site, fields: dict[str, str], sentence: str) -> None:
    answer = upload(site.as_("maryse"), fields=fields)
    assert answer.status_code == 422
    assert site.ask(COUNT) == 0
    assert stored_keys(site) == set()
    assert "error-summary" in answer.text
    assert sentence in unescape(answer.text)


def test_nothing_written_is_lost_when_the_file_is_refused(site: Site) -> None:
    answer = upload(site.as_("maryse"), "a.svg", b"<svg/>", "image/svg+xml", fields={"credit": "Ana & Cie"})
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.text
    assert f'value="{ALT}"' in answer.text
    assert 'value="Ana &amp; Cie"' in answer.text
    assert "checked" in answer.text


def test_a_form_without_a_file_says_so(site: Site) -> None:
    for answer in (
        site.as_("maryse").post("/fichiers/nouveau", data={"alt": ALT, "right_of_use": "mine"}),
        site.as_("maryse").post("/fichiers/nouveau", data={"alt": ALT}, files={"file": ("", b"", "")}),
    ):
        assert answer.status_code == 422
        assert 'id="file-error"' in answer.text


def test_only_one_file_comes_at_a_time(site: Site) -> None:
    files = [("file", ("a.pdf", made.PDF, "application/pdf")), ("file", ("b.pdf", made.PDF, "application/pdf"))]
    assert site.as_("maryse").post("/fichiers/nouveau", files=files).status_code == 400
    other = site.as_("maryse").post("/fichiers/nouveau", files={"photo": ("a.pdf", made.PDF, "application/pdf")})
    assert other.status_code == 400
    assert site.ask(COUNT) == 0


def test_other_forms_still_take_no_file(site: Site) -> None:
    files = {"file": ("a.pdf", made.PDF, "application/pdf")}
    assert site.as_("maryse").post("/discussions/nouvelle", data={"body": "x"}, files=files).status_code == 400


def test_what_is_too_long_is_refused_unread(site: Site) -> None:
    answer = upload(site.as_("maryse"), "a.txt", b"a" * (MAX_UPLOAD + 1))
    assert answer.status_code == 413
    assert site.ask(COUNT) == 0


def test_a_stranger_is_asked_to_sign_in_and_gets_her_words_back(site: Site) -> None:
    answer = upload(site.stranger, fields={"alt": "Une phrase que personne ne perd"})
    assert answer.status_code == 403
    assert "Une phrase que personne ne perd" in answer.text
    assert site.ask(COUNT) == 0
    assert stored_keys(site) == set()


def test_a_bomb_is_a_sentence(site: Site) -> None:
    answer = upload(site.as_("maryse"), "a.png", made.hollow_png(30_000, 30_000))
    assert answer.status_code == 422
    assert images.TOO_LARGE.in_("fr-CA") in answer.text


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("ends", ["disconnect", "silence"])
def test_an_upload_that_is_cut_leaves_nothing(site: Site, kept: float, ends: str) -> None:
    """The connection breaks, or the body simply ends: neither a row nor bytes remain."""
    picture = made.image("PNG", (900, 700))
    head = '--xx\r\nContent-Disposition: form-data; name="alt"\r\n\r\nUn parc\r\n'
    head += '--xx\r\nContent-Disposition: form-data; name="right_of_use"\r\n\r\nmine\r\n'
    head += '--xx\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
    whole = head.encode() + picture + b"\r\n--xx--\r\n"
    part = whole[: int(len(whole) * kept)] if kept < 0.99 else whole[:-6]
    token = site.open_session("maryse")
    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/fichiers/nouveau",
        "raw_path": b"/fichiers/nouveau",
        "query_string": b"",
        "headers": [
            (b"content-type", b"multipart/form-data; boundary=xx"),
            (b"content-length", str(len(whole)).encode()),
            (b"cookie", f"{session_cookie(site.settings)}={token}".encode()),
        ],
        "client": ("127.0.0.1", 1),
    }
    messages: list[Message] = [{"type": "http.request", "body": part, "more_body": ends == "disconnect"}]
    messages += [{"type": "http.disconnect"}] * 5
    answers: list[Message] = []

    async def act() -> None:
        async def receive() -> Message:
            return messages.pop(0)

        async def send(message: Message) -> None:
            answers.append(message)

        await site.app(scope, receive, send)

    assert site.stranger.portal is not None
    site.stranger.portal.call(act)
    assert [message["status"] for message in answers if "status" in message] in ([], [422], [400])
    assert site.ask(COUNT) == 0
    assert stored_keys(site) == set()


def test_too_many_in_a_row_have_to_wait(site: Site) -> None:
    statuses = [upload(site.as_("maryse"), "a.txt", b"a", fields={"alt": ""}).status_code for _ in range(31)]
    assert statuses == [303] * 30 + [429]


def test_extra_fields_change_nothing(site: Site) -> None:
    key = key_of(
        upload(
            site.as_("maryse"),
            fields={
                "key": "0" * 32,
                "subject_kind": "post",
                "subject_id": "1",
                "uploaded_by_id": "1",
                "guest_key": "x",
                "removed_at": "2026-01-01",
            },
        )
    )
    kept = row(site)
    assert (kept["key"], kept["subject_id"], kept["guest_key"]) == (key, None, None)
    assert kept["uploaded_by_id"] == site.ask("SELECT id FROM person WHERE handle = 'maryse'")

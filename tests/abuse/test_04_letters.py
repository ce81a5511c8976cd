"""What people write does not act in a letter either; and no letter goes to somebody who may not read there any more."""

import json
import re
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from maillage.core import jobs
from tests.abuse.acts.asking import FACILITATOR, INSIDER, MODERATOR
from tests.abuse.conftest import circle_of, patient
from tests.conftest import Site

HOSTILE = [
    "https://evil.example/zibeline",
    "Zibeline\r\nBcc: victime@example.org",
    "Zibeline <victime@example.org>, autre@example.org",
    "Zibeline\u202eelpmaxe.live\u2066",
    "<script>alert(1)</script>",
    "%(title)s %(name)s %s {{ 7+7 }} {% raw %}",
    "=?utf-8?q?Bcc=3A_x=40example=2Eorg?=",
    "=?utf-8?q?zibeline=0D=0ABcc=3A_x=40example=2Eorg=0D=0A=0D=0APayez?= a",
    "=\u202e?utf-8?q?zibeline=0D=0ABcc=3A_x=40example=2Eorg?=",
    "==?utf-8?b?eA0KQmNjOiB4QGV4YW1wbGUub3Jn?=",
    "\x00\x1b[2Jzibeline",
    "www.evil.example zibeline" * 20,
]


def letters(site: Site) -> list[EmailMessage]:
    """Do what waits to be done, as the worker would, and open the letters."""
    taken = "DELETE FROM pgqueuer RETURNING entrypoint, convert_from(payload, 'UTF8') AS said"
    waiting = site.write(lambda db: db.connection.fetch(taken))
    assert site.stranger.portal is not None
    tools = jobs.Tools(site.app.state.database, site.settings)
    for job in waiting:
        site.stranger.portal.call(jobs.REGISTRY[job["entrypoint"]].work, tools, json.loads(job["said"]))
    folder = site.settings.data_dir / "letters"
    found = sorted(folder.glob("*.eml")) if folder.exists() else []
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in found]


def removed(site: Site, who: str, thread: int, seq: int, reason: str) -> None:
    patient(site)
    response = site.as_(who).post(f"/discussions/{thread}/m/{seq}/retirer", data={"reason": reason})
    assert response.status_code == 303


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_names_and_reasons_add_nothing_to_a_letter(site: Site, words: str) -> None:
    name = words.replace("\x00", "")[:120]
    site.write(lambda db: db.connection.execute("UPDATE person SET name = $1 WHERE handle = 'karine'", name))
    title = " ".join(name.split())
    # Her own words, given back to her, are as she wrote them.
    form = {"space": "pratiques", "title": title, "body": re.sub("[\x00\x1b\u202e\u2066]", "", words)}
    thread = int(site.as_("karine").post("/discussions/nouvelle", data=form).headers["location"].rpartition("/")[2])
    removed(site, MODERATOR, thread, 1, words.replace("\x00", "")[:400])
    (letter,) = letters(site)
    address = site.ask("SELECT email FROM person WHERE handle = 'karine'")
    assert [to.addr_spec for to in letter["To"].addresses] == [address]
    assert set(letter.keys()) == {
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "Content-Language",
        "MIME-Version",
        "Content-Type",
    }
    # What stands beside an address must not look like another, nor lead anywhere.
    shown = letter["To"].addresses[0].display_name
    assert not re.search(r"://|@|\w\.\w\w|[\x00-\x1f\u202a-\u202e\u2066-\u2069]", shown)
    assert b"\nBcc" not in bytes(letter).partition(b"\n\n")[0]
    for header in letter.values():
        assert not re.search(r"[\r\n\u202a-\u202e\u2066-\u2069]", str(header))
    html = letter.get_body(("html",))
    assert html is not None
    assert "<script" not in html.get_content()
    assert not re.search(r'(?:href|src)="(?!http://testserver)', html.get_content())
    text = letter.get_body(("plain",))
    assert text is not None
    if "{{" in words:
        assert "%(title)s %(name)s %s {{ 7+7 }} {% raw %}" in text.get_content().replace("\u00a0", " ")
    assert not re.search(r"[\x00\x1b\u202a-\u202e\u2066-\u2069]", text.get_content() + html.get_content())


def test_a_letter_goes_to_those_who_may_still_read(site: Site) -> None:
    circle = circle_of(site)
    mine = site.as_(INSIDER).post(f"/discussions/{circle.thread}/repondre", data={"body": "Entre nous."})
    removed(site, FACILITATOR, circle.thread, int(mine.headers["location"].rpartition("/")[2]), "Trop.")
    assert len(letters(site)) == 1


@pytest.mark.parametrize(
    "meanwhile",
    [
        "DELETE FROM space_member WHERE person_id = (SELECT id FROM person WHERE handle = 'maryse')",
        "UPDATE person SET closed_at = now() WHERE handle = 'maryse'",
        "UPDATE post SET removed_at = NULL, removed_by_id = NULL, removal_reason = NULL",
    ],
)
def test_no_letter_goes_to_those_who_may_not(site: Site, meanwhile: str) -> None:
    circle = circle_of(site)
    mine = site.as_(INSIDER).post(f"/discussions/{circle.thread}/repondre", data={"body": "Entre nous."})
    removed(site, FACILITATOR, circle.thread, int(mine.headers["location"].rpartition("/")[2]), "Trop.")
    site.write(lambda db: db.connection.execute(meanwhile))
    assert letters(site) == []

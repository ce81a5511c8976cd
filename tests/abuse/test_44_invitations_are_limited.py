"""Nobody floods mailboxes with invitations: limits for the sender, for her address, and for the mailbox."""

from httpx2 import Response

from tests.auth.members import MRC, english, letters, run, said
from tests.conftest import Site


def invite(site: Site, *emails: str) -> Response:
    form = {"emails": "\n".join(emails), "role": "member", "note": ""}
    return english(site, "karine").post(f"/organisations/{MRC}/membres/inviter", data=form)


def withdraw_all(site: Site) -> None:
    run(site, "UPDATE invitation SET withdrawn_at = now()")


def test_one_mailbox_gets_few_whoever_sends_them(site: Site) -> None:
    answers = []
    for attempt in range(5):
        # Capitals make no other mailbox.
        answers.append(invite(site, "victime@example.org" if attempt % 2 else "Victime@Example.org"))
        withdraw_all(site)
    assert [answer.status_code for answer in answers] == [303, 303, 303, 422, 422]
    assert "several invitations lately" in said(answers[-1])
    assert invite(site, "quelqu-un-d-autre@example.org").status_code == 303


def test_one_sender_sends_so_many_a_day(site: Site) -> None:
    answers = []
    for batch in range(5):
        answers.append(invite(site, *(f"p{batch}-{n}@example.org" for n in range(20))).status_code)
        withdraw_all(site)
    assert answers == [303, 303, 303, 429, 429]
    assert site.ask("SELECT count(*) FROM invitation") == 60


def test_no_more_than_twenty_at_a_time(site: Site) -> None:
    response = invite(site, *(f"p{n}@example.org" for n in range(21)))
    assert response.status_code == 422
    assert "At most 20" in said(response)
    assert letters(site) == []

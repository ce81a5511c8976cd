"""An invitation opens one door: it does not pass by suspension, approval, the organization's end, or signing in."""

import pytest

from tests.auth.members import MRC, english, letters, link_in, run, said, state
from tests.conftest import Site


def link(site: Site, email: str | None = None) -> str:
    form = {
        "emails": email or str(site.ask("SELECT email FROM person WHERE handle = 'rejean'")),
        "role": "administrator",
        "note": "",
    }
    english(site, "karine").post(f"/organisations/{MRC}/membres/inviter", data=form)
    (letter,) = letters(site)
    return link_in(letter)


def test_a_suspended_person_accepts_nothing(site: Site) -> None:
    path, rejean = link(site), site.as_("rejean")
    run(site, "UPDATE person SET suspended_at = now() WHERE handle = 'rejean'")
    assert rejean.post(path).status_code == 403
    assert state(site, "rejean") is None
    assert site.ask("SELECT accepted_at FROM invitation") is None


def test_a_stranger_gets_no_account_by_it(site: Site) -> None:
    path, before = link(site, "nouvelle@example.org"), site.ask("SELECT count(*) FROM person")
    assert site.stranger.get(path).status_code == 200
    assert site.stranger.post(path).status_code == 403
    assert site.ask("SELECT count(*) FROM person") == before


@pytest.mark.parametrize("stolen", ["forwarded", "unproved"])
def test_it_does_not_pass_by_approval(site: Site, stolen: str) -> None:
    path = link(site, "autre@example.org" if stolen == "forwarded" else None)
    if stolen == "unproved":
        run(site, "UPDATE person SET email_proved_at = NULL WHERE handle = 'rejean'")
    assert site.as_("rejean").post(path).status_code == 303
    assert state(site, "rejean") == ("pending", "member")


def test_two_accounts_that_say_the_same_address_are_not_one(site: Site) -> None:
    """The address counts for whom it was proved, not for whoever wrote it down."""
    path = link(site)
    run(
        site,
        "UPDATE person SET email = (SELECT email FROM person WHERE handle = 'rejean'), email_proved_at = NULL"
        " WHERE handle = 'maryse'",
    )
    site.as_("maryse").post(path)
    assert state(site, "maryse") == ("pending", "member")


def test_it_does_not_outlive_the_organization(site: Site) -> None:
    path = link(site)
    run(site, "UPDATE organization SET closed_at = now() WHERE slug = $1", MRC)
    assert site.as_("rejean").post(path).status_code == 409
    assert "no longer valid" in said(english(site, "rejean").get(path))

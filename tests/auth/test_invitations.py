"""Invitations: a letter that lets one person in, once."""

from hashlib import sha256

import pytest
from httpx2 import Response

from tests.auth.members import MRC, at_once, english, letters, link_in, membership, run, said, state, text_of, to
from tests.conftest import Site

PAGE = f"/organisations/{MRC}/membres"
INVITE = f"{PAGE}/inviter"
REJEAN = "SELECT email FROM person WHERE handle = 'rejean'"


def invite(site: Site, *emails: str, who: str = "karine", role: str = "member", note: str = "") -> Response:
    form = {"emails": "\n".join(emails), "role": role, "note": note}
    return english(site, who).post(INVITE, data=form)


def invited(site: Site, email: str, **how: str) -> str:
    """The path of the link in the letter to that address."""
    response = invite(site, email, **how)
    assert response.status_code == 303, said(response)
    (letter,) = letters(site)
    assert to(letter) == email
    return link_in(letter)


def test_several_people_each_get_a_letter_of_their_own(site: Site) -> None:
    response = invite(site, "a@example.org", "", "  b@example.org ", "A@example.org", note="Venez voir.")
    assert response.status_code == 303
    assert "on their way" in said(english(site, "karine").get(response.headers["location"]))
    sent = letters(site)
    assert sorted(map(to, sent)) == ["a@example.org", "b@example.org"]
    assert len({link_in(letter) for letter in sent}) == 2
    for letter in sent:
        assert "Karine Ouellet-Simard" in text_of(letter)
        assert "MRC des Hauts-Méandres" in text_of(letter)
        assert "Venez voir." in text_of(letter)


def test_a_note_leads_nowhere(site: Site) -> None:
    """Anybody may found an organization: its letters go out under the platform's name."""
    invite(site, "a@example.org", note="Votre compte : https://voleur.example/ici ou www.voleur.example")
    (letter,) = letters(site)
    whole = "".join(str(part.get_content()) for part in letter.walk() if not part.is_multipart())
    assert "Votre compte" in whole
    assert "://voleur" not in whole
    assert "voleur.example" not in whole


def test_the_list_says_who_invited_and_until_when(site: Site) -> None:
    invite(site, "a@example.org")
    page = said(english(site, "karine").get(PAGE))
    assert "a@example.org" in page
    assert "invited by Karine Ouellet-Simard" in page
    assert "Until:" in page
    assert "a@example.org" not in said(english(site, "felix").get(PAGE))


@pytest.mark.parametrize(
    "line", ["pas une adresse", "a@b", "a@b@c.org", "a@exa mple.org", "@example.org", "x" * 250 + "@example.org"]
)
def test_each_wrong_line_is_named_and_nobody_is_invited(site: Site, line: str) -> None:
    response = invite(site, "bon@example.org", line, note="mots à garder")
    assert response.status_code == 422
    assert "Line 2" in said(response)
    assert "mots à garder" in said(response)
    assert "bon@example.org" in said(response)
    assert site.ask("SELECT count(*) FROM invitation") == 0
    assert letters(site) == []


def test_an_address_with_an_open_invitation_gets_no_second(site: Site) -> None:
    invite(site, "a@example.org")
    response = invite(site, "A@example.org", "b@example.org")
    assert response.status_code == 422
    assert "A@example.org has an invitation that is still open" in said(response)
    assert site.ask("SELECT count(*) FROM invitation") == 1


def test_whether_an_address_has_an_account_makes_no_difference(site: Site) -> None:
    known = invite(site, str(site.ask(REJEAN)))
    member = invite(site, str(site.ask("SELECT email FROM person WHERE handle = 'felix'")))
    unknown = invite(site, "personne@example.org")
    assert len({(one.status_code, one.headers["location"]) for one in (known, member, unknown)}) == 1
    texts = {text_of(letter).replace(link_in(letter), "") for letter in letters(site)}
    assert len(texts) == 1


def test_at_most_fifty_are_open(site: Site) -> None:
    run(
        site,
        "INSERT INTO invitation (token_hash, organization_id, email, expires_at) SELECT sha256(n::text::bytea),"
        " (SELECT id FROM organization WHERE slug = $1), n || '@example.org', now() + '1 day'"
        " FROM generate_series(1, 49) AS n",
        MRC,
    )
    response = invite(site, "a@example.org", "b@example.org")
    assert response.status_code == 422
    assert "room for 1 more" in said(response)
    assert invite(site, "a@example.org").status_code == 303
    assert "room for 0 more" in said(invite(site, "b@example.org"))


@pytest.mark.parametrize("handle", ["felix", "maryse", "samuel", "sofia"])
def test_only_administrators_invite(site: Site, handle: str) -> None:
    assert site.as_(handle).get(INVITE).status_code == 403
    assert invite(site, "a@example.org", who=handle).status_code == 403
    assert letters(site) == []


def test_no_table_holds_the_token(site: Site) -> None:
    token = invited(site, "a@example.org").rpartition("/")[2]
    assert site.ask("SELECT token_hash FROM invitation") == sha256(token.encode()).digest()
    invite(site, "b@example.org")
    waiting = site.ask("SELECT string_agg(convert_from(payload, 'UTF8'), '') FROM pgqueuer")
    assert set(waiting) <= set('{"invitation_id": 0123456789}')


def test_the_page_says_who_invites_to_what_and_opening_it_changes_nothing(site: Site) -> None:
    link = invited(site, str(site.ask(REJEAN)), note="À bientôt")
    for browser in (english(site), english(site, "rejean")):
        page = said(browser.get(link))
        assert "Karine Ouellet-Simard" in page
        assert "MRC des Hauts-Méandres" in page
        assert "À bientôt" in page
    assert state(site, "rejean") is None
    assert site.ask("SELECT accepted_at FROM invitation") is None


def test_a_stranger_is_led_to_sign_in_and_back(site: Site) -> None:
    link = invited(site, "a@example.org")
    response = english(site).get(link)
    assert f'href="/connexion?suite={link}"' in response.text
    assert response.headers["cache-control"] == "no-store"
    assert site.stranger.post(link).status_code == 403
    assert site.ask("SELECT accepted_at FROM invitation") is None


def test_with_the_invited_address_she_is_in_at_once_and_once(site: Site) -> None:
    link = invited(site, str(site.ask(REJEAN)))
    rejean = site.as_("rejean")
    response = rejean.post(link)
    assert response.headers["location"] == PAGE
    assert state(site, "rejean") == ("active", "member")
    assert rejean.get(PAGE).status_code == 200, "she stays signed in"
    again = english(site, "maryse").post(link)
    assert again.status_code == 409
    assert "no longer valid" in said(again)
    assert state(site, "maryse") is None


def test_accepting_gives_a_new_token_and_ends_other_sessions(site: Site) -> None:
    elsewhere = site.new_browser("rejean")
    link = invited(site, str(site.ask(REJEAN)))
    assert elsewhere.get("/moi").status_code == 200
    assert "session" in site.as_("rejean").post(link).headers["set-cookie"]
    assert elsewhere.get("/moi").status_code == 303


def test_an_invitation_to_administer_makes_an_administrator(site: Site) -> None:
    link = invited(site, str(site.ask("SELECT email FROM person WHERE handle = 'rejean'")), role="administrator")
    assert "administrator" in said(english(site, "rejean").get(link)).lower()
    site.as_("rejean").post(link)
    assert state(site, "rejean") == ("active", "administrator")


def test_with_another_address_she_waits_and_the_queue_says_why(site: Site) -> None:
    link = invited(site, "bureau@example.org", role="administrator")
    response = site.as_("rejean").post(link)
    assert response.headers["location"] == f"/organisations/{MRC}/demande"
    assert state(site, "rejean") == ("pending", "member"), "a letter that went astray makes nobody an administrator"
    assert "the invitation sent to bureau@example.org" in said(english(site, "karine").get(PAGE))
    assert len(letters(site)) == 1


def test_an_address_that_was_never_shown_to_be_hers_is_another(site: Site) -> None:
    link = invited(site, str(site.ask(REJEAN)))
    run(site, "UPDATE person SET email_proved_at = NULL WHERE handle = 'rejean'")
    site.as_("rejean").post(link)
    assert state(site, "rejean") == ("pending", "member")


def test_what_it_gives_is_what_its_inviter_may_still_give(site: Site) -> None:
    link = invited(site, str(site.ask(REJEAN)), role="administrator")
    run(site, "UPDATE membership SET role = 'administrator' WHERE id = $1", membership(site, "felix"))
    run(site, "UPDATE membership SET role = 'member' WHERE id = $1", membership(site, "karine"))
    site.as_("rejean").post(link)
    assert state(site, "rejean") == ("pending", "member")


def test_a_request_that_waits_is_answered_by_an_invitation(site: Site) -> None:
    site.as_("rejean").post(f"/organisations/{MRC}/demande", data={"note": ""})
    run(site, "DELETE FROM pgqueuer")
    site.as_("rejean").post(invited(site, str(site.ask(REJEAN))))
    assert state(site, "rejean") == ("active", "member")


def test_whoever_belongs_already_does_not_use_it_up(site: Site) -> None:
    link = invited(site, "a@example.org")
    response = english(site, "felix").post(link)
    assert response.status_code == 409
    assert "already belong" in said(response)
    assert site.ask("SELECT accepted_at FROM invitation") is None


@pytest.mark.parametrize(
    "over",
    [
        "UPDATE invitation SET expires_at = now()",
        "UPDATE invitation SET withdrawn_at = now()",
        "UPDATE invitation SET accepted_at = now()",
        "UPDATE organization SET closed_at = now()",
        "DELETE FROM invitation",
    ],
)
def test_what_is_over_is_over_for_everybody(site: Site, over: str) -> None:
    link = invited(site, str(site.ask(REJEAN)))
    run(site, over)
    page = english(site, "rejean").get(link)
    assert page.status_code == 404
    assert "no longer valid" in said(page)
    assert "Hauts-Méandres" not in said(page)
    assert site.as_("rejean").post(link).status_code == 409
    assert state(site, "rejean") is None


def test_it_is_valid_for_two_weeks(site: Site) -> None:
    invite(site, "a@example.org")
    assert site.ask("SELECT expires_at - created_at = '14 days' FROM invitation")


def test_a_withdrawn_invitation_is_not_sent(site: Site) -> None:
    invite(site, "a@example.org")
    number = site.ask("SELECT id FROM invitation")
    assert site.as_("felix").post(f"{PAGE}/invitations/{number}/retrait").status_code == 403
    assert site.as_("karine").post(f"{PAGE}/invitations/{number}/retrait").status_code == 303
    assert letters(site) == []


def test_a_letter_that_is_sent_again_has_the_link_that_works(site: Site) -> None:
    first = invited(site, str(site.ask(REJEAN)))
    run(
        site,
        "INSERT INTO pgqueuer (priority, created, updated, heartbeat, execute_after, status, entrypoint, payload)"
        " SELECT 0, now(), now(), now(), now(), 'queued', 'invitation',"
        " convert_to(json_build_object('invitation_id', id)::text, 'UTF8') FROM invitation",
    )
    (again,) = letters(site)
    assert site.as_("rejean").get(first).status_code == 404
    assert site.as_("rejean").post(link_in(again)).status_code == 303


def test_two_acceptances_at_once_make_one_membership(site: Site) -> None:
    link = invited(site, "a@example.org")
    answers = at_once(site, ("rejean", link, {}), ("maryse", link, {}), ("nadege", link, {}))
    assert sorted(answers) == [303, 409, 409]
    waiting = site.ask(
        "SELECT count(*) FROM membership JOIN person AS p ON p.id = person_id WHERE handle IN"
        " ('rejean', 'maryse', 'nadege') AND organization_id = (SELECT id FROM organization WHERE slug = $1)",
        MRC,
    )
    assert waiting == 1

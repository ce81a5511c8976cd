"""However many redeem a single invitation at the same moment, one person comes in, once."""

from tests.auth.members import MRC, at_once, english, letters, link_in, membership, run, state
from tests.conftest import Site


def test_parallel_redemptions_make_one_membership(site: Site) -> None:
    email = str(site.ask("SELECT email FROM person WHERE handle = 'rejean'"))
    for _ in range(4):
        form = {"emails": email, "role": "member", "note": ""}
        assert english(site, "karine").post(f"/organisations/{MRC}/membres/inviter", data=form).status_code == 303
        (letter,) = letters(site)
        # The same person, twice, and others who got hold of the link.
        answers = at_once(site, *((who, link_in(letter), {}) for who in ("rejean", "rejean", "maryse", "nadege")))
        assert answers.count(303) == 1
        # Where it let her in, her session got another token: the second of hers finds it used, or herself out.
        hers, others = answers[:2], answers[2:]
        assert set(hers) <= ({303, 409, 403} if 303 in hers else {409})
        assert set(others) <= {303, 409}
        new = "SELECT count(*) FROM membership AS m JOIN invitation AS i ON i.organization_id = m.organization_id"
        assert site.ask(f"{new} AND i.accepted_by_id = m.person_id AND m.ended_on IS NULL") == 1
        run(
            site,
            "DELETE FROM membership USING invitation WHERE membership.person_id = accepted_by_id"
            " AND membership.organization_id = invitation.organization_id",
        )
        run(site, "DELETE FROM invitation")
        run(site, "DELETE FROM rate_limit")
        assert state(site, "karine") is not None
        assert membership(site, "karine")

"""The same form that comes twice, and two people who change the same thing: nothing twice, nothing unknowingly."""

from tests.conftest import Site
from tests.events.post import post_office
from tests.events.test_editing import SAME, change, date_of, guests, version_in
from tests.events.test_planning import number_of, published
from tests.uploads import key_of, upload

HOURS = {f"begins_{n}": "09:00" for n in range(2)} | {f"ends_{n}": "12:00" for n in range(2)}
BOTH = {"day_0": "2030-03-05", "day_1": "2030-03-12"} | HOURS


def test_a_form_that_puts_sessions_in_another_order_is_told_once_though_it_comes_twice(site: Site) -> None:
    number = number_of(published(site))
    assert change(site, number, **BOTH).status_code == 303
    guests(site, number, "Aline")
    post_office(site)
    hers, address = site.as_("thuy-linh"), f"/rencontres/{number}/dates/{date_of(site, number)}"
    # The first session comes after the second one.
    form = SAME | BOTH | {"day_0": "2030-03-26", "version": version_in(hers.get(address).text)}
    assert hers.post(address, data=form).status_code == 303
    assert post_office(site) == 1
    assert hers.post(address, data=form).status_code == 303
    assert post_office(site) == 0
    assert site.ask("SELECT max(ical_sequence) FROM event_session") == 2


def test_nobody_writes_over_another_ones_date_unknowingly(site: Site) -> None:
    number = number_of(published(site))
    assert change(site, number, **BOTH).status_code == 303
    hers, address = site.as_("thuy-linh"), f"/rencontres/{number}/dates/{date_of(site, number)}"
    old = {"version": version_in(hers.get(address).text)}
    # That somebody registers meanwhile changes nothing of what the form shows.
    guests(site, number, "Aline")
    assert hers.post(address, data=SAME | BOTH | old | {"label": "Groupe de jour"}).status_code == 303
    # Another one takes a session away, and more seats are there.
    assert change(site, number, seats="40").status_code == 303
    stale = hers.post(address, data=SAME | BOTH | old | {"place": "Ailleurs", "seats": "3"})
    assert stale.status_code == 409
    assert all(f'value="{words}"' in stale.text for words in ("Ailleurs", "2030-03-12"))
    assert site.ask("SELECT seats FROM seat_pool") == 40
    assert site.ask("SELECT place FROM occurrence") == "Salle communautaire"
    assert site.ask("SELECT count(*) FROM event_session") == 1
    knowingly = {"version": version_in(stale.text), "place": "Ailleurs", "seats": "3"}
    assert hers.post(address, data=SAME | BOTH | knowingly).status_code == 303
    assert site.ask("SELECT place || ' ' || seats FROM occurrence o JOIN seat_pool ON occurrence_id = o.id") == (
        "Ailleurs 3"
    )
    # Without what it carries, a form changes nothing either.
    assert hers.post(address, data=SAME | {"place": "Nulle part"}).status_code == 409


def test_dates_and_copies_are_made_once_though_their_form_comes_twice(site: Site) -> None:
    number = number_of(published(site))
    hers, first = site.as_("thuy-linh"), date_of(site, number)
    for times in ("3", "3", "5"):
        form = {"rule": "1", "times": times}
        assert hers.post(f"/rencontres/{number}/dates/{first}/repeter", data=form).status_code == 303
    assert site.ask("SELECT count(*) FROM occurrence") == 6
    assert site.ask("SELECT count(DISTINCT local_start) FROM event_session") == 6
    page = hers.get(f"/rencontres/{number}/dupliquer").text
    key = page.partition('name="request_key"')[2].partition('value="')[2].partition('"')[0]
    copy = {"title": "Une autre", "what": "dates", "request_key": key}
    made = [hers.post(f"/rencontres/{number}/dupliquer", data=copy).headers["location"] for _time in range(2)]
    assert made[0] == made[1]
    assert site.ask("SELECT count(*) FROM gathering") == 2
    assert site.ask("SELECT count(*) FROM occurrence") == 12


def test_an_organizer_names_the_organizations_to_which_she_belongs_and_keeps_those_named(site: Site) -> None:
    number = number_of(published(site))
    address = f"/rencontres/{number}/modifier"
    hers = site.as_("thuy-linh")
    own, other = (
        site.ask(
            "SELECT m.organization_id FROM membership m JOIN person p ON p.id = person_id"
            " WHERE handle = $1 AND m.state = 'active' AND ended_on IS NULL ORDER BY m.id LIMIT 1",
            handle,
        )
        for handle in ("thuy-linh", "karine")
    )
    assert own != other
    form = {"title": "Rencontre", "language": "fr-CA", "registration": "open", "visibility": "public"}

    def save(*organizations: int) -> int:
        version = version_in(hers.get(address).text)
        given = {"version": version, "organizations": [str(number) for number in organizations]}
        return hers.post(address, data=form | given).status_code

    assert save(other) == 422
    assert save(own) == 303
    name = site.ask("SELECT name FROM organization WHERE id = $1", own)
    assert name in site.stranger.get(f"/rencontres/{number}", follow_redirects=True).text
    # One that somebody else named stays to be chosen, in its place.
    site.ask("INSERT INTO gathering_organization VALUES ($1, $2, 1) RETURNING position", int(number), other)
    assert save(own, other) == 303
    assert site.ask("SELECT array_agg(organization_id ORDER BY position) FROM gathering_organization") == [own, other]
    assert save() == 303
    assert site.ask("SELECT count(*) FROM gathering_organization") == 0
    assert save(other) == 422


def test_a_text_shows_what_those_who_may_read_it_now_may_read(site: Site) -> None:
    number = number_of(published(site, visibility="members"))
    hers, address = site.as_("thuy-linh"), f"/rencontres/{number}/modifier"
    theirs = site.ask(
        "SELECT thread.id FROM thread JOIN space ON space.id = space_id WHERE visibility = 'members' LIMIT 1"
    )
    texts = {"before": f"Voir #{theirs}.", "after": "", "seen_before": "0", "seen_after": "0"}
    assert hers.post(f"/rencontres/{number}/documents", data=texts).status_code == 303
    link = f'href="/discussions/{theirs}"'
    assert link in site.as_("maryse").get(f"/rencontres/{number}", follow_redirects=True).text
    form = {"title": "Rencontre", "language": "fr-CA", "registration": "open", "visibility": "public"}
    version = version_in(hers.get(address).text)
    assert hers.post(address, data=form | {"version": version}).status_code == 303
    shown = site.stranger.get(f"/rencontres/{number}", follow_redirects=True).text
    assert "Voir" in shown
    assert link not in shown


def test_a_copy_shows_no_picture_of_the_gathering_that_it_was_made_with(site: Site) -> None:
    number = number_of(published(site))
    hers = site.as_("thuy-linh")
    key = key_of(upload(hers))
    texts = {"before": f"![Un parc](fichier:{key})", "after": "", "seen_before": "0", "seen_after": "0"}
    assert hers.post(f"/rencontres/{number}/documents", data=texts).status_code == 303
    assert f"/fichiers/{key}/" in site.stranger.get(f"/rencontres/{number}", follow_redirects=True).text
    copy = {"title": "Une autre", "what": ["texts", "dates"], "request_key": "k" * 43}
    made = number_of(hers.post(f"/rencontres/{number}/dupliquer", data=copy).headers["location"])
    page = hers.get(f"/rencontres/{made}", follow_redirects=True).text
    assert "Un parc" in page
    assert f"/fichiers/{key}/" not in page

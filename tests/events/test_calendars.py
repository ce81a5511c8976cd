"""Gatherings in the calendars of others: feeds, files, and one of her own."""

import json
from datetime import datetime
from xml.etree import ElementTree as ET

from tests.conftest import Site
from tests.events.calendars import LINK, hybrid, read, titles


def test_a_feed_holds_what_its_filters_let_through_and_nothing_that_is_hidden(site: Site) -> None:
    site.write(lambda db: db.connection.execute("TRUNCATE gathering CASCADE"))
    hybrid(site, title="Pour tout le monde")
    hybrid(site, title="Entre membres", visibility="members")
    draft = hybrid(site, title="Ébauche", state="draft")
    gone = hybrid(site, title="Annulée", state="cancelled")
    hybrid(site, title="L’an passé", days=-300)
    answers = [browser.get("/rencontres/calendrier.ics") for browser in (site.stranger, site.as_("maryse"))]
    for answer in answers:
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        assert titles(answer.content) == {"Pour tout le monde", "Annulée"}
        # No name, no way in, of anybody.
        for word in (b"ATTENDEE", b"ORGANIZER", b"METHOD", LINK.encode(), b"Thuy"):
            assert word not in answer.content
    assert [e["STATUS"] for e in read(answers[0].content) if e["SUMMARY"] == "Annulée"] == ["CANCELLED"]
    assert titles(site.stranger.get("/rencontres/calendrier.ics?region=laval").content) == set()
    assert titles(site.stranger.get("/rencontres/calendrier.ics?mode=online").content) == {
        "Pour tout le monde",
        "Annulée",
    }
    atom = site.stranger.get("/rencontres/flux.atom")
    names = {each.text for each in ET.fromstring(atom.content).iter("{http://www.w3.org/2005/Atom}title")}  # noqa: S314 — our own
    # What has been announced, whenever it takes place.
    assert names == {"Pour tout le monde", "Annulée", "L’an passé", f"{site.settings.name} – Rencontres"}
    assert site.stranger.get(f"/rencontres/{draft}.ics").status_code == 404
    assert site.as_("thuy-linh").get(f"/rencontres/{draft}.ics").status_code == 200
    assert titles(site.stranger.get(f"/rencontres/{gone}.ics").content) == {"Annulée"}
    for odd in ("?date=0", "?date=x", "?date=99999999999999999999", "?date=-1"):
        assert site.stranger.get(f"/rencontres/{gone}.ics{odd}").status_code == 404


def test_a_calendar_stays_the_same_bytes_until_something_changes(site: Site) -> None:
    number = hybrid(site, sessions=3)
    first = site.stranger.get(f"/rencontres/{number}.ics")
    etag = first.headers["etag"]
    assert not etag.startswith("W/")
    # Also among others, and as a proxy that compresses gives it back.
    for held in (etag, f'"x", {etag}', f"W/{etag}"):
        again = site.stranger.get(f"/rencontres/{number}.ics", headers={"If-None-Match": held})
        assert (again.status_code, again.content) == (304, b"")
    assert site.stranger.get(f"/rencontres/{number}.ics", headers={"If-None-Match": '"x"'}).status_code == 200
    assert site.stranger.get(f"/rencontres/{number}.ics").content == first.content
    events = read(first.content)
    assert [str(event["SUMMARY"])[-9:] for event in events] == [" (1 de 3)", " (2 de 3)", " (3 de 3)"]
    assert len({event["UID"] for event in events}) == 3
    site.ask(
        "UPDATE event_session SET ical_sequence = 1, local_end = local_end + interval '1 hour', changed_at = now()"
    )
    moved = site.stranger.get(f"/rencontres/{number}.ics", headers={"If-None-Match": first.headers["etag"]})
    assert moved.status_code == 200
    assert [event["UID"] for event in read(moved.content)] == [event["UID"] for event in events]
    assert {event["SEQUENCE"] for event in read(moved.content)} == {1}


def test_her_own_calendar_is_behind_an_address_that_she_can_change_and_take_away(site: Site) -> None:
    number = hybrid(site, title="Où elle va")
    hybrid(site, title="Où elle ne va pas")
    date = site.ask("SELECT id FROM occurrence WHERE gathering_id = $1", number)
    maryse = site.as_("maryse")
    maryse.post(f"/rencontres/{number}/inscription", data={"date": f"{date}:online", "listed": "nobody"})

    def address() -> str:
        page = maryse.post("/moi/calendrier", data={"act": "open"}).text
        return page.split('value="http://testserver')[1].split('"')[0]

    first = address()
    answer = site.stranger.get(first)
    assert "Où elle va" in titles(answer.content)
    assert "Où elle ne va pas" not in titles(answer.content)
    assert answer.headers["cache-control"].startswith("private")
    for word in (b"ATTENDEE", b"ORGANIZER", LINK.encode(), b"maryse"):
        assert word not in answer.content
    # It is not said a second time.
    assert ".ics" not in maryse.get("/moi/calendrier").text
    second = address()
    assert site.stranger.get(first).status_code == 404
    assert site.stranger.get(second).status_code == 200
    site.ask("UPDATE person SET suspended_at = now() WHERE handle = 'maryse'")
    assert site.stranger.get(second).status_code == 404
    site.ask("UPDATE person SET suspended_at = NULL WHERE handle = 'maryse'")
    assert maryse.post("/moi/calendrier", data={"act": "close"}).status_code == 303
    assert site.stranger.get(second).status_code == 404
    assert site.stranger.get("/moi/calendrier").status_code == 303
    # Whoever looks after a gathering has it in hers.
    maryse = site.as_("thuy-linh")
    assert "Où elle ne va pas" in titles(site.stranger.get(address()).content)


def test_the_page_leads_to_the_calendars_that_most_people_have(site: Site) -> None:
    number = hybrid(site, title="Dîner & échanges")
    page = site.stranger.get(f"/rencontres/{number}-diner-echanges").text
    assert f'href="/rencontres/{number}.ics?date=' in page
    assert (
        "https://calendar.google.com/calendar/render?action=TEMPLATE&amp;text=D%C3%AEner+%26+%C3%A9changes&amp;dates="
        in page
    )
    assert "&amp;ctz=America%2FToronto" in page
    assert "https://outlook.office.com/calendar/deeplink/compose?" in page
    assert LINK not in page


def test_search_engines_read_each_date_of_what_everybody_may_see(site: Site) -> None:
    number = hybrid(site, title="Dîner </script> & échanges", sessions=2)
    page = site.stranger.get(f"/rencontres/{number}", follow_redirects=True)
    address = f"{site.settings.base_url}{page.url.path}"
    for line in (f'rel="canonical" href="{address}"', f'property="og:url" content="{address}"'):
        assert line in page.text
    assert page.text.count('property="og:title"') == 1
    (event,) = json.loads(page.text.split('<script type="application/ld+json">')[1].split("</script>")[0])["@graph"]
    assert event["name"] == "Dîner </script> & échanges"
    starts = site.ask("SELECT starts_at FROM occurrence WHERE gathering_id = $1", number)
    assert datetime.fromisoformat(event["startDate"]) == starts
    assert event["startDate"][10:] in ("T09:00:00-04:00", "T09:00:00-05:00")
    assert event["eventStatus"] == "https://schema.org/EventScheduled"
    assert [place["@type"] for place in event["location"]] == ["Place", "VirtualLocation"]
    assert event["location"][1]["url"] == address
    assert LINK not in page.text
    assert "Thuy" not in json.dumps(event)
    # The same words, for those who may read them, are not for search engines.
    site.ask("UPDATE gathering SET visibility = 'members', version = version + 1 WHERE id = $1", number)
    page = site.as_("maryse").get(f"/rencontres/{number}", follow_redirects=True)
    assert "ld+json" not in page.text
    assert 'name="robots" content="noindex"' in page.text
    site.ask("UPDATE gathering SET visibility = 'public', state = 'cancelled', version = version + 1")
    assert "schema.org/EventCancelled" in site.stranger.get(f"/rencontres/{number}", follow_redirects=True).text

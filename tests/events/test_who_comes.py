"""Who reads that somebody comes: each says it for herself, changes her mind, and is in no list while she waits."""

import re

from maillage.core.db import Db
from tests.conftest import Site
from tests.events.gatherings import gathering, in_days, make_date
from tests.events.post import letters, post_office
from tests.events.test_registering import EMAIL, date_of, form, link_in, sign_up, status

SLUG = "rencontre-de-sainte-brume"


def text(site: Site, number: int, who: str = "") -> str:
    return (site.as_(who) if who else site.stranger).get(f"/rencontres/{number}-{SLUG}").text


def name(site: Site, handle: str) -> str:
    return str(site.ask("SELECT name FROM person WHERE handle = $1", handle))


def hers(site: Site, number: int, handle: str) -> str:
    asked = """SELECT r.id FROM registration r JOIN participant pa ON pa.id = r.participant_id
               JOIN person p ON p.id = pa.person_id JOIN occurrence o ON o.id = r.occurrence_id
               WHERE p.handle = $1 AND o.gathering_id = $2 ORDER BY r.id DESC"""
    return str(site.ask(asked, handle, number))


def test_each_says_who_reads_her_name_and_whoever_waits_is_in_no_list(site: Site) -> None:
    number = gathering(site, seats=3)
    for handle, listed in (
        ("maryse", "nobody"),
        ("josee", "participants"),
        ("karine", "everyone"),
        ("felix", "everyone"),
    ):
        sign_up(site, number, handle, listed=listed)
    maryse, josee, karine, felix = (name(site, handle) for handle in ("maryse", "josee", "karine", "felix"))
    seen = {who: text(site, number, who) for who in ("", "annie-claude", "maryse", "felix")}
    for who in ("", "annie-claude", "felix"):
        # To whoever waits as to everybody else.
        assert (karine in seen[who], josee in seen[who]) == (True, False), who
        assert maryse not in seen[who]
    assert felix not in seen[""] + seen["annie-claude"] + seen["maryse"]
    assert karine in seen["maryse"]
    assert josee in seen["maryse"]
    # She changes her mind, or leaves: at once, on the page that was kept.
    path = f"/rencontres/{number}/nom"
    given = {"registration": hers(site, number, "karine"), "listed": "nobody"}
    assert site.as_("josee").post(path, data=given).status_code == 404
    assert site.as_("karine").post(path, data=given | {"listed": "all"}).status_code == 404
    assert site.as_("karine").post(path, data=given).status_code == 303
    assert karine not in text(site, number) + text(site, number, "maryse")
    site.as_("karine").post(path, data=given | {"listed": "everyone"})
    assert karine in text(site, number)
    site.as_("karine").post(f"/rencontres/{number}/desistement", data=given)
    assert karine not in text(site, number)
    # Somebody waited: she has the seat now, and may be read.
    assert felix in text(site, number)


def test_who_leaves_while_it_goes_on_leaves_the_page(site: Site) -> None:
    number = gathering(site)
    sign_up(site, number, "karine", listed="everyone")
    began = "UPDATE event_session SET local_start = (now() AT TIME ZONE zone) - interval '1 hour'"
    site.write(lambda db: db.connection.execute(began))
    site.write(lambda db: db.connection.execute("UPDATE occurrence SET version = version + 1"))
    karine = name(site, "karine")
    assert karine in text(site, number)
    site.as_("karine").post(f"/rencontres/{number}/desistement", data={"registration": hers(site, number, "karine")})
    assert karine not in text(site, number)


def test_she_says_that_she_will_not_come_and_may_still_think_better_of_it(site: Site) -> None:
    number = gathering(site)
    path = f"/rencontres/{number}/absence"
    maryse = site.as_("maryse")
    assert "Je n’y serai pas" in maryse.get(f"/rencontres/{number}/inscription").text
    assert "Je n’y serai pas" not in site.stranger.get(f"/rencontres/{number}/inscription").text
    for _twice in range(2):
        assert maryse.post(path, data={"occurrence": date_of(site, number)}).status_code == 303
    assert status(site, number) == ["declined"]
    assert "n’y serez pas" in maryse.get(f"/rencontres/{number}/inscription").text
    assert maryse.post(path, data={"occurrence": "999999"}).status_code == 404
    # No letter: she knows.
    post_office(site)
    assert letters(site) == []
    sign_up(site, number, "maryse")
    assert status(site, number) == ["declined", "confirmed"]
    assert "n’y serez pas" not in maryse.get(f"/rencontres/{number}/inscription").text
    assert maryse.post(path, data={"occurrence": date_of(site, number)}).status_code == 409


def test_an_address_that_becomes_an_accounts_is_one_with_it(site: Site) -> None:
    number = gathering(site, seats=5)
    sign_up(site, number)
    post_office(site)
    link = link_in(letters(site)[0])
    site.stranger.post(link, data={"act": "confirm"})
    sign_up(site, number, "maryse")
    assert status(site, number) == ["confirmed", "confirmed"]
    # Nobody becomes her by claiming an address; she does once it has answered.
    claim = "UPDATE person SET email = $1, email_proved_at = NULL WHERE handle = 'maryse' RETURNING 1"
    site.ask(claim, EMAIL.upper())
    assert post_office(site, "participants_merge") == 0
    site.ask("UPDATE person SET email_proved_at = now() WHERE handle = 'maryse' RETURNING 1")
    assert post_office(site, "participants_merge") == 1
    assert sorted(status(site, number)) == ["cancelled", "confirmed"]
    assert site.ask("SELECT count(*) FROM participant WHERE email = $1", EMAIL) == 0
    assert "Rencontre de Sainte-Brume" in site.as_("maryse").get("/moi/rencontres").text
    # What she asks for by address from now on is hers as soon as she answers from there.
    other = gathering(site, title="Une autre")
    sign_up(site, other)
    for before in (site.settings.data_dir / "letters").glob("*.eml"):
        before.unlink()
    post_office(site)
    again = next(link_in(letter) for letter in letters(site) if "Une autre" in letter)
    assert site.stranger.post(again, data={"act": "confirm"}).status_code == 303
    assert post_office(site, "participants_merge") == 1
    assert hers(site, other, "maryse") != "None"
    assert status(site, other) == ["confirmed"]


def test_what_her_address_asked_for_she_confirms_with_her_account(site: Site) -> None:
    number = gathering(site, seats=5)
    sign_up(site, number)
    site.ask("UPDATE person SET email = $1, email_proved_at = now() WHERE handle = 'maryse' RETURNING 1", EMAIL)
    post_office(site, "participants_merge")
    assert status(site, number) == ["unconfirmed"]
    assert "Confirmer mon inscription" in site.as_("maryse").get(f"/rencontres/{number}/inscription").text
    given = {"registration": hers(site, number, "maryse")}
    assert site.as_("josee").post(f"/rencontres/{number}/confirmation", data=given).status_code == 404
    assert site.as_("maryse").post(f"/rencontres/{number}/confirmation", data=given).status_code == 303
    assert status(site, number) == ["confirmed"]


def test_without_an_account_she_moves_by_her_link_with_all_that_she_said(site: Site) -> None:
    number = gathering(site)

    async def ask(db: Db) -> tuple[int, int, int]:
        insert = (
            "INSERT INTO event_question (gathering_id, position, kind, label) VALUES ($1, $2, $3, 'Q') RETURNING id"
        )
        said = await db.connection.fetchval(insert, number, 1, "text")
        chosen = await db.connection.fetchval(insert, number, 2, "workshop")
        add = "INSERT INTO event_choice (question_id, position, label, seats) VALUES ($1, 1, 'Atelier des rives', 1)"
        choice = await db.connection.fetchval(f"{add} RETURNING id", chosen)
        return said, chosen, choice

    said, chosen, choice = site.write(ask)
    given = {f"q{said}": "Le train de 8 h", f"q{chosen}": str(choice), "needs": "Une rampe", "listed": "everyone"}
    sign_up(site, number, **given)
    post_office(site)
    link = link_in(letters(site)[0])
    site.stranger.post(link, data={"act": "confirm"})
    other = site.write(lambda db: make_date(db, number, starts=in_days(60)))
    page = site.stranger.get(f"{link}/changer")
    assert f"{other}:in-person" in page.text
    assert f"{date_of(site, number)}:in-person" not in re.findall(r'value="([^"]+)"', page.text)
    assert site.stranger.get(f"{link[:-3]}AAA/changer").status_code == 404
    assert site.stranger.post(f"{link}/changer", data={"date": "999999:online"}).status_code == 422
    answer = site.stranger.post(f"{link}/changer", data={"date": f"{other}:in-person", "request_key": "k" * 43})
    assert answer.status_code == 303
    assert status(site, number) == ["cancelled", "confirmed"]
    moved = site.stranger.get(answer.headers["location"])
    assert moved.status_code == 200
    assert "Inscription confirmée" in moved.text
    new = int(site.ask("SELECT max(id) FROM registration"))
    assert site.ask("SELECT body FROM registration_answer WHERE registration_id = $1", new) == "Le train de 8 h"
    assert site.ask("SELECT place_no FROM registration_choice WHERE registration_id = $1", new) == 1
    assert site.ask("SELECT words FROM registration_needs WHERE registration_id = $1", new) == "Une rampe"
    assert site.ask("SELECT listed FROM registration WHERE id = $1", new) == "everyone"


def test_a_workshop_that_is_full_there_does_not_hold_her_back(site: Site) -> None:
    number = gathering(site)

    async def ask(db: Db) -> int:
        insert = "INSERT INTO event_question (gathering_id, position, kind, label) VALUES ($1, 1, 'workshop', 'Q')"
        chosen = await db.connection.fetchval(f"{insert} RETURNING id", number)
        add = "INSERT INTO event_choice (question_id, position, label, seats) VALUES ($1, 1, 'Atelier des rives', 1)"
        choice: int = await db.connection.fetchval(f"{add} RETURNING id", chosen)
        return choice

    choice = site.write(ask)
    question = site.ask("SELECT question_id FROM event_choice WHERE id = $1", choice)
    sign_up(site, number, "maryse", **{f"q{question}": str(choice)})
    other = site.write(lambda db: make_date(db, number, starts=in_days(60)))
    there = form(site, number, **{f"q{question}": str(choice)}) | {"date": f"{other}:in-person"}
    assert site.as_("josee").post(f"/rencontres/{number}/inscription", data=there).status_code == 303
    given = {"registration": hers(site, number, "maryse"), "date": f"{other}:in-person"}
    assert site.as_("maryse").post(f"/rencontres/{number}/changer", data=given).status_code == 303
    page = site.as_("maryse").get(f"/rencontres/{number}/inscription").text
    assert "plus de place dans" in page
    assert "Atelier des rives" in page


def test_the_way_to_register_is_for_those_who_are_not(site: Site) -> None:
    number = gathering(site)
    button = f'href="/rencontres/{number}/inscription">S’inscrire'
    assert button in text(site, number)
    assert button in text(site, number, "maryse")
    sign_up(site, number, "maryse")
    assert button not in text(site, number, "maryse")
    assert button in text(site, number, "josee")
    site.write(lambda db: make_date(db, number, starts=in_days(60)))
    site.write(lambda db: db.connection.execute("UPDATE occurrence SET version = version + 1"))
    assert button in text(site, number, "maryse")


def test_hours_are_said_as_the_clock_there_says_them_and_as_most_clocks_do(site: Site) -> None:
    """Nine o'clock on the Îles-de-la-Madeleine is eight in Montréal, and an offer ends by the clock of the date."""
    number = gathering(site, seats=1, auto_hours=2000)
    assert "heure de l’Est)" not in text(site, number)
    there = site.write(lambda db: make_date(db, number, starts=in_days(50), seats=1, zone="America/Halifax"))
    site.write(lambda db: db.connection.execute("UPDATE occurrence SET version = version + 1"))
    said = "heure de l’Atlantique (de 8\u00a0h à 15\u00a0h, heure de l’Est)"
    assert said in text(site, number)
    given = form(site, number) | {"date": f"{there}:in-person"}
    for who in ("maryse", "josee"):
        assert site.as_(who).post(f"/rencontres/{number}/inscription", data=given).status_code == 303
    site.as_("maryse").post(f"/rencontres/{number}/desistement", data={"registration": hers(site, number, "maryse")})
    for words in (site.as_("josee").get(f"/rencontres/{number}/inscription").text, _letters_after(site)):
        assert said in words
        assert re.search(r"jusqu’au [^<,]+ à [^<,]+, heure de l’Atlantique", words)


def _letters_after(site: Site) -> str:
    post_office(site)
    return "\n".join(letters(site))

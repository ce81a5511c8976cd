"""Reading about gatherings: the list and one page, for everybody and for those who take part."""

from maillage.core import clock
from maillage.core.db import Db
from maillage.events.commands import participants, registering
from tests.conftest import Site
from tests.events.gatherings import gathering, in_days, make_date, make_gathering, make_guest

LINK = "https://salle.example/porte-secrete"


def one(site: Site, *, seats: int | None = 2, days: int = 45, mode: str = "hybrid", **more: str) -> int:
    async def write(db: Db) -> int:
        gathering_id = await make_gathering(db, **more)  # type: ignore[arg-type]
        await make_date(db, gathering_id, seats=seats, starts=in_days(days), mode=mode, online=None, online_url=LINK)
        return gathering_id

    return site.write(write)


def register(site: Site, number: int, handle: str | None) -> None:
    async def write(db: Db) -> None:
        occurrence_id = await db.connection.fetchval("SELECT id FROM occurrence WHERE gathering_id = $1", number)
        if handle is None:
            whose = await make_guest(db, "Aline Roy")
        else:
            person_id = await db.connection.fetchval("SELECT id FROM person WHERE handle = $1", handle)
            whose = await participants.of_account(db, person_id=person_id, locale="fr-CA")
        await registering.register(
            db, occurrence_id=occurrence_id, way="in-person", participant_id=whose, now=clock.now(), by=None
        )

    site.write(write)


def test_the_address_without_its_words_leads_to_the_one_with_them(site: Site) -> None:
    number = one(site)
    assert site.stranger.get(f"/rencontres/{number}").status_code == 301
    assert site.stranger.get(f"/rencontres/{number}-autre-titre").status_code == 301
    assert site.stranger.get(f"/rencontres/{number}-rencontre-de-sainte-brume").status_code == 200


def test_what_is_hidden_is_as_absent_as_what_is_not_there(site: Site) -> None:
    for number in (one(site, visibility="members"), one(site, state="draft")):
        for path in (f"/rencontres/{number}", f"/rencontres/{number}/inscription", f"/rencontres/{number}/bilan"):
            hidden, absent = site.stranger.get(path), site.stranger.get(path.replace(str(number), "999999"))
            assert hidden.status_code == absent.status_code == 404
        assert f"/rencontres/{number}-" not in site.stranger.get("/rencontres").text
    assert site.as_("maryse").get(f"/rencontres/{number}").status_code == 404


def test_plain_lines_have_the_spaces_that_their_own_language_wants(site: Site) -> None:
    for language, colon in (("fr-CA", "\u00a0:"), ("en", " :")):
        number = one(site, language=language, title="Un pas : puis l’autre", summary="De 9 h 30 à midi : tout.")
        site.ask("UPDATE gathering SET cost = 'Repas : 12 $' WHERE id = $1", number)
        for path in (f"/rencontres/{number}-un-pas-puis-l-autre", "/rencontres"):
            page = site.stranger.get(path).text
            for before, after in (("Un pas", " puis"), ("à midi", " tout"), ("Repas", " 12")):
                assert f"{before}{colon}{after}" in page, (path, before)


def test_registering_is_offered_to_those_who_come_and_not_to_those_who_organize(site: Site) -> None:
    path = f"/rencontres/{(number := gathering(site))}-rencontre-de-sainte-brume"
    button = f'class="button" href="/rencontres/{number}/inscription"'
    assert button in site.stranger.get(path).text
    assert button in site.as_("maryse").get(path).text
    assert button not in site.as_("thuy-linh").get(path).text


def test_the_page_says_that_it_is_full_at_once(site: Site) -> None:
    number = one(site, seats=1)
    path = f"/rencontres/{number}-rencontre-de-sainte-brume"
    assert "Complet" not in site.stranger.get(path).text
    register(site, number, None)
    assert "Complet" in site.stranger.get(path).text


def test_her_own_place_shows_to_her_alone(site: Site) -> None:
    number = one(site, seats=1)
    path = f"/rencontres/{number}-rencontre-de-sainte-brume"
    register(site, number, "maryse")
    register(site, number, "josee")
    assert "Inscription confirmée" in site.as_("maryse").get(path).text
    assert (
        "en attente" in site.as_("josee").get(path).text.lower()
        or "Liste d’attente" in site.as_("josee").get(path).text
    )
    for who in (site.stranger, site.as_("felix")):
        assert "Inscription confirmée" not in who.get(path).text


def test_the_address_online_is_on_no_page_for_those_who_are_not_coming(site: Site) -> None:
    number = one(site)
    register(site, number, "josee")
    paths = ("/rencontres", f"/rencontres/{number}-rencontre-de-sainte-brume", f"/rencontres/{number}/inscription")
    for who in (site.stranger, site.as_("maryse")):
        for path in paths:
            assert LINK not in who.get(path).text


def test_the_list_is_what_is_coming_the_nearest_first_and_what_has_been_is_elsewhere(site: Site) -> None:
    site.write(lambda db: db.connection.execute("TRUNCATE gathering CASCADE"))
    one(site, days=30, title="La troisième")
    one(site, days=10, title="La deuxième")
    one(site, days=-10, title="La première")
    coming, past = site.stranger.get("/rencontres").text, site.stranger.get("/rencontres?passees=1").text
    assert coming.index("La deuxième") < coming.index("La troisième")
    assert "La première" not in coming
    assert "La première" in past
    assert "La deuxième" not in past


def test_a_list_says_what_has_changed_of_a_date(site: Site) -> None:
    site.write(lambda db: db.connection.execute("TRUNCATE gathering CASCADE"))
    number = one(site, seats=1, mode="in-person")
    full = "Complet, avec liste d’attente"
    assert full not in site.stranger.get("/rencontres").text
    register(site, number, "josee")
    assert full in site.stranger.get("/rencontres").text
    # What has not changed is not asked for again.
    assert site.stranger.get("/rencontres").headers["x-queries"] == "2"
    site.ask("UPDATE gathering SET title = 'Un autre nom', version = version + 1 WHERE id = $1", number)
    assert "Un autre nom" in site.stranger.get("/rencontres").text


def test_a_long_list_goes_on_where_it_ended(site: Site) -> None:
    site.write(lambda db: db.connection.execute("TRUNCATE gathering CASCADE"))
    for day in range(1, 24):
        one(site, days=day, title=f"Rencontre numéro {day:02}")
    first = site.stranger.get("/rencontres").text
    assert "numéro 20" in first
    assert "numéro 21" not in first
    more = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = site.stranger.get(more).text
    assert "numéro 21" in second
    assert "numéro 23" in second
    assert "numéro 20" not in second


def test_a_page_asks_the_same_however_many_come(site: Site) -> None:
    number = one(site, seats=40)
    path = f"/rencontres/{number}-rencontre-de-sainte-brume"
    site.stranger.get("/rencontres/modules")

    def cost(who: str | None) -> int:
        browser = site.stranger if who is None else site.as_(who)
        return int(browser.get(path).headers["x-queries"])

    made = cost(None)
    assert made <= 5
    assert cost(None) == 1
    register(site, number, "josee")
    assert cost(None) == made
    assert cost("josee") <= 4
    assert int(site.stranger.get("/rencontres").headers["x-queries"]) <= 4

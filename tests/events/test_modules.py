"""Trainings that come back: where they are given and waited for, and being told of a date."""

import re

import pytest

from maillage.core import clock
from maillage.core.db import Db
from maillage.core.jobs import REGISTRY, Tools
from maillage.events.commands import modules, registering
from tests.conftest import Site
from tests.events.gatherings import in_days, make_date, make_gathering, make_guest
from tests.events.post import post_office

PATH = "/rencontres/modules/lire-son-milieu"


@pytest.fixture
def module(site: Site) -> int:
    """The first module of the demonstration, that nobody waits for and nobody gives yet."""
    site.write(lambda db: db.connection.execute("TRUNCATE gathering, module_interest CASCADE"))
    return int(site.ask("SELECT id FROM term WHERE taxonomy = 'module' AND slug = 'lire-son-milieu'"))


def given(site: Site, module_id: int, region: str, *, seats: int = 2, days: int = 45, **more: object) -> int:
    """A gathering that gives it there."""

    async def write(db: Db) -> int:
        gathering_id = await make_gathering(db, title="Lire son milieu à Rimouski", **more)  # type: ignore[arg-type]
        await db.connection.execute("UPDATE gathering SET module_id = $2 WHERE id = $1", gathering_id, module_id)
        occurrence_id = await make_date(db, gathering_id, seats=seats, starts=in_days(days))
        await db.connection.execute(
            "UPDATE occurrence SET region_id = (SELECT id FROM term WHERE taxonomy = 'region' AND slug = $2) "
            "WHERE id = $1",
            occurrence_id,
            region,
        )
        return gathering_id

    return site.write(write)


def cell(page: str, region: str) -> str:
    found = re.search(rf'data-region="{region}">.*?</td>', page, re.DOTALL)
    assert found is not None
    return found[0]


def test_the_grid_says_where_it_is_offered_full_past_and_never(site: Site, module: int) -> None:
    given(site, module, "bas-saint-laurent")
    given(site, module, "mauricie", seats=0)
    given(site, module, "estrie", days=-20)
    page = site.stranger.get("/rencontres/modules").text
    assert "Offerte" in cell(page, "Bas-Saint-Laurent")
    assert "Complète" in cell(page, "Mauricie")
    assert "A été offert" in cell(page, "Estrie")
    assert "Jamais offert" in cell(page, "Laval")


def test_a_date_with_a_seat_that_somebody_waits_for_is_full(site: Site, module: int) -> None:
    gathering_id = given(site, module, "mauricie", seats=1)

    async def two(db: Db) -> None:
        occurrence_id = await db.connection.fetchval("SELECT id FROM occurrence WHERE gathering_id = $1", gathering_id)
        for name in ("Aline Roy", "Basile Roy"):
            guest = await make_guest(db, name)
            await registering.register(
                db, occurrence_id=occurrence_id, way="in-person", participant_id=guest, now=clock.now(), by=None
            )

    site.write(two)
    assert "Complète" in cell(site.stranger.get("/rencontres/modules").text, "Mauricie")
    assert "1 en liste d’attente" in site.stranger.get(PATH).text


def test_what_is_for_members_is_not_counted_for_strangers(site: Site, module: int) -> None:
    given(site, module, "mauricie", visibility="members")
    assert "Jamais offert" in cell(site.stranger.get("/rencontres/modules").text, "Mauricie")
    assert "Offerte" in cell(site.as_("maryse").get("/rencontres/modules").text, "Mauricie")
    assert "à Rimouski" not in site.stranger.get(PATH).text


def test_drafts_and_cancelled_dates_do_not_show(site: Site, module: int) -> None:
    given(site, module, "mauricie", state="draft")
    given(site, module, "mauricie", state="cancelled")
    assert "Jamais offert" in cell(site.as_("thuy-linh").get("/rencontres/modules").text, "Mauricie")


def test_she_says_where_she_wishes_it_and_says_so_no_more(site: Site, module: int) -> None:
    maryse = site.as_("maryse")
    for _twice in range(2):
        assert maryse.post(f"{PATH}/interet", data={"region": "mauricie"}).status_code == 303
    assert "1 personne l’attend" in cell(site.stranger.get("/rencontres/modules").text, "Mauricie")
    assert "Ne plus me prévenir" in maryse.get(PATH).text
    assert maryse.post(f"{PATH}/interet", data={"stop": "mauricie"}).status_code == 303
    assert "Ne plus me prévenir" not in maryse.get(PATH).text
    assert site.ask("SELECT count(*) FROM module_interest") == 0


def test_without_a_region_she_is_asked_for_one(site: Site, module: int) -> None:
    answer = site.as_("maryse").post(f"{PATH}/interet", data={"region": ""})
    assert answer.status_code == 422
    assert "Choisissez la région" in answer.text


def test_a_stranger_is_asked_to_sign_in(site: Site, module: int) -> None:
    answer = site.stranger.post(f"{PATH}/interet", data={"region": "mauricie"})
    assert answer.status_code == 403
    assert site.ask("SELECT count(*) FROM module_interest") == 0


def test_a_module_that_is_not_there_is_absent(site: Site) -> None:
    assert site.stranger.get("/rencontres/modules/voler").status_code == 404


def told(site: Site, gathering_id: int) -> int:
    return site.write(lambda db: modules.tell_those_who_wait(db, gathering_id=gathering_id, now=clock.now()))


def letters(site: Site) -> list[str]:
    return [path.read_text() for path in (site.settings.data_dir / "letters").glob("*.eml")]


def test_those_who_wait_there_are_told_once_and_nobody_else(site: Site, module: int) -> None:
    site.as_("maryse").post(f"{PATH}/interet", data={"region": "mauricie"})
    site.as_("josee").post(f"{PATH}/interet", data={"region": "cote-nord"})
    gathering_id = given(site, module, "mauricie")
    assert told(site, gathering_id) == 1
    assert "Une formation que vous attendez" in site.as_("maryse").get("/moi/avis").text
    assert "Une formation que vous attendez" not in site.as_("josee").get("/moi/avis").text


def test_publishing_tells_those_who_wait_once_and_not_her_who_publishes(site: Site, module: int) -> None:
    for handle in ("maryse", "thuy-linh"):
        site.as_(handle).post(f"{PATH}/interet", data={"region": "mauricie"})
    gathering_id = given(site, module, "mauricie", state="draft")
    waiting = "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'module_offered'"
    assert site.ask(waiting) == 0
    for _twice in range(2):
        assert site.as_("thuy-linh").post(f"/rencontres/{gathering_id}/publier").status_code == 303
    assert site.ask(waiting) == 1
    for handle, times in (("maryse", 1), ("thuy-linh", 0)):
        assert site.as_(handle).get("/moi/avis").text.count("Une formation que vous attendez") == times
    # She wishes it no more before the letter leaves: none leaves.
    site.as_("maryse").post(f"{PATH}/interet", data={"stop": "mauricie"})
    assert post_office(site, "module_offered") == 1
    assert letters(site) == []


def test_a_date_online_is_for_every_region(site: Site, module: int) -> None:
    site.as_("josee").post(f"{PATH}/interet", data={"region": "cote-nord"})
    gathering_id = given(site, module, "mauricie")
    site.ask("UPDATE occurrence SET region_id = NULL, mode = 'online' WHERE gathering_id = $1", gathering_id)
    assert told(site, gathering_id) == 1


def test_the_letter_stops_with_one_click_and_looking_stops_nothing(site: Site, module: int) -> None:
    maryse = site.as_("maryse")
    maryse.post(f"{PATH}/interet", data={"region": "mauricie"})
    gathering_id = given(site, module, "mauricie")
    told(site, gathering_id)
    person_id = site.ask("SELECT id FROM person WHERE handle = 'maryse'")
    assert maryse.portal is not None
    tools = Tools(site.app.state.database, site.settings)
    maryse.portal.call(REGISTRY["module_offered"].work, tools, {"gathering_id": gathering_id, "person_id": person_id})
    (letter,) = letters(site)
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in letter
    header = re.search(r"^List-Unsubscribe: <(\S+)>\s*$", letter, re.MULTILINE)
    assert header is not None
    link = header[1].removeprefix(site.settings.base_url)
    assert site.stranger.get(link).status_code == 200
    assert site.ask("SELECT count(*) FROM module_interest") == 1
    assert site.stranger.post(link.replace("jeton=", "jeton=x")).status_code == 404
    assert site.stranger.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 303
    assert site.ask("SELECT count(*) FROM module_interest") == 0


def test_no_letter_leaves_once_she_wishes_none_or_it_is_off(site: Site, module: int) -> None:
    maryse = site.as_("maryse")
    maryse.post(f"{PATH}/interet", data={"region": "mauricie"})
    gathering_id = given(site, module, "mauricie")
    told(site, gathering_id)
    site.ask("UPDATE gathering SET state = 'cancelled' WHERE id = $1", gathering_id)
    person_id = site.ask("SELECT id FROM person WHERE handle = 'maryse'")
    assert maryse.portal is not None
    tools = Tools(site.app.state.database, site.settings)
    maryse.portal.call(REGISTRY["module_offered"].work, tools, {"gathering_id": gathering_id, "person_id": person_id})
    assert letters(site) == []


def test_the_grid_asks_as_much_for_one_date_as_for_many(site: Site, module: int) -> None:
    def cost() -> str:
        return site.stranger.get("/rencontres/modules").headers["x-queries"]

    # The words of the lists are read once.
    cost()
    first = cost()
    for _more in range(3):
        given(site, module, "mauricie", days=40 + _more)
    assert cost() == first

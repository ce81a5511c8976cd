"""Pages name terms from memory, and never from one that is out of date."""

from typing import Any

from starlette.requests import Request

from maillage.core.db import query_count
from maillage.taxonomies.queries.vocabulary import Vocabulary, vocabulary
from tests.conftest import Site
from tests.taxonomies.keeping import change, epoch, send


def words(site: Site, *, known: int | None = None) -> tuple[Vocabulary, int]:
    """The words of now, and how many questions they took. `known`: the epoch that the page has read already."""

    async def act(db: Any) -> tuple[Vocabulary, int]:
        counter = [0]
        token = query_count.set(counter)
        found = await vocabulary(Request({"type": "http", "app": site.app}), db, known)
        query_count.reset(token)
        return found, counter[0]

    return site.write(act)


def test_a_page_that_knows_the_epoch_asks_nothing(site: Site) -> None:
    first, _questions = words(site)
    again, questions = words(site, known=epoch(site))
    assert again is first
    assert questions == 0


def test_another_page_asks_for_the_epoch_alone(site: Site) -> None:
    words(site)
    assert words(site)[1] == 1


def test_a_change_shows_at_once(site: Site) -> None:
    estrie = words(site)[0].find("region", "estrie")
    assert estrie is not None
    change(site, "/region/estrie", en="Eastern Townships")
    now, questions = words(site)
    assert now.label(estrie.id, "en") == "Eastern Townships"
    assert now.label(estrie.id, "fr-CA") == "Estrie"
    assert questions == 2


def test_terms_come_in_order_each_parent_before_its_children(site: Site) -> None:
    found = words(site)[0]
    regions = [word.code for word in found.offered("region")]
    assert regions[:17] == [f"{number:02}" for number in range(1, 18)]
    slugs = [word.slug for word in found.offered("empowerment")]
    assert slugs[:2] == ["individuel", "individuel-participation"]
    assert slugs.index("communautaire") < slugs.index("communautaire-capital") < slugs.index("organisationnel")
    domains = [found.by_id[word.parent_id or 0].slug for word in found.offered("competency")]
    assert sorted(set(domains), key=domains.index) == [word.slug for word in found.offered("competency_domain")]


def test_what_was_set_aside_is_no_longer_offered_but_goes_on_being_named(site: Site) -> None:
    send(site, "/theme/logement/retrait", replacement="aines")
    send(site, "/theme/aines/retrait", replacement="jeunesse")
    found = words(site)[0]
    housing = found.find("theme", "logement")
    assert housing is not None
    assert housing not in found.offered("theme")
    assert found.label(housing.id, "en") == "Housing"
    # At the end of the chain stands what is in use.
    replacement = found.replacement(housing)
    assert replacement is not None
    assert replacement.slug == "jeunesse"


def test_what_has_no_english_is_said_in_french_never_the_other_way_round(site: Site) -> None:
    site.write(lambda db: db.connection.execute("UPDATE term SET description_en = '' WHERE slug = 'emergence'"))
    emergence = words(site)[0].find("stage", "emergence")
    assert emergence is not None
    assert emergence.description("en") == emergence.description_fr != ""
    assert emergence.question("fr-CA") == "Qui a décidé qu’il y avait un problème ou un projet?"

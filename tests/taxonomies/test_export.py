"""All lists can be taken away by anybody, in both languages, and a program that has them is told so."""

from tests.conftest import Site
from tests.taxonomies.keeping import change, send


def test_every_list_in_both_languages(site: Site) -> None:
    response = site.stranger.get("/taxonomies.json")
    assert response.headers["content-type"] == "application/json"
    lists = response.json()["taxonomies"]
    assert (lists["stage"]["fr"], lists["stage"]["en"]) == ("Étapes du cycle", "Stages of the cycle")
    assert lists["stage"]["terms"][0] == {
        "slug": "emergence",
        "fr": "Émergence et mise en relation",
        "en": "Emergence and connection",
        "description": {
            "fr": "Un besoin, une colère ou une occasion réunit des personnes;"
            " on vérifie qui est concerné et qui manque.",
            "en": "A need, an anger or an opportunity brings people together; who is concerned, and who is missing?",
        },
        "question": {
            "fr": "Qui a décidé qu’il y avait un problème ou un projet?",
            "en": "Who decided there was a problem or a project?",
        },
    }
    assert lists["region"]["terms"][4] == {
        "slug": "estrie",
        "code": "05",
        "fr": "Estrie",
        "en": "Estrie",
        "official": True,
    }
    assert lists["competency"]["terms"][0]["parent"] == "posture-pouvoir-agir"
    assert len(lists["competency"]["terms"]) == 29


def test_what_was_set_aside_is_marked(site: Site) -> None:
    send(site, "/theme/logement/retrait", replacement="aines")
    themes = site.stranger.get("/taxonomies.json").json()["taxonomies"]["theme"]["terms"]
    (housing,) = [term for term in themes if term["slug"] == "logement"]
    assert housing["deprecated"] is True
    assert housing["replaced_by"] == "aines"


def test_a_program_that_has_them_is_told_so(site: Site) -> None:
    etag = site.stranger.get("/taxonomies.json").headers["etag"]
    assert site.stranger.get("/taxonomies.json", headers={"If-None-Match": etag}).status_code == 304
    assert site.stranger.get("/taxonomies.json", headers={"If-None-Match": f"W/{etag}"}).status_code == 304
    change(site, "/region/estrie", en="Eastern Townships", code="05")
    assert site.stranger.get("/taxonomies.json", headers={"If-None-Match": etag}).status_code == 200


def test_it_is_the_same_for_everybody(site: Site) -> None:
    assert site.as_("sofia").get("/taxonomies.json").content == site.stranger.get("/taxonomies.json").content

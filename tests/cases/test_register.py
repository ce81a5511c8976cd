"""The register of a story’s people: who may open it, that each look is written down, and what may be written in it."""

import pytest

from tests.cases.people import choose, in_register, leave, page_of, write_down
from tests.cases.stories import TEXTS, story
from tests.cases.test_publish import publish, state
from tests.cases.test_states import go, hand
from tests.conftest import Site

PEOPLE = "/recits/{}/personnes"


def looks(site: Site, case_id: int) -> list[str]:
    """Who has opened the register, the latest first."""
    found: list[str] = site.ask(
        "SELECT coalesce(array_agg(coalesce(mine.handle, person.handle, case_author.name) ORDER BY r.id DESC), '{}')"
        " FROM register_reading AS r LEFT JOIN person ON person.id = r.person_id"
        " LEFT JOIN case_author ON case_author.id = r.author_id"
        " LEFT JOIN person AS mine ON mine.id = case_author.person_id WHERE r.case_id = $1",
        case_id,
    )
    return found


def test_authors_and_facilitators_alone_open_it(site: Site) -> None:
    case_id = story(site, "maryse")
    hand(site, case_id, "felix", "coauthor")
    hand(site, case_id, "linda", "reader")
    her = in_register(site, case_id, choice="nom-complet")
    for path in (PEOPLE.format(case_id), f"{PEOPLE.format(case_id)}/{her}"):
        for handle in ("maryse", "felix", "etienne"):
            answer = site.as_(handle).get(path)
            assert answer.status_code == 200
            assert "Gisèle Tremblay" in answer.text
        for browser in (site.as_("linda"), site.as_("josee"), site.as_("sofia"), site.stranger):
            answer = browser.get(path)
            assert answer.status_code == 403
            assert "Gisèle" not in answer.text
    assert looks(site, case_id) == ["etienne", "felix", "maryse"] * 2


def test_of_a_draft_facilitators_do_not_open_it(site: Site) -> None:
    case_id = story(site, "maryse", state="draft")
    assert site.as_("etienne").get(PEOPLE.format(case_id)).status_code == 404
    go(site, case_id, "maryse", "review")
    assert site.as_("etienne").get(PEOPLE.format(case_id)).status_code == 200


def test_every_look_is_written_down_and_shown(site: Site) -> None:
    case_id = story(site, "maryse")
    her = in_register(site, case_id, choice="nom-complet")
    site.as_("etienne").get(PEOPLE.format(case_id))
    site.as_("maryse").get(f"{PEOPLE.format(case_id)}/{her}")
    # A page that says what was wrong shows the register too.
    assert site.as_("maryse").post(PEOPLE.format(case_id), data={"name": ""}).status_code == 422
    assert looks(site, case_id) == ["maryse", "maryse", "etienne"]
    assert "Étienne Caron-Lavigne" in site.as_("maryse").get(PEOPLE.format(case_id)).text


def test_a_facilitator_reads_and_does_not_write(site: Site) -> None:
    case_id = story(site, "maryse")
    her = in_register(site, case_id, choice="nom-complet")
    for path, form in (
        (PEOPLE.format(case_id), {"name": "Quelqu’un", "choice": "nom-complet", "how": "verbal"}),
        (f"{PEOPLE.format(case_id)}/{her}", {"name": "Quelqu’un"}),
        (f"{PEOPLE.format(case_id)}/{her}/accord", {"choice": "nom-complet", "how": "verbal"}),
        (f"{PEOPLE.format(case_id)}/{her}/lien", {}),
    ):
        assert site.as_("etienne").post(path, data=form).status_code == 403


def test_somebody_is_written_down_with_all_that_is_known(site: Site) -> None:
    case_id = story(site, "maryse", state="draft")
    her = write_down(
        site,
        case_id,
        name="Hermine Vaugeois",
        other_names="Gigi\n\n  la voisine ",
        relation="voisine",
        shown_as="une voisine",
        quotes="Un souper!\n\nEt un autre.",
        choice="fonction-seulement",
        how="verbal",
        expires_on="2099-01-31",
    )
    row = site.write(lambda db: db.connection.fetchrow("SELECT * FROM case_person WHERE id = $1", her))
    assert row is not None
    assert (row["other_names"], row["choice"], row["how"]) == ("Gigi\nla voisine", "fonction-seulement", "verbal")
    assert str(row["expires_on"]) == "2099-01-31"
    quotes = site.ask("SELECT array_agg(body ORDER BY id) FROM case_quote WHERE person_id = $1", her)
    assert quotes == ["Un souper!", "Et un autre."]
    page = site.as_("maryse").get(f"{PEOPLE.format(case_id)}/{her}").text
    for said in ("Hermine Vaugeois", "Gigi", "Par sa fonction seulement", "De vive voix", "31 janvier 2099"):
        assert said.replace(" ", "") in page.replace("\xa0", "").replace(" ", "")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"expires_on": "hier"},
        {"expires_on": "2001-01-01"},
        {"choice": "retire"},
        {"quotes": "x" * 2001},
        {"quotes": "\n\n".join("abcdefghijklmnopqrstuvwxyz")},
    ],
)
def test_what_cannot_be_written_down_comes_back(site: Site, wrong: dict[str, str]) -> None:
    case_id = story(site, "maryse", state="draft")
    form = {"name": "Hermine", "relation": "voisine d’en face", "choice": "nom-complet", "how": "verbal"} | wrong
    answer = site.as_("maryse").post(PEOPLE.format(case_id), data=form)
    assert answer.status_code == 422
    assert "voisine d’en face" in answer.text
    assert site.ask("SELECT count(*) FROM case_person WHERE case_id = $1", case_id) == 0


def test_children_are_not_mentioned(site: Site) -> None:
    case_id = story(site, "maryse", state="draft")
    path = PEOPLE.format(case_id)
    child = {"name": "Une enfant", "under_14": "y", "how": "verbal"}
    assert site.as_("maryse").post(path, data=child | {"choice": "nom-fictif"}).status_code == 422
    her = write_down(site, case_id, name="Une enfant", under_14="y")
    page = page_of(site, case_id, her)
    assert 'value="nom-complet"' not in site.stranger.get(page).text
    assert choose(site, page, "nom-complet").status_code == 422
    accord = {"choice": "nom-complet", "how": "verbal"}
    assert site.as_("maryse").post(f"{path}/{her}/accord", data=accord).status_code == 409
    assert choose(site, page, "aucune-mention").status_code == 303
    older = write_down(site, case_id, name="Un autre", choice="nom-complet")
    younger = {"name": "Un autre", "under_14": "y"}
    assert site.as_("maryse").post(f"{path}/{older}", data=younger).status_code == 409


def test_in_a_published_story_nobody_waits_for_an_answer(site: Site) -> None:
    case_id = story(site, "maryse")
    path = PEOPLE.format(case_id)
    assert site.as_("maryse").post(path, data={"name": "Hermine", "choice": ""}).status_code == 422
    assert state(site, case_id) == "published"
    write_down(site, case_id, choice="nom-complet")


def test_a_published_story_says_of_nobody_what_they_did_not_choose(site: Site) -> None:
    case_id = story(site, "maryse", texts=TEXTS | {"tools": "Hermine Vaugeois a prêté ses chaudrons."})
    form = {"name": "Hermine Vaugeois", "choice": "nom-fictif", "how": "verbal"}
    assert site.as_("maryse").post(PEOPLE.format(case_id), data=form).status_code == 409
    her = write_down(site, case_id, choice="nom-complet")
    accord = f"{PEOPLE.format(case_id)}/{her}/accord"
    assert site.as_("maryse").post(accord, data={"choice": "nom-fictif", "how": "verbal"}).status_code == 409
    assert state(site, case_id) == "published"


def test_what_she_said_herself_is_hers_to_change(site: Site) -> None:
    case_id = story(site, "maryse", state="draft")
    her = write_down(site, case_id)
    choose(site, page_of(site, case_id, her), "aucune-mention")
    accord = f"{PEOPLE.format(case_id)}/{her}/accord"
    assert site.as_("maryse").post(accord, data={"choice": "nom-complet", "how": "verbal"}).status_code == 409
    assert site.ask("SELECT choice FROM case_person WHERE id = $1", her) == "aucune-mention"


def test_a_mistake_is_struck_out_and_an_answer_stays(site: Site) -> None:
    case_id = story(site, "maryse", state="draft")
    mistake, her = write_down(site, case_id, name="Erreur"), write_down(site, case_id)
    choose(site, page_of(site, case_id, her))
    rayer = PEOPLE.format(case_id) + "/{}/rayer"
    assert site.as_("maryse").post(rayer.format(mistake)).status_code == 303
    assert site.as_("maryse").post(rayer.format(her)).status_code == 409
    leave(site, page_of(site, case_id, her))
    assert site.as_("maryse").post(rayer.format(her)).status_code == 409
    assert site.ask("SELECT count(*) FROM case_person WHERE case_id = $1", case_id) == 1


def test_a_register_of_another_story_is_not_reached_through_this_one(site: Site) -> None:
    mine, hers = story(site, "maryse", state="draft"), story(site, "josee", state="draft")
    other = in_register(site, hers)
    path = f"{PEOPLE.format(mine)}/{other}"
    browser = site.as_("maryse")
    assert browser.get(path).status_code == 404
    for act, form in {
        "": {"name": "x"},
        "/accord": {"choice": "nom-complet", "how": "verbal"},
        "/rayer": {},
        "/lettre": {"email": "a@example.org"},
        "/lien": {},
        "/corrige": {},
        "/recrit": {},
        "/retrait": {"leave": "y"},
    }.items():
        assert browser.post(path + act, data=form).status_code == 404, act
    assert site.ask("SELECT name FROM case_person WHERE id = $1", other) == "Gisèle Tremblay"


def test_the_page_says_when_the_text_has_changed_since_she_agreed(site: Site) -> None:
    case_id = story(site, "maryse", state="draft", texts=TEXTS | {"tools": "Hermine Vaugeois cuisine."})
    her = write_down(site, case_id, choice="nom-complet")
    path = f"{PEOPLE.format(case_id)}/{her}"
    said = "Ce que le récit dit d’elle a changé depuis."
    assert said not in site.as_("maryse").get(path).text
    site.ask("UPDATE case_text SET body_md = 'Hermine Vaugeois ne cuisine plus.' WHERE field = 'tools'")
    page = site.as_("maryse").get(path).text
    assert said in page
    assert "Hermine Vaugeois cuisine." in page


def test_everything_in_order_it_is_published(site: Site) -> None:
    case_id = story(site, "maryse", state="draft")
    her = write_down(site, case_id)
    assert publish(site, case_id).status_code == 409
    choose(site, page_of(site, case_id, her))
    assert publish(site, case_id).status_code == 303

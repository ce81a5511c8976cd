"""A discussion that moves to a closed circle takes its title with it, from every page that had named it."""

from dataclasses import dataclass

import pytest

from tests.abuse.acts.asking import MODERATOR
from tests.abuse.conftest import circle_of, patient
from tests.conftest import Site

TITLE = "Rachat de la Coopérative Zibeline"
SLUG = "rachat-de-la-cooperative-zibeline"


@dataclass(frozen=True, slots=True)
class Moving:
    """A public discussion on its way to the circle: its number, and a public one that speaks of it."""

    site: Site
    number: int
    witness: int

    def to_the_circle(self, number: int | None = None) -> None:
        space = circle_of(self.site).space
        patient(self.site)
        moved = self.site.as_(MODERATOR).post(
            f"/discussions/{number or self.number}/changer-espace", data={"space": space}
        )
        assert moved.status_code == 303

    def read_everything(self) -> dict[str, str]:
        """What a stranger sees, in each language and each order."""
        pages = {}
        witness = self.site.stranger.get(f"/discussions/{self.witness}").headers["location"]
        for path in ("/", "/discussions", "/discussions/espaces/pratiques", "/moderation/journal", witness):
            for query in ("", "?ordre=date"):
                for language in ("fr-CA", "en"):
                    self.site.stranger.cookies.set("langue", language)
                    page = self.site.stranger.get(path + query)
                    assert page.status_code == 200
                    pages[f"{path}{query} {language}"] = page.text
        return pages


def post(site: Site, who: str, path: str, **form: str) -> str:
    patient(site)
    response = site.as_(who).post(path, data=form)
    assert response.status_code == 303, response.text
    return response.headers["location"]


def start(site: Site, who: str, title: str, body: str) -> int:
    location = post(site, who, "/discussions/nouvelle", space="pratiques", title=title, body=body)
    return int(location.rpartition("/")[2])


@pytest.fixture
def moving(site: Site) -> Moving:
    # Somebody who looks after both.
    site.write(
        lambda db: db.connection.execute(
            "INSERT INTO space_member (space_id, person_id, role) SELECT space.id, person.id, 'facilitator'"
            " FROM space, person WHERE visibility = 'closed' AND handle = $1",
            MODERATOR,
        )
    )
    witness = start(site, "karine", "Un témoin", "Rien encore.")
    number = start(site, "maryse", TITLE, f"Zibeline se vend. Comparer avec #{witness}.")
    return Moving(site, number, witness)


def gone(pages: dict[str, str]) -> None:
    for where, page in pages.items():
        assert TITLE not in page, where
        assert SLUG not in page, where


def test_it_leaves_lists_and_back_links(moving: Moving) -> None:
    before = moving.read_everything()
    assert sum(TITLE in page for page in before.values()) >= 12
    moving.to_the_circle()
    gone(moving.read_everything())


def test_messages_that_named_it_name_a_number_only(moving: Moving) -> None:
    post(moving.site, "karine", f"/discussions/{moving.witness}/repondre", body=f"Comme dans #{moving.number}.")
    before = moving.read_everything()
    moving.to_the_circle()
    after = moving.read_everything()
    gone(after)
    witness = next(page for where, page in after.items() if f"/discussions/{moving.witness}-" in where)
    assert f"#{moving.number}" in witness
    assert before.keys() == after.keys()


def test_a_summary_that_named_it_names_a_number_only(moving: Moving) -> None:
    path = f"/discussions/{moving.witness}/synthese"
    post(moving.site, MODERATOR, path, body=f"Se règle dans #{moving.number}.", covers="1")
    assert any("Se règle dans" in page and TITLE in page for page in moving.read_everything().values())
    moving.to_the_circle()
    gone(moving.read_everything())


def test_the_first_message_of_a_list_names_a_number_only(moving: Moving) -> None:
    start(moving.site, "karine", "Un autre", f"#{moving.number}")
    moving.to_the_circle()
    gone(moving.read_everything())


def test_a_browser_that_knew_the_page_is_given_the_new_one(moving: Moving) -> None:
    stranger = moving.site.stranger
    path = stranger.get(f"/discussions/{moving.witness}").headers["location"]
    kept = {where: stranger.get(where).headers["etag"] for where in (path, "/", "/discussions")}
    assert all(stranger.get(where, headers={"If-None-Match": tag}).status_code == 304 for where, tag in kept.items())
    moving.to_the_circle()
    for where, tag in kept.items():
        again = stranger.get(where, headers={"If-None-Match": tag})
        assert again.status_code == 200, where
        assert TITLE not in again.text


def test_letters_lists_and_previews_of_outsiders_know_it_no_more(moving: Moving) -> None:
    site = moving.site
    post(site, "karine", f"/discussions/{moving.number}/repondre", body="Je suis.")
    post(site, "karine", f"/discussions/{moving.number}/suivre", follow="1")
    moving.to_the_circle()
    karine = site.as_("karine")
    patient(site)
    previewed = karine.post("/discussions/apercu", data={"body": f"#{moving.number} [x](/discussions/{moving.number})"})
    assert previewed.status_code == 200
    for page in (previewed, *(karine.get(path) for path in ("/", "/discussions", "/discussions/brouillons"))):
        assert TITLE not in page.text
    assert karine.get(f"/discussions/{moving.number}/m/2/modifier").status_code == 404
    assert karine.get(f"/discussions/{moving.number}/m/2").status_code == 404


def test_those_inside_still_see_it(moving: Moving) -> None:
    moving.to_the_circle()
    page = moving.site.as_("josee").get(f"/discussions/{moving.number}-{SLUG}")
    assert page.status_code == 200
    assert TITLE in page.text


def test_a_branch_made_a_discussion_and_moved_is_not_named_where_it_came_from(moving: Moving) -> None:
    post(moving.site, "karine", f"/discussions/{moving.witness}/repondre", body="Une branche.")
    split = f"/discussions/{moving.witness}/m/2/separer"
    location = post(moving.site, MODERATOR, split, title=f"{TITLE} bis", kind="question")
    assert any(f"{TITLE} bis" in page for page in moving.read_everything().values())
    moving.to_the_circle(int(location.rpartition("/")[2]))
    moving.to_the_circle()
    gone(moving.read_everything())


def test_a_discussion_that_comes_out_of_the_circle_names_nothing_of_it(moving: Moving) -> None:
    """The other way round: what a message could say among the members it may not say in public."""
    site, circle = moving.site, circle_of(moving.site)
    location = post(
        site, MODERATOR, "/discussions/nouvelle", space=circle.space, title="Va sortir", body=f"Voir #{circle.thread}."
    )
    number = location.rpartition("/")[2]
    path = f"/discussions/{number}/synthese"
    post(site, MODERATOR, path, body=f"Tout est dans #{circle.thread}.", covers="1")
    shown = site.as_("josee").get(f"/discussions/{number}-va-sortir").text
    assert circle.title in shown
    assert "Tout est dans" in shown
    post(site, MODERATOR, f"/discussions/{number}/changer-espace", space="pratiques")
    for page in (site.stranger.get(f"/discussions/{number}-va-sortir"), site.stranger.get("/")):
        assert page.status_code == 200
        assert circle.title not in page.text
        assert circle.slug not in page.text

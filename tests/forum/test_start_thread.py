"""Starting a discussion: a text is enough."""

from tests.conftest import Site
from tests.forum import acts

BOX = {"space": "pratiques", "title": "", "kind": ""}


def test_a_text_alone_makes_a_discussion(site: Site) -> None:
    address = acts.done(acts.press(site, "maryse", "/discussions/nouvelle", **BOX, body="Qui a une clé?"))
    page = site.stranger.get(site.stranger.get(address).headers["location"])
    assert page.status_code == 200
    assert '<h1 lang="fr-CA">Qui a une clé?</h1>' in page.text


def test_it_stands_first_in_its_space_at_once(site: Site) -> None:
    site.stranger.get("/discussions/espaces/pratiques")
    acts.done(acts.press(site, "maryse", "/discussions/nouvelle", **BOX, body="Un mot tout neuf"))
    page = site.stranger.get("/discussions/espaces/pratiques").text
    unpinned = page[page.index("Bienvenue") :]
    assert "Un mot tout neuf" in unpinned
    assert unpinned.index("Un mot tout neuf") < unpinned.index("Comment annoncez-vous")


def test_its_first_message_is_number_one_at_the_root(site: Site) -> None:
    thread_id = acts.start(site)
    assert acts.shape(site, thread_id) == [(1, None)]
    assert site.ask("SELECT path FROM post WHERE thread_id = $1", thread_id) == b"\0\0\1"


def test_a_stranger_is_asked_to_sign_in_and_keeps_her_text(site: Site) -> None:
    answer = site.stranger.post("/discussions/nouvelle", data=BOX | {"body": "Des mots à garder"})
    assert answer.status_code == 403
    assert "Des mots à garder" in answer.text
    assert site.ask("SELECT count(*) FROM post WHERE body_md = 'Des mots à garder'") == 0


def test_nobody_starts_anything_where_she_cannot_read(site: Site) -> None:
    form = BOX | {"space": "cercle-du-jeudi", "body": "Laissez-moi entrer"}
    assert acts.press(site, "marc-antoine", "/discussions/nouvelle", **form).status_code == 422
    assert site.ask("SELECT count(*) FROM post WHERE body_md = 'Laissez-moi entrer'") == 0


def test_a_member_of_a_closed_group_starts_a_discussion_there(site: Site) -> None:
    form = BOX | {"space": "cercle-du-jeudi", "body": "Entre nous"}
    acts.done(acts.press(site, "maryse", "/discussions/nouvelle", **form))
    assert "Entre nous" in site.as_("josee").get("/discussions/espaces/cercle-du-jeudi").text


def test_an_empty_text_comes_back_with_what_was_typed(site: Site) -> None:
    answer = acts.press(site, "maryse", "/discussions/nouvelle", space="pratiques", title="Mon titre", body="   ")
    assert answer.status_code == 422
    assert "Mon titre" in answer.text


def test_fields_that_are_not_in_the_form_change_nothing(site: Site) -> None:
    form = BOX | {"body": "Rien de plus", "author_id": "1", "pinned_until": "2030-01-01", "post_count": "99"}
    acts.done(acts.press(site, "maryse", "/discussions/nouvelle", **form))
    row = site.write(
        lambda db: db.connection.fetchrow(
            "SELECT handle, pinned_until, post_count FROM thread JOIN person ON person.id = author_id "
            "WHERE thread.title = 'Rien de plus'"
        )
    )
    assert row is not None
    assert tuple(row) == ("maryse", None, 1)


def test_her_capacity_and_organization_are_those_of_the_moment(site: Site) -> None:
    acts.done(acts.press(site, "marc-antoine", "/discussions/nouvelle", **BOX, body="Je finance"))
    site.ask(
        "UPDATE membership SET ended_on = now()::date FROM person "
        "WHERE person.id = person_id AND handle = 'marc-antoine'"
    )
    assert (
        site.ask("SELECT relation FROM post WHERE body_md = 'Je finance'"),
        site.ask(
            "SELECT name FROM organization JOIN post ON organization_id = organization.id WHERE body_md = 'Je finance'"
        ),
    ) == ("bailleur-de-fonds", site.ask("SELECT name FROM organization WHERE slug = 'fondation-horizon-partage'"))


def test_whoever_starts_a_discussion_follows_it_and_has_read_it(site: Site) -> None:
    acts.done(acts.press(site, "linda", "/discussions/nouvelle", **BOX, body="I follow"))
    thread_id = site.ask("SELECT thread_id FROM post WHERE body_md = 'I follow'")
    linda = acts.viewer(site, "linda").id
    reason = "SELECT reason FROM follow WHERE kind = 'thread' AND target_id = $1 AND person_id = $2"
    assert site.ask(reason, thread_id, linda) == "started"
    assert "bar-read" in site.as_("linda").get(acts.path_of(site, thread_id)).text


def test_too_many_discussions_in_a_row_are_put_off_with_the_text(site: Site) -> None:
    answers = [
        acts.press(site, "maryse", "/discussions/nouvelle", **BOX, body=f"Texte {number}") for number in range(6)
    ]
    assert [answer.status_code for answer in answers] == [303] * 5 + [429]
    assert "Texte 5" in answers[-1].text

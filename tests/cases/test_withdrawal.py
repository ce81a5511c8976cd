"""Somebody withdraws: the story is off line at once, and her name is nowhere any more."""

import json
import re
import unicodedata
from typing import Any

import pytest

from maillage.core.db import Db
from tests.cases.people import choose, leave, page_of, write_down
from tests.cases.stories import TEXTS, story
from tests.cases.test_discussion import thread_of
from tests.cases.test_publish import publish, state
from tests.cases.test_states import go, hand, told, trace
from tests.conftest import Site
from tests.uploads import NAME as FILE
from tests.uploads import key_of, upload

NAME, QUOTE = "Hermine Vaugeois-Paré", "Je ne voulais plus mettre les pieds là, moi."
FORMS = ("hermine", "vaugeois", "miminette", "la dame aux beignes", "plus mettre les pieds")
SAYS = f"Un soir, {NAME} (Miminette, la dame aux beignes) a dit : « {QUOTE} » Mme Vaugeois est revenue."


def plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    folded = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return re.sub(r"[\W_]+", " ", folded)


def everywhere(site: Site) -> list[str]:
    """The tables in which her name, or her words, can be found, with where."""

    async def scan(db: Db) -> list[str]:
        tables = await db.connection.fetch(
            "SELECT relname FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace"
            " WHERE relkind IN ('r', 'p') AND nspname = 'public'"
        )
        assert len(tables) > 50
        found = []
        for (table,) in tables:
            rows = await db.connection.fetch(f"SELECT to_jsonb(t) AS one FROM {table} AS t")  # noqa: S608
            for row in rows:
                for column, value in row["one"].items():
                    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                    if text.startswith("\\x"):
                        text = bytes.fromhex(text[2:]).decode("latin-1") + bytes.fromhex(text[2:]).decode(
                            errors="replace"
                        )
                    found += [f"{table}.{column}: {text[:200]}" for form in FORMS if form in plain(text)]
        return found

    return site.write(scan)


@pytest.fixture
def told_of_her(site: Site) -> tuple[int, str]:
    """A published story in which she is named wherever a name can be; its number, and the address of her page."""
    case_id = story(
        site,
        "maryse",
        state="draft",
        title=f"Le retour de {NAME}",
        locality="Rang de la dame aux beignes",
        texts=TEXTS
        | {"summary": SAYS, "what_we_did": f"Avant.\n\n{SAYS}\n\nAprès, **HERMÏNE** Vaugeois.", "tools": SAYS},
        changed={"capacites-communaute": "H&eacute;rmine Vaugeois-Pare préside."},
    )
    hand(site, case_id, "felix", "coauthor")
    her = write_down(
        site, case_id, name=NAME, other_names="Miminette\nla dame aux beignes", relation="voisine", quotes=QUOTE
    )
    page = page_of(site, case_id, her)
    assert choose(site, page).status_code == 303
    other = write_down(site, case_id, name="Roland Dubois", choice="aucune-mention")
    site.as_("maryse").post(
        f"/recits/{case_id}/personnes/{other}",
        data={
            "name": "Roland Dubois",
            "relation": f"mari de {NAME}",
            "quotes": f"Disait Miminette : « {QUOTE} »",
        },
    )
    assert publish(site, case_id).status_code == 303
    _behind_the_scenes(site, case_id)
    _in_the_forum(site, case_id)
    return case_id, page


def _behind_the_scenes(site: Site, case_id: int) -> None:
    async def write(db: Db) -> None:
        do = db.connection.execute
        author = await db.connection.fetchval("SELECT min(id) FROM case_author WHERE case_id = $1", case_id)
        await do("UPDATE practice_case SET excerpt = left($2, 60) WHERE id = $1", case_id, SAYS)
        await do(
            "INSERT INTO case_revision (case_id, field, body, replaced_by_id) VALUES ($1, 'lessons', $2, $3)",
            case_id,
            SAYS,
            author,
        )
        await do(
            "INSERT INTO case_draft (case_id, author_id, section, sequence, fields) VALUES ($1, $2, 'tools', 1, $3)",
            case_id,
            author,
            {"tools": SAYS, "rows": [{"role": "Miminette"}]},
        )
        await do(
            "INSERT INTO case_remark (case_id, author_id, field, body) VALUES ($1, $2, 'tools', $3)",
            case_id,
            author,
            SAYS,
        )
        await do(
            "INSERT INTO case_actor (case_id, position, family_id, role)"
            " SELECT $1, 1, min(id), 'hermine vaugeois pare, bénévole' FROM term WHERE taxonomy = 'family'",
            case_id,
        )
        await do(
            "INSERT INTO case_event (case_id, to_state, cause, note) VALUES ($1, 'review', 'submitted', $2)",
            case_id,
            "Attendre Miminette",
        )
        await do("INSERT INTO case_author (case_id, kind, name) VALUES ($1, 'validator', $2)", case_id, NAME)
        await do("UPDATE case_person SET text_shown = $2 WHERE case_id = $1 AND name LIKE 'Rol%'", case_id, SAYS)
        for key, kind, subject in (("a" * 32, "case", case_id), ("b" * 32, "post", None)):
            of = subject or await db.connection.fetchval(
                "SELECT post.id FROM post JOIN practice_case USING (thread_id) WHERE practice_case.id = $1", case_id
            )
            await do(
                "INSERT INTO stored_file (key, subject_kind, subject_id, uploaded_by_id, kind, media_type, name, bytes,"
                " width, height, sizes, alt, right_of_use, credit, loose_since)"
                " VALUES ($1, $2, $3, 1, 'image', 'image/webp', 'hermine-vaugeois-pare.webp', 9, 9, 9, '{9}',"
                " 'Miminette rit.', 'mine', 'Photo : Hermine Vaugeois-Paré', NULL)",
                key,
                kind,
                of,
            )
        letter = {"to": "x@example.org", "text": f"{NAME} vous écrit au sujet de /recits/{case_id}"}
        await do(
            "INSERT INTO pgqueuer (priority, status, entrypoint, payload) VALUES (0, 'queued', 'send_letter', $1)",
            json.dumps(letter).encode(),
        )

    site.write(write)


def _in_the_forum(site: Site, case_id: int) -> None:
    thread = thread_of(site, case_id)
    path = f"/discussions/{thread['id']}"
    slug = site.ask("SELECT slug FROM practice_case WHERE id = $1", case_id)

    def press(handle: str, address: str, **form: str) -> Any:
        answer = site.as_(handle).post(address, data=form)
        assert answer.status_code == 303, (address, answer.text)
        return answer

    press("josee", f"{path}/repondre", body=f"J’ai connu {NAME}. @maryse, voir /recits/{case_id}-{slug}", parent="1")
    press("josee", f"{path}/m/2/modifier", body="J’ai connu Miminette.", language="fr-CA", revisions="0")
    press("felix", f"{path}/repondre", body="Et Miminette, alors?", parent="2")
    press("linda", f"{path}/repondre", body="Hermine Vaugeois, oui.", parent="3")
    press("etienne", f"{path}/m/4/signaler", reason="Elle s’appelle Miminette.")
    press("etienne", f"{path}/m/4/retirer", reason="Trop sur Hermine Vaugeois-Paré.")
    press("etienne", f"{path}/synthese", body=SAYS, covers="3", language="fr-CA")
    press("etienne", f"{path}/titre", title=f"{NAME} est de retour")
    press("etienne", f"{path}/m/3/separer", title="Miminette et nous", kind="question")
    site.as_("ibrahima").post(
        "/discussions/brouillon", data={"place": f"thread:{thread['id']}:2", "sequence": "1", "body": "Miminette dit"}
    )
    elsewhere = site.thread("Garder").partition("-")[0]
    press(
        "felix",
        f"{site.thread('Un moyen').partition('-')[0]}/repondre",
        body=f"/recits/{case_id}-{slug}",
        parent="1",
    )
    press("felix", f"{elsewhere}/repondre", body=f"Voir #{thread['id']} et /recits/{case_id}-{slug}", parent="1")


def test_her_name_is_nowhere_any_more(site: Site, told_of_her: tuple[int, str]) -> None:
    case_id, page = told_of_her
    before = {line.partition(".")[0] for line in everywhere(site)}
    # Otherwise the search would find nothing because there is nothing to find.
    assert before >= {
        *("practice_case", "case_text", "case_revision", "case_draft", "case_remark", "case_actor", "case_event"),
        *("case_author", "case_person", "case_quote", "stored_file", "pgqueuer", "thread", "post", "post_revision"),
        *("draft", "report", "moderation_entry"),
    }
    assert leave(site, page).status_code == 303
    assert everywhere(site) == []
    assert state(site, case_id) == "withdrawn"


def test_what_was_said_around_it_stays(site: Site, told_of_her: tuple[int, str]) -> None:
    case_id, page = told_of_her
    leave(site, page)
    body = site.ask("SELECT body_md FROM case_text WHERE case_id = $1 AND field = 'what_we_did'", case_id)
    assert body.startswith("Avant.\n\nUn soir, […] ([…], […]) a dit : « […]. » Mme […] est revenue.")
    html = site.ask("SELECT body_html FROM case_text WHERE case_id = $1 AND field = 'what_we_did'", case_id)
    assert "Après" in html
    assert site.ask("SELECT title FROM practice_case WHERE id = $1", case_id) == "Le retour de […]"
    assert site.ask("SELECT slug FROM practice_case WHERE id = $1", case_id) == "le-retour-de"
    # The others of the register stay in it.
    assert site.ask("SELECT count(*) FROM case_person WHERE name = 'Roland Dubois'") == 1


def address_of(site: Site, case_id: int) -> str:
    slug = site.ask("SELECT slug FROM practice_case WHERE id = $1", case_id)
    return f"/recits/{case_id}-{slug}"


def test_it_is_off_line_at_once_with_its_files(site: Site, told_of_her: tuple[int, str]) -> None:
    case_id, page = told_of_her
    path = address_of(site, case_id)
    assert site.stranger.get(path).status_code == 200
    number = site.ask("SELECT browsing FROM practice_case WHERE id = $1", case_id)
    key = key_of(upload(site.as_("maryse")))
    site.ask(
        "UPDATE stored_file SET subject_kind = 'case', subject_id = $2, loose_since = NULL WHERE key = $1", key, case_id
    )
    file = f"/fichiers/{key}/{FILE}"
    assert site.stranger.get(file).status_code == 200
    beside = [f"/recits/{case_id}.{kind}" for kind in ("pdf", "json", "md", "bib")]
    assert site.stranger.get(beside[1]).status_code == 200
    leave(site, page)
    for browser in (site.stranger, site.as_("josee")):
        for address in (path, file, *beside):
            assert browser.get(address).status_code == 404, address
    assert site.ask("SELECT browsing FROM practice_case WHERE id = $1", case_id) > number
    assert trace(site, case_id)[-1] == ("consent-withdrawn", "withdrawn", None)


def test_an_old_address_leads_on_without_saying_it(site: Site, told_of_her: tuple[int, str]) -> None:
    case_id, page = told_of_her
    story_was = address_of(site, case_id)
    thread = thread_of(site, case_id)
    talk_was = f"/discussions/{thread['id']}-{thread['slug']}"
    assert "vaugeois" in story_was
    assert "vaugeois" in talk_was
    leave(site, page)
    for was, browser in ((story_was, site.as_("maryse")), (talk_was, site.stranger)):
        answer = browser.get(was)
        assert answer.status_code == 301
        assert "vaugeois" not in answer.headers["location"]
        assert "vaugeois" not in plain(browser.get(was, follow_redirects=True).text)


def test_no_page_and_no_letter_says_it(site: Site, told_of_her: tuple[int, str]) -> None:
    case_id, page = told_of_her
    thread_id = thread_of(site, case_id)["id"]
    pages = (
        *("/", "/recits", "/recits/etapes/mise-en-oeuvre", "/recits/flux.atom", "/recits/export.json"),
        *("/recits/export.md", "/discussions", "/discussions/espaces/recits", f"/discussions/{thread_id}"),
    )
    seen = [site.stranger.get(path, follow_redirects=True) for path in pages]
    assert [answer.status_code for answer in seen] == [200] * len(pages)
    # Elsewhere its address is written down, with the words of its title.
    for begins in ("Garder", "Un moyen"):
        assert "vaugeois" in plain(site.stranger.get(site.thread(begins), follow_redirects=True).text)
    # Otherwise nothing of what follows could find it.
    assert sum("vaugeois" in plain(answer.text) for answer in seen) > 5
    leave(site, page)
    addresses = {
        site.stranger: (*pages, page, site.thread("Garder"), site.thread("Un moyen")),
        site.as_("maryse"): (f"/recits/{case_id}/etat", f"/recits/{case_id}/personnes", "/moi/avis", *pages),
    }
    for browser, paths in addresses.items():
        for path in paths:
            text = plain(browser.get(path, follow_redirects=True).text)
            assert not [form for form in FORMS if form in text], path


def test_the_authors_are_told_and_may_write_it_anew(site: Site, told_of_her: tuple[int, str]) -> None:
    case_id, page = told_of_her
    leave(site, page)
    assert told(site, "consent-withdrawn") == {"maryse", "felix"}
    assert site.ask("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'story_off_line'") == 1
    her = site.ask("SELECT id FROM case_person WHERE choice = 'retire'")
    go(site, case_id, "maryse", "draft")
    assert publish(site, case_id).status_code == 409
    assert site.as_("maryse").post(f"/recits/{case_id}/personnes/{her}/recrit").status_code == 303
    assert publish(site, case_id).status_code == 303


def test_leaving_takes_a_tick_and_happens_once(site: Site, told_of_her: tuple[int, str]) -> None:
    _case_id, page = told_of_her
    assert site.stranger.post(page + "/retrait").status_code == 422
    assert leave(site, page).status_code == 303
    assert "Vous n’êtes plus dans ce récit" in site.stranger.get(page).text
    assert leave(site, page).status_code == 409
    assert site.stranger.post(page, data={"choice": "nom-complet", "seen": "x"}).status_code == 409


def test_she_may_say_more_names(site: Site) -> None:
    case_id = story(site, "maryse", texts=TEXTS | {"tools": "La reine du rang 4 prêtait ses chaudrons."})
    her = write_down(site, case_id, choice="nom-complet")
    leave(site, page_of(site, case_id, her), more="la reine du rang 4")
    body = site.ask("SELECT body_md FROM case_text WHERE field = 'tools' AND case_id = $1", case_id)
    assert body == "[…] prêtait ses chaudrons."


def test_a_name_that_others_share_stays_theirs(site: Site) -> None:
    case_id = story(site, "maryse", texts=TEXTS | {"tools": "Hermine Vaugeois et Paul Vaugeois; la rose, la Rose."})
    write_down(site, case_id, name="Paul Vaugeois", choice="nom-complet")
    her = write_down(site, case_id, choice="nom-complet")
    leave(site, page_of(site, case_id, her))
    body = site.ask("SELECT body_md FROM case_text WHERE field = 'tools' AND case_id = $1", case_id)
    assert body == "[…] et Paul Vaugeois; la rose, la Rose."


def test_refusing_before_publication_takes_the_name_out_too(site: Site) -> None:
    case_id = story(site, "maryse", state="draft", texts=TEXTS | {"tools": "Hermine Vaugeois l’a dit."})
    her = write_down(site, case_id)
    leave(site, page_of(site, case_id, her))
    assert state(site, case_id) == "draft"
    assert not [line for line in everywhere(site) if "vaugeois" in plain(line)]
    assert told(site, "name-taken-out") == {"maryse"}


def test_an_author_or_a_facilitator_writes_down_what_somebody_said_aloud(site: Site) -> None:
    for handle in ("maryse", "etienne"):
        case_id = story(site, "maryse")
        her = write_down(site, case_id, choice="nom-complet")
        path = f"/recits/{case_id}/personnes/{her}/retrait"
        assert site.as_("josee").post(path, data={"leave": "y"}).status_code == 403
        assert site.as_(handle).post(path).status_code == 422
        assert site.as_(handle).post(path, data={"leave": "y"}).status_code == 303
        assert state(site, case_id) == "withdrawn"


def test_logs_stay_as_they_were_otherwise(site: Site, told_of_her: tuple[int, str]) -> None:
    _case_id, page = told_of_her
    leave(site, page)
    for statement in ("UPDATE moderation_entry SET reason = ''", "UPDATE post_revision SET body_md = ''"):
        with pytest.raises(Exception, match="only ever added"):
            site.ask(statement)

"""A gathering begun with another one: each part of it is copied when it is chosen, and not when it is not."""

import pytest

from maillage.core.db import Db
from tests.conftest import Site
from tests.events.test_editing import change, date_of, guests
from tests.events.test_planning import number_of, published

# What is counted of a gathering, by what is chosen.
PARTS = {
    "texts": "SELECT count(*) FROM gathering_text WHERE gathering_id = $1",
    "programme": "SELECT count(*) FROM event_question WHERE gathering_id = $1",
    "hands": "SELECT count(*) - 1 FROM gathering_hand WHERE gathering_id = $1",
    "dates": "SELECT count(*) FROM occurrence WHERE gathering_id = $1",
}


def full(site: Site) -> str:
    """One that has everything, and a date that is off."""
    number = number_of(published(site))
    change(site, number, access_entrance="yes", note_entrance="Par la ruelle.", label="Groupe de jour")
    guests(site, number, "Aline")
    hers = site.as_("thuy-linh")
    hers.post(f"/rencontres/{number}/equipe", data={"handle": "maryse", "role": "facilitator"})
    off = {"rule": "1", "times": "1"}
    hers.post(f"/rencontres/{number}/dates/{date_of(site, number)}/repeter", data=off)
    second = site.ask("SELECT max(id) FROM occurrence")
    assert hers.post(f"/rencontres/{number}/dates/{second}/annuler", data={"reason": "Non."}).status_code == 303

    async def write(db: Db) -> None:
        ask = db.connection.fetchval
        lunch = await ask(
            "INSERT INTO event_question (gathering_id, position, kind, label) VALUES ($1, 1, 'one', 'Dîner')"
            " RETURNING id",
            int(number),
        )
        soup = await ask(
            "INSERT INTO event_choice (question_id, position, label) VALUES ($1, 1, 'Soupe') RETURNING id", lunch
        )
        await ask(
            "INSERT INTO event_question (gathering_id, position, kind, label, shown_when_id)"
            " VALUES ($1, 2, 'text', 'Quelle soupe?', $2) RETURNING id",
            int(number),
            soup,
        )
        await ask(
            "INSERT INTO gathering_text (gathering_id, field, body_md, body_html, render_version, updated_by_id)"
            " SELECT id, 'notes', 'Ce qui fut dit', '', 1, created_by_id FROM gathering WHERE id = $1 RETURNING 1",
            int(number),
        )

    site.write(write)
    return number


def copied(site: Site, number: str, *what: str) -> int:
    form = {"title": "Une copie", "what": list(what)}
    answer = site.as_("thuy-linh").post(f"/rencontres/{number}/dupliquer", data=form)
    assert answer.status_code == 303
    return int(number_of(answer.headers["location"]))


@pytest.mark.parametrize("part", PARTS)
def test_each_part_comes_when_it_is_chosen_and_only_then(site: Site, part: str) -> None:
    number = full(site)
    alone, without = copied(site, number, part), copied(site, number, *(PARTS.keys() - {part}))
    for name, sql in PARTS.items():
        many = {"texts": 1, "programme": 2, "hands": 1, "dates": 1}[name]
        assert site.ask(sql, alone) == (many if name == part else 0), name
        assert site.ask(sql, without) == (0 if name == part else many), name


def test_a_copy_is_as_the_other_was_planned_and_not_as_it_went(site: Site) -> None:
    number = full(site)
    made = copied(site, number, *PARTS)
    said = "SELECT array_agg(field) FROM gathering_text WHERE gathering_id = $1"
    assert site.ask(said, made) == ["description"]
    # What leads to a question is the copy's own answer.
    assert (
        site.ask(
            "SELECT c.label FROM event_question q JOIN event_choice c ON c.id = q.shown_when_id"
            " JOIN event_question l ON l.id = c.question_id WHERE q.gathering_id = $1 AND l.gathering_id = $1",
            made,
        )
        == "Soupe"
    )
    date = site.write(lambda db: db.connection.fetchrow("SELECT * FROM occurrence WHERE gathering_id = $1", made))
    assert date is not None
    assert (date["label"], date["place"], date["state"]) == ("Groupe de jour", "Salle communautaire", "scheduled")
    assert (date["opens_at"], date["series_id"], date["reason"]) == (None, None, "")
    assert site.ask("SELECT note FROM occurrence_access WHERE occurrence_id = $1", date["id"]) == "Par la ruelle."
    assert site.ask("SELECT count(*) FROM registration WHERE occurrence_id = $1", date["id"]) == 0
    reminders = "SELECT array_agg(hours ORDER BY hours) FROM reminder_rule WHERE gathering_id = $1"
    assert site.ask(reminders, made) == site.ask(reminders, int(number)) == [3, 48]
    # Nothing of it is seen before it is published, and nothing is published that has no date.
    assert site.as_("josee").get(f"/rencontres/{made}").status_code == 404
    bare = copied(site, number, "texts")
    assert site.as_("thuy-linh").post(f"/rencontres/{bare}/publier").status_code == 409
    assert site.ask("SELECT state FROM gathering WHERE id = $1", bare) == "draft"

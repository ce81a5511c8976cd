"""Whoever organizes changes things as often as people do, and not as often as a script would."""

import pytest

from tests.conftest import Site
from tests.events.test_editing import SAME, date_of, version_in
from tests.events.test_planning import FORM, number_of, published
from tests.events.test_programme import LINE, WORKSHOPS
from tests.events.test_questions import ask

# Each is in order: it would be done, but for how many came before it.
ACTS = {
    "modifier": {"title": "Un titre meilleur", "language": "fr-CA", "registration": "open", "visibility": "public"},
    "annuler": {"reason": "Tempête"},
    "publier": {},
    "dates/nouvelle": FORM,
    "dates/{date}": SAME,
    "dates/{date}/repeter": {"rule": "1", "times": "2"},
    "dates/{date}/reporter": {"reason": "Tempête"},
    "dates/{date}/annuler": {"reason": "Tempête"},
    "equipe": {"handle": "felix", "role": "door"},
    "programme/nouveau": LINE,
    "programme/nouveau?ateliers=1": WORKSHOPS,
    "programme/{item}": LINE,
    "programme/{item}/retrait": {},
    "questions/nouvelle": {"kind": "text", "label": "D’où venez-vous?"},
    "questions/{question}": {"kind": "text", "label": "D’où venez-vous?"},
    "questions/{question}/place": {"step": "haut"},
    "questions/{question}/retrait": {},
}


@pytest.mark.parametrize("act", ACTS)
def test_what_an_organizer_sends_too_often_is_not_done(site: Site, act: str) -> None:
    number = number_of(published(site))
    hers, base = site.as_("thuy-linh"), f"/rencontres/{number}"
    question = ask(site, int(number), kind="text", label="Qui êtes-vous?")
    assert hers.post(f"{base}/programme/nouveau", data=LINE).status_code == 303
    where = {
        "date": date_of(site, number),
        "item": site.ask("SELECT max(id) FROM programme_item"),
        "question": question,
    }
    path = f"{base}/{act.format(**where)}"
    given = dict(ACTS[act])
    if act == "dates/{date}":
        given["version"] = version_in(hers.get(path).text)
    # As if she had sent as much as she may, all at once.
    site.ask("UPDATE rate_limit SET due_at = due_at + interval '1 hour' WHERE subject LIKE 'edit p%' RETURNING 1")
    assert hers.post(path, data=given).status_code == 429

"""A term is said better, everywhere at once, and nobody writes over anybody unknowingly."""

from tests.auth.members import said as shown
from tests.conftest import Site
from tests.taxonomies.keeping import change, changes, epoch, last_change, open_, said, send

ESTRIE = "/region/estrie"


def test_it_changes_everywhere(site: Site) -> None:
    before = epoch(site)
    response = change(
        site, "/stage/emergence", fr="Émergence", question_fr="Qui l'a voulu?", question_en="Who wanted it?"
    )
    assert response.status_code == 303
    assert said(site, "/stage/emergence", "fr") == "Émergence"
    assert said(site, "/stage/emergence", "question_fr") == "Qui l’a voulu?"
    assert epoch(site) > before


def test_names_are_never_empty(site: Site) -> None:
    response = change(site, ESTRIE, fr="", en="Eastern Townships")
    assert response.status_code == 422
    # What was written is still there.
    assert 'value="Eastern Townships"' in response.text
    assert said(site, ESTRIE, "en") == "Estrie"


def test_its_slug_is_no_field(site: Site) -> None:
    change(site, ESTRIE, slug="cantons", taxonomy="theme", position="1", official="", fr="Cantons-de-l’Est")
    assert said(site, ESTRIE, "fr") == "Cantons-de-l’Est"
    assert said(site, ESTRIE, "position") == 5
    assert said(site, ESTRIE, "official") is True


def test_a_list_has_no_fields_of_another(site: Site) -> None:
    change(site, ESTRIE, question_fr="Où?", question_en="Where?", scope="collective", stages="emergence")
    assert said(site, ESTRIE, "question_fr") == ""
    assert said(site, ESTRIE, "scope") is None


def test_somebody_elses_change_is_not_written_over_unknowingly(site: Site) -> None:
    late = {"fr": "Estrie", "en": "The Townships", "description_fr": "", "description_en": "", "code": "05"}
    change(site, ESTRIE, en="Eastern Townships", code="05")
    response = send(site, ESTRIE, seen="0", **late)
    assert response.status_code == 409
    assert "Somebody changed this term while you were writing." in shown(response)
    # Both are there: what she wrote, and what stands.
    assert 'value="The Townships"' in response.text
    assert "Eastern Townships</ins>" in response.text
    assert said(site, ESTRIE, "en") == "Eastern Townships"
    # Saving again is a choice.
    last = site.ask("SELECT max(id) FROM term_change")
    assert f'name="seen" value="{last}"' in response.text
    assert send(site, ESTRIE, seen=str(last), **late).status_code == 303
    assert said(site, ESTRIE, "en") == "The Townships"


def test_saving_what_stands_leaves_no_trace(site: Site) -> None:
    change(site, ESTRIE, code="05")
    assert changes(site) == 0


def test_the_trace_says_who_changed_what(site: Site) -> None:
    change(site, ESTRIE, en="Eastern Townships", code="05")
    assert last_change(site) == {
        "handle": "sofia",
        "slug": "estrie",
        "before": {"en": "Estrie"},
        "after": {"en": "Eastern Townships"},
    }
    for path in (ESTRIE, "/region"):
        page = shown(open_(site, path))
        assert "Sofia Benali" in page
        assert "<del>Estrie</del>" in page
        assert "<ins>Eastern Townships</ins>" in page


def test_the_trace_is_of_its_own_list(site: Site) -> None:
    change(site, ESTRIE, en="Eastern Townships", code="05")
    assert "Eastern Townships" not in open_(site, "/theme").text
    assert "Nothing has been changed yet." in shown(open_(site, "/region/laval"))


def test_words_stay_words(site: Site) -> None:
    change(site, ESTRIE, en="<script>x</script>", code="05")
    for path in (ESTRIE, "/region"):
        assert "<script>x" not in open_(site, path).text

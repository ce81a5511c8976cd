"""How to do what the routes of stories do, and how to ask them about something hidden."""

from typing import Any

from tests.abuse.acts.asking import ONES_OWN, STRANGER, Act, Ask, Open
from tests.cases.people import in_register
from tests.cases.stories import story
from tests.conftest import Site

_STATED = {"nobody_else": "y", "could_read": "y", "no_file": "y", "visibility": "public", "licence": "cc-by"}
ACTS: dict[str, Act] = {
    "start_case": Act(
        "maryse",
        "/recits/nouveau",
        {"title": "Un titre", "depth": "brief", "way": "page", "language": "", "message": "", "request_key": "s" * 43}
        | {"summary": "Trois phrases.", "regions": "mauricie", "scale": "", "locality": "", "stages": "emergence"},
    ),
    "save_case": Act("maryse", "/recits/{draft}/ecrire", {"title": "Un titre", "lessons": "Semer tôt."}),
    "save_case_section": Act("maryse", "/recits/{draft}/ecrire/summary", {"summary": "Trois phrases."}),
    "save_case_draft": Act(
        "maryse", "/recits/{draft}/brouillon", {"section": "summary", "sequence": "3", "summary": "Trois phrases."}
    ),
    "add_case_file": Act(
        "maryse", "/recits/{draft}/fichiers/nouveau", {"alt": "Un parc", "right_of_use": "mine", "credit": "Moi"}
    ),
    "be_present": Act("maryse", "/recits/{draft}/presence", {"section": "summary"}),
    "shape_case": Act("maryse", "/recits/{draft}/forme", {"depth": "full", "language": "fr-CA"}),
    "invite_to_case": Act(
        "maryse", "/recits/{draft}/equipe", {"kind": "reader", "handle": "josee", "name": "", "email": ""}
    ),
    "new_case_link": Act("maryse", "/recits/{draft}/equipe/999999/lien"),
    "change_case_part": Act("maryse", "/recits/{draft}/equipe/999999/part", {"kind": "reader"}),
    "take_out_of_case": Act("maryse", "/recits/{draft}/equipe/999999/retrait"),
    "enter_as_guest": Act(STRANGER, "/recits/acces/" + "x" * 43),
    "sign_case": Act("maryse", "/recits/{draft}/equipe/signature", {"relation": "", "organization": ""}),
    "place_in_case": Act("maryse", "/recits/{draft}/equipe/999999/place", {"step": "haut"}),
    "leave_as_guest": Act("maryse", "/recits/{draft}/quitter"),
    "restore_case": Act("maryse", "/recits/{draft}/historique/999999/retablir"),
    "remark_on_case": Act("maryse", "/recits/{draft}/remarques", {"field": "summary", "body": "Plus court?"}),
    "settle_remark": Act("maryse", "/recits/{draft}/remarques/999999/reglee", {"value": "1"}),
    "new_trial": Act(
        "felix",
        "/recits/{told}/essais/nouveau",
        {
            "outcome": "same",
            "region": "laval",
            "adapted": "Rien.",
            "what_happened": "Tout.",
            "title": "Essai",
            "nobody_else": "y",
            "could_read": "y",
            "no_file": "y",
        },
    ),
    "write_to_authors": Act(
        "felix", "/recits/{told}/ecrire-aux-auteurs", {"body": "Bonjour.", "address_shown": "y", "number": "un"}
    ),
    "publish_case": Act(
        "maryse",
        "/recits/{draft}/publier",
        {"nobody_else": "y", "could_read": "y", "no_file": "y", "visibility": "public", "licence": "cc-by"},
    ),
    "change_case_state": Act("maryse", "/recits/{draft}/etat", {"to": "review"}),
    "register": Act(
        "maryse", "/recits/{draft}/personnes", {"name": "Hermine", "relation": "", "choice": "", "how": "written"}
    ),
    "describe_registered": Act(
        "maryse", "/recits/{draft}/personnes/{registered}", {"name": "Hermine V.", "relation": ""}
    ),
    "write_down_consent": Act(
        "maryse", "/recits/{draft}/personnes/{registered}/accord", {"choice": "nom-complet", "how": "written"}
    ),
    "strike_out": Act("maryse", "/recits/{draft}/personnes/{registered}/rayer"),
    "ask_consent": Act("maryse", "/recits/{draft}/personnes/{registered}/lettre", {"email": "h@example.org"}),
    "hand_over": Act("maryse", "/recits/{draft}/personnes/{registered}/lien"),
    "corrected": Act("maryse", "/recits/{draft}/personnes/{registered}/corrige"),
    "rewritten": Act("maryse", "/recits/{draft}/personnes/{registered}/recrit"),
    "write_down_departure": Act("maryse", "/recits/{draft}/personnes/{registered}/retrait", {"leave": "y"}),
    "decide_consent": Act(STRANGER, "/recits/consentement/" + "x" * 43, {"choice": "nom-complet", "seen": "x"}),
    "ask_correction": Act(STRANGER, "/recits/consentement/" + "x" * 43 + "/correction", {"correction": "Un mardi."}),
    "withdraw_consent": Act(STRANGER, "/recits/consentement/" + "x" * 43 + "/retrait", {"leave": "y"}),
}
HIDDEN: dict[str, Ask | Open] = {
    "new_case": Open("its page repeats the question in its address: start_case asks it, and the tests of promoting"),
    "start_case": Ask(form={"title": "Un titre", "message": "{id}-{seq}"}),
    "write_case": Ask(),
    "save_case": Ask(form={"title": "Un titre"}),
    "write_case_section": Ask(),
    "save_case_section": Ask(form={"summary": "Trois phrases."}),
    "save_case_draft": Ask(form={"section": "summary", "sequence": "1", "summary": "Trois phrases."}),
    "new_case_file": Ask(),
    "add_case_file": Ask(form={"alt": "Un parc", "right_of_use": "mine", "credit": "Moi"}),
    "added_case_file": Ask(),
    "case_file": Ask(),
    "be_present": Ask(form={"section": "summary"}),
    "case_team": Ask(),
    "invite_to_case": Ask(form={"kind": "reader", "handle": "{handle}"}),
    "show_case_link": Ask(),
    "new_case_link": Ask(),
    "change_case_part": Ask(form={"kind": "reader"}),
    "take_out_of_case": Ask(),
    "case_guest": Ask(),
    "enter_as_guest": Ask(),
    "leave_as_guest": Ask(),
    "sign_case": Ask(form={"relation": ""}),
    "place_in_case": Ask(form={"step": "haut"}),
    "case_history": Ask(query="?avant=9"),
    "restore_case": Ask(),
    "case_remarks": Ask(),
    "remark_on_case": Ask(form={"field": "summary", "body": "Est-ce bien ainsi?"}),
    "settle_remark": Ask(form={"value": "1"}),
    "read_case_over": Ask(),
    "my_cases": ONES_OWN,
    "shape_case": Ask(form={"depth": "full", "language": "fr-CA"}),
    "publish_case": Ask(form=_STATED),
    "case_state": Ask(),
    "change_case_state": Ask(form={"to": "review"}),
    "register": Ask(form={"name": "Hermine", "choice": "", "how": "written"}),
    "registered": Ask(),
    "describe_registered": Ask(form={"name": "Hermine"}),
    "write_down_consent": Ask(form={"choice": "nom-complet", "how": "written"}),
    "strike_out": Ask(),
    "ask_consent": Ask(form={"email": "hermine@example.org"}),
    "handed_over": Ask(),
    "hand_over": Ask(),
    "corrected": Ask(),
    "rewritten": Ask(),
    "write_down_departure": Ask(form={"leave": "y"}),
    "consent": Ask(),
    "decide_consent": Ask(form={"choice": "nom-complet", "seen": "x"}),
    "ask_correction": Ask(form={"correction": "Un mardi."}),
    "withdraw_consent": Ask(form={"leave": "y"}),
    "case": Ask(),
    "case_by_number": Ask(),
    "case_pdf": Ask(),
    "case_json": Ask(),
    "case_markdown": Ask(),
    "case_bibtex": Ask(),
    "new_trial": Ask(form={"outcome": "same", "draft": "y"}),
    "write_to_authors": Ask(form={"body": "x", "address_shown": "y"}),
    "cases": Open("a list: see tests/cases/test_browsing.py"),
    "cases_feed": Open("a list: see tests/cases/test_exports.py"),
    "all_cases_json": Open("a list: see tests/cases/test_exports.py"),
    "all_cases_markdown": Open("a list: see tests/cases/test_exports.py"),
    "stages": Open("a list: see tests/cases/test_stages.py"),
    "stage": Open("the stages are public, and its lists are of what may be read: see tests/cases/test_stages.py"),
}


def places(site: Site) -> dict[str, Any]:
    draft = draft_of(site, "maryse")
    return {"draft": draft, "registered": registered_in(site, draft), "told": told(site)}


def draft_of(site: Site, handle: str) -> int:
    """A story of hers that nobody else reads, made when there is none."""
    draft: int | None = site.ask(
        "SELECT min(practice_case.id) FROM practice_case JOIN person ON person.id = created_by_id"
        " WHERE handle = $1 AND state = 'draft'",
        handle,
    )
    return draft if draft is not None else story(site, handle, state="draft")


def told(site: Site) -> int:
    """A story that everybody may read, whose authors can be written to."""
    number: int = site.ask(
        """
        UPDATE practice_case SET contact = true WHERE id =
               (SELECT min(id) FROM practice_case WHERE state = 'published' AND visibility = 'public') RETURNING id
        """
    )
    return number


def registered_in(site: Site, case_id: int) -> int:
    """Somebody who has not answered yet in the register of a story, written down when there is nobody."""
    found: int | None = site.ask("SELECT min(id) FROM case_person WHERE case_id = $1 AND choice IS NULL", case_id)
    return found if found is not None else in_register(site, case_id)

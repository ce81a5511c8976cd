"""Whoever is not in a closed circle cannot tell what is in it from what does not exist, at any address.

`ROUTES` says of every route how to ask it about something hidden and, in the same words, about something absent.
A new route that is not listed here fails the first test.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from maillage.core.db import Db
from tests.abuse.conftest import (
    ADMIN,
    FACILITATOR,
    INSIDER,
    MEMBER,
    MODERATOR,
    OUTSIDERS,
    STRANGER,
    WAITING,
    Circle,
    browser,
    circle_of,
    methods_of,
    named,
    patient,
    plain,
)
from tests.cases.people import write_down
from tests.cases.stories import story
from tests.conftest import Site
from tests.uploads import NAME, give_to_post, key_of, upload


@dataclass(frozen=True, slots=True)
class Ask:
    """How to ask a route about one thing. `{…}` in the query and the form are filled like the path.

    `same_for`: who asks; by default everybody outside the circle.
    """

    query: str = ""
    form: dict[str, str] = field(default_factory=dict)
    same_for: tuple[str, ...] = OUTSIDERS


@dataclass(frozen=True, slots=True)
class Open:
    """A route with nothing to hide, and why."""

    because: str


# A closed organization is there for its own people and for those who administer the platform.
_CLOSED = (STRANGER, MEMBER, MODERATOR, WAITING)
_ONES_OWN = Open("shows and changes what is this person's own, and names nothing else")
_TITLE, _BODY = "Un titre", "Un texte assez long pour être une réponse."
_REGISTRATION = Open("what is hidden of gatherings is absent: see tests/events/test_registering.py")
_GROUP = Open("see tests/events/test_groups.py")
_PROGRAMME = Open("see tests/events/test_programme.py")
_INVITING = Open("see tests/events/test_inviting.py")
_DESK = Open("see tests/events/test_desk.py")
_QUESTIONS = Open("see tests/events/test_questions.py")
_CALENDAR = Open("what is hidden of gatherings is absent: see tests/events/test_calendars.py")
_EDITING = Open("what is hidden of gatherings is absent: see tests/events/test_editing.py")
_DOOR = Open("what is hidden of gatherings is absent: see tests/events/test_door.py")
_THREAD = Ask()
_STATED = {"nobody_else": "y", "could_read": "y", "no_file": "y", "visibility": "public", "licence": "cc-by"}
ROUTES: dict[str, Ask | Open] = {
    "thread": Ask(query="?page=1"),
    "thread_by_number": _THREAD,
    "space": Ask(),
    "spaces": Open("a list: see test_18_counts_say_nothing.py"),
    "new_thread": Ask(query="?espace={space}", form={"space": "{space}", "title": _TITLE, "body": _BODY}),
    "preview": Ask(form={"body": "Voir #{id}, et encore [ceci](/discussions/{id})."}),
    "save_draft": Ask(form={"place": "thread:{id}:2", "sequence": "{draft_number}", "body": _BODY}),
    "drafts": _ONES_OWN,
    "discard_draft": Ask(form={"place": "thread:{id}"}),
    "follow_space": Ask(form={"follow": "1"}),
    "mark_space_read": Ask(),
    "reply": Ask(query="?parent={seq}", form={"parent": "{seq}", "body": _BODY}),
    "first_unread": _THREAD,
    "mark_read": Ask(form={"seqs": "1-3"}),
    "follow_thread": Ask(form={"follow": "1"}),
    "permalink": _THREAD,
    "actions": _THREAD,
    "edit": Ask(form={"body": _BODY, "revisions": "0"}),
    "history": _THREAD,
    "remove": Ask(form={"reason": "Parce que."}),
    "restore": _THREAD,
    "reparent": Ask(form={"parent": "1"}),
    "helpful": Ask(form={"value": "1"}),
    "report": Ask(form={"reason": "À regarder."}),
    "report_thanks": _THREAD,
    "split": Ask(form={"title": _TITLE, "kind": "question"}),
    "manage": _THREAD,
    "retitle": Ask(form={"title": _TITLE}),
    "lock": Ask(form={"reason": "Parce que."}),
    "unlock": _THREAD,
    "pin": Ask(form={"days": "3"}),
    "unpin": _THREAD,
    "move": Ask(form={"space": "pratiques"}),
    "merge": Ask(form={"into": "{public_thread}"}),
    "summarize": Ask(form={"body": _BODY, "covers": "1"}),
    "inbox": Open("a list of what one looks after: see test_20_two_circles.py"),
    "journal": Open("a list: see test_18_counts_say_nothing.py"),
    "settle": Ask(),
    "new_file": _ONES_OWN,
    "own_files": _ONES_OWN,
    "added_file": Ask(),
    "remove_file": Ask(),
    "file": Ask(),
    "front": Open("a list: see test_18_counts_say_nothing.py"),
    "about": Open("the same words for everybody"),
    "privacy": Open("the same words for everybody"),
    "alive": Open("says that the process answers"),
    "ready": Open("says that the database answers"),
    "sign_in": Open("providers and, in the demonstration, its people: see the tests of signing in"),
    "find_way_in": Open("asks nobody whose address it is: see test_45_no_address_is_told_apart.py"),
    "ask_for_link": Open("asks nobody whose address it is: see test_45_no_address_is_told_apart.py"),
    "link_sent": Open("the same words for everybody"),
    "welcome": Open("shows and takes what this browser brought: see the tests of arriving"),
    "come_in": Open("shows and takes what this browser brought: see the tests of arriving"),
    "terms": Open("the same words for everybody"),
    "depart": Ask(),
    "call_back": Open("knows only what this browser began: see the tests of signing in"),
    "call_back_of": Open("as call_back: whose it is, is asked only of what this browser began"),
    "sign_in_link": Ask(),
    "use_sign_in_link": Ask(),
    "sign_out": _ONES_OWN,
    "signed_out": Open("names a provider that the sign-in page names too: see the tests of signing out"),
    "ended_elsewhere": Ask(form={"logout_token": "x.y.z"}),
    "ways_in": _ONES_OWN,
    "add_way_in": Ask(),
    "remove_way_in": Ask(),
    "change_address": Open("asks nobody whose address it is: see the tests of ways in"),
    "proof_of_address": Ask(),
    "prove_address": Ask(),
    "end_all_sessions": _ONES_OWN,
    "account": _ONES_OWN,
    "change_account": _ONES_OWN,
    "sessions": _ONES_OWN,
    "end_other_sessions": _ONES_OWN,
    "end_session": Ask(),
    "suggestions": Ask(query="?q={handle}", same_for=(STRANGER,)),
    "person": Ask(same_for=(STRANGER,)),
    "members": Ask(same_for=_CLOSED),
    "member": Ask(same_for=_CLOSED),
    "invite": Ask(form={"emails": "a@example.org"}, same_for=_CLOSED),
    "withdraw_invitation": Ask(same_for=_CLOSED),
    "approve_member": Ask(same_for=_CLOSED),
    "decline_member": Ask(same_for=_CLOSED),
    "change_member_role": Ask(form={"role": "administrator"}, same_for=_CLOSED),
    "end_membership": Ask(same_for=_CLOSED),
    "ask_to_join": Ask(form={"note": "x"}, same_for=_CLOSED),
    "withdraw_request": Ask(same_for=_CLOSED),
    "leave": Ask(same_for=_CLOSED),
    "speak_for_oneself": _ONES_OWN,
    "speak_for": Ask(),
    "invitation": Ask(),
    "accept_invitation": Ask(),
    "admin": Open("to those who do not administer the platform, nothing is there: see the tests of /admin"),
    "administered_person": Ask(same_for=_CLOSED),
    "grant_role": Ask(form={"role": "admin", "sure": "y"}, same_for=_CLOSED),
    "revoke_role": Ask(form={"role": "admin", "sure": "y"}, same_for=_CLOSED),
    "suspend": Ask(form={"reason": "x", "sure": "y"}, same_for=_CLOSED),
    "reinstate": Ask(same_for=_CLOSED),
    "administered_organization": Ask(same_for=_CLOSED),
    "appoint": Ask(form={"handle": "{handle}"}, same_for=_CLOSED),
    "close_organization": Ask(form={"sure": "y"}, same_for=_CLOSED),
    "reopen_organization": Ask(same_for=_CLOSED),
    "switch_provider_off": Ask(same_for=_CLOSED),
    "lift_provider": Ask(same_for=_CLOSED),
    "exported_taxonomies": Open("the lists are public: see the tests of taxonomies"),
    "taxonomies": Open("to those who do not administer the platform, nothing is there: see the tests of taxonomies"),
    "taxonomy": Ask(same_for=_CLOSED),
    "new_term": Ask(same_for=_CLOSED),
    "create_term": Ask(form={"fr": "x", "en": "x"}, same_for=_CLOSED),
    "term": Ask(same_for=_CLOSED),
    "change_term": Ask(form={"fr": "x", "en": "x"}, same_for=_CLOSED),
    "place_term": Ask(form={"step": "haut"}, same_for=_CLOSED),
    "set_term_aside": Ask(same_for=_CLOSED),
    "bring_term_back": Ask(same_for=_CLOSED),
    "organizations": Open("a list of what takes part: see the tests of organizations"),
    "new_organization": _ONES_OWN,
    "found_organization": Open("names are public: see the tests of organizations"),
    "organization": Ask(same_for=_CLOSED),
    "edit_organization": Ask(form={"name": "x", "language": "fr-CA"}, same_for=_CLOSED),
    "set_up": Ask(same_for=_CLOSED),
    "choose_joining": Ask(form={"joining": "at_once"}, same_for=_CLOSED),
    "sign_in_journal": Ask(query="?reference=x", same_for=_CLOSED),
    "new_provider": Ask(query="?genre=oidc", same_for=_CLOSED),
    "connect_provider": Ask(form={"genre": "google", "label": "x", "client_id": "x"}, same_for=_CLOSED),
    "verify_provider": Ask(form={"fournisseur": "{own_provider}", "address": "x y"}, same_for=_CLOSED),
    "provider": Ask(same_for=_CLOSED),
    "change_provider": Ask(form={"label": "x", "client_id": "x"}, same_for=_CLOSED),
    "try_provider": Ask(same_for=_CLOSED),
    "switch_on_provider": Ask(same_for=_CLOSED),
    "switch_off_provider": Ask(same_for=_CLOSED),
    "remove_provider": Ask(same_for=_CLOSED),
    "domains": Ask(same_for=_CLOSED),
    "claim_domain": Ask(form={"address": "info@exemple.quebec"}, same_for=_CLOSED),
    "drop_domain": Ask(form={"domain": "exemple.quebec"}, same_for=_CLOSED),
    "domain_proof": Ask(),
    "prove_domain": Ask(),
    "own_groups": Ask(same_for=_CLOSED),
    "create_group": Ask(form={"name": "x"}, same_for=_CLOSED),
    "rename_group": Ask(form={"name": "x"}, same_for=_CLOSED),
    "put_in_group": Ask(form={"handle": "{handle}"}, same_for=_CLOSED),
    "take_out_of_group": Ask(form={"handle": "{handle}"}, same_for=_CLOSED),
    "remove_group": Ask(same_for=_CLOSED),
    "map_value": Ask(form={"value": "x", "group": "{group_id}"}, same_for=_CLOSED),
    "unmap_value": Ask(form={"value": "x", "group": "{group_id}"}, same_for=_CLOSED),
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
    "my_cases": _ONES_OWN,
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
    "gatherings": Open("a list: see tests/events/test_reading.py"),
    "gatherings_calendar": _CALENDAR,
    "gatherings_feed": _CALENDAR,
    "gathering_calendar": _CALENDAR,
    "own_calendar": _CALENDAR,
    "own_calendar_page": _ONES_OWN,
    "change_own_calendar": _ONES_OWN,
    "gathering": Open("see tests/events/test_reading.py"),
    "gathering_by_number": Open("see tests/events/test_reading.py"),
    "new_gathering": _ONES_OWN,
    "create_gathering": Open("makes one of one’s own"),
    "new_date": Open("see tests/events/test_planning.py"),
    "edit_gathering": _EDITING,
    "gathering_dates": _EDITING,
    "edit_date": _EDITING,
    "repeat_date": _EDITING,
    "postpone_date": _EDITING,
    "cancel_date": _EDITING,
    "duplicate_gathering": _EDITING,
    "gathering_team": _EDITING,
    "change_gathering_team": _EDITING,
    "publish_gathering": Open("see tests/events/test_planning.py"),
    "cancel_gathering": Open("see tests/events/test_planning.py"),
    "programme": _PROGRAMME,
    "new_programme_item": _PROGRAMME,
    "programme_item": _PROGRAMME,
    "drop_programme_item": _PROGRAMME,
    "gathering_questions": _QUESTIONS,
    "new_gathering_question": _QUESTIONS,
    "gathering_question": _QUESTIONS,
    "place_gathering_question": _QUESTIONS,
    "drop_gathering_question": _QUESTIONS,
    "gathering_invitation": _INVITING,
    "accept_gathering_invitation": _INVITING,
    "gathering_invitations": _INVITING,
    "invite_to_gathering": _INVITING,
    "write_invitation_again": _INVITING,
    "withdraw_gathering_invitation": _INVITING,
    "gathering_desk": _DESK,
    "gathering_registrations": _DESK,
    "decide_registrations": _DESK,
    "gathering_registrations_csv": _DESK,
    "gathering_registrations_xlsx": _DESK,
    "gathering_letter": _DESK,
    "write_gathering_letter": _DESK,
    "gathering_material": Open("see tests/events/test_material.py"),
    "gathering_report": Open("see tests/events/test_afterwards.py"),
    "write_gathering_report": Open("see tests/events/test_afterwards.py"),
    "evaluate_gathering": Open("see tests/events/test_afterwards.py"),
    "modules": Open("modules are public, and what is counted is what may be read: see tests/events/test_modules.py"),
    "module": Open("modules are public, and its dates are those that may be read: see tests/events/test_modules.py"),
    "module_interest": Open("modules are public"),
    "module_stop_page": Open("what a letter leads to: see tests/events/test_modules.py"),
    "module_stop": Open("what a letter leads to: see tests/events/test_modules.py"),
    "sign_up_page": _REGISTRATION,
    "sign_up": _REGISTRATION,
    "withdraw_registration": _REGISTRATION,
    "move_page": _REGISTRATION,
    "move_registration": _REGISTRATION,
    "accept_seat": _REGISTRATION,
    "own_registration_page": _REGISTRATION,
    "own_registration": _REGISTRATION,
    "my_gatherings": _ONES_OWN,
    "confirm_registration": _REGISTRATION,
    "list_name": _REGISTRATION,
    "decline_date": _REGISTRATION,
    "own_move_page": Open("as own_registration: its link says whose it is"),
    "own_move": Open("as own_registration: its link says whose it is"),
    "group_seats": _GROUP,
    "hold_seats": _GROUP,
    "give_seats_back": _GROUP,
    "accept_group_seats": _GROUP,
    "group_seat": _GROUP,
    "name_seat": _GROUP,
    "door": _DOOR,
    "note_arrival": _DOOR,
    "door_worker": Open("our own script, the same for every gathering, whether there is one or not"),
    "sign_in_sheet": _DOOR,
    "type_in_sheet": _DOOR,
    "badges": _DOOR,
    "certificate": Open("its address is its secret: see tests/events/test_door.py"),
    "stage": Open("the stages are public, and its lists are of what may be read: see tests/cases/test_stages.py"),
    "notices": _ONES_OWN,
    "mark_notices_read": _ONES_OWN,
    "static": Open("our own files"),
}


def test_every_route_says_what_it_hides() -> None:
    unlisted = named().keys() - ROUTES.keys()
    assert not unlisted, f"say in ROUTES how to ask {unlisted} about something hidden, or why nothing is"
    assert not ROUTES.keys() - named().keys()


@dataclass(frozen=True, slots=True)
class Two:
    """What to put into addresses: for a hidden thing, and for an absent one that is written as long."""

    hidden: dict[str, Any]
    absent: dict[str, Any]
    circle: Circle


@pytest.fixture(scope="module")
def two(shared: Site) -> Iterator[Two]:
    circle = circle_of(shared)
    shared.as_(FACILITATOR).post(
        f"/discussions/{circle.thread}/m/2/signaler", data={"reason": "À regarder entre nous."}
    )
    report = shared.ask("SELECT id FROM report ORDER BY id DESC LIMIT 1")
    provider = shared.ask("SELECT min(id) FROM provider")
    shared.write(lambda db: db.connection.execute("UPDATE provider SET enabled = false WHERE id = $1", provider))
    session = shared.ask("SELECT id FROM session LIMIT 1")
    public = shared.ask(
        "SELECT max(thread.id) FROM thread JOIN space ON space.id = space_id"
        " WHERE visibility = 'public' AND merged_into_id IS NULL"
    )
    # A picture that a message of the circle shows.
    key = key_of(upload(shared.as_(INSIDER)))
    give_to_post(shared, key, circle.post)
    # A list and a term of it that are there; the others are not.
    words = {"taxonomy": "region", "term": "estrie"}
    both = {
        "section": "summary",
        "seq": 2,
        "author_id": 1,
        "revision_id": 1,
        "remark_id": 1,
        "slug": circle.slug,
        "path": "x",
        "draft_number": 1,
        "public_thread": public,
        "name": NAME,
    }
    hidden = both | words | {"id": circle.thread, "space": circle.space, "report": report, "handle": INSIDER}
    identity = shared.ask(
        "SELECT identity.id FROM identity JOIN person ON person.id = person_id WHERE handle = $1", INSIDER
    )
    hidden |= {"provider_id": provider, "session_id": session, "identity_id": identity, "token": "x" * 43}
    hidden |= shared.write(closed_organization)
    membership = shared.ask(
        "SELECT membership.id FROM membership JOIN person ON person.id = person_id WHERE handle = $1", INSIDER
    )
    hidden |= {"membership_id": membership, "invitation_id": 1}
    # Nobody but its author reads a draft.
    hidden["case"] = story(shared, FACILITATOR, state="draft", title=circle.title)
    hidden["person_id"] = write_down(shared, hidden["case"], FACILITATOR)
    absent = both | {"taxonomy": "x" * 6, "term": "y" * 6}
    absent |= {"space": "x" * len(circle.space), "handle": "y" * len(INSIDER), "token": "z" * 43}
    hidden["key"], absent["key"] = key, "0" * len(key)
    # One that nothing shows yet.
    loose = key_of(upload(shared.as_(FACILITATOR), to=f"/recits/{hidden['case']}/fichiers/nouveau"))
    hidden["case_key"], absent["case_key"] = loose, "0" * len(loose)
    absent["organization"] = "x" * len(hidden["organization"])
    for name in (
        "id",
        "report",
        "provider_id",
        "session_id",
        "identity_id",
        "own_provider",
        "group_id",
        "invitation_id",
        "case",
        "person_id",
    ):
        absent[name] = "9" * len(str(hidden[name]))
    # There are so many memberships that nines could be one.
    absent["membership_id"] = "0" * len(str(membership))
    yield Two(hidden, absent, circle)
    patient(shared)


async def closed_organization(db: Db) -> dict[str, Any]:
    """One that no longer takes part, with a provider and a group."""
    key = await db.connection.fetchval(
        "INSERT INTO organization (slug, name, name_key, closed_at)"
        " VALUES ('fermee', 'Société fermée', 'societe fermee', now()) RETURNING id"
    )
    provider = await db.connection.fetchval(
        "INSERT INTO provider (organization_id, label, issuer, client_id)"
        " VALUES ($1, 'Ses comptes', 'https://fermee.example', 'x') RETURNING id",
        key,
    )
    group = await db.connection.fetchval(
        "INSERT INTO organization_group (organization_id, name, name_key) VALUES ($1, 'Le sien', 'x') RETURNING id", key
    )
    return {"organization": "fermee", "own_provider": provider, "group_id": group}


def path_of(name: str, about: dict[str, Any]) -> str:
    path = named()[name].path.replace(":int", "").replace(":path", "")
    if "/espaces/" in path:
        about = about | {"slug": about["space"]}
    if "/taxonomies/" in path:
        about = about | {"slug": about["term"]}
    if path.startswith("/recits/{"):
        about = about | {"id": about["case"], "key": about["case_key"]}
    if "/organisations/" in path:
        about = about | {"slug": about["organization"], "provider_id": about["own_provider"]}
    return path.format(**about | ({"id": about["report"]} if name == "settle" else {}))


def asked(site: Site, who: str, name: str, method: str, ask: Ask, about: dict[str, Any]) -> Any:
    if method == "POST":
        form = {key: value.format(**about) for key, value in ask.form.items()}
        return browser(site, who).post(path_of(name, about), data=form)
    return browser(site, who).request(method, path_of(name, about) + ask.query.format(**about))


_CASES = [
    pytest.param(name, method, id=f"{method}-{name}")
    for name, ask in ROUTES.items()
    if isinstance(ask, Ask) and name in named()
    for method in sorted(methods_of(named()[name]) | ({"HEAD"} if "GET" in methods_of(named()[name]) else set()))
]


@pytest.mark.parametrize(("name", "method"), _CASES)
def test_the_hidden_and_the_absent_are_the_same(shared: Site, two: Two, name: str, method: str) -> None:
    ask = ROUTES[name]
    assert isinstance(ask, Ask)
    patient(shared)
    for who in ask.same_for:
        hidden, absent = (
            plain(
                asked(shared, who, name, method, ask, about),
                path_of(name, about),
                f"/discussions/{about['id']}",
                f"/recits/{about['case']}",
                f"#{about['id']}",
                f"q%3D{about['handle']}",
                about["space"],
            )
            for about in (two.hidden, two.absent)
        )
        assert hidden == absent, who or "a stranger"
        assert two.circle.title not in hidden[1]
        assert two.circle.words not in hidden[1]


# Where refusing everybody would make the test above say nothing: those inside must find what they ask for.
_FOUND = [
    name
    for name, route in named().items()
    if "GET" in methods_of(route)
    and isinstance(ask := ROUTES.get(name), Ask)
    # Of organizations that are closed, their own tests tell.
    and ask.same_for == OUTSIDERS
    and name
    not in {"sign_in_link", "proof_of_address", "new_thread", "domain_proof", "invitation", "consent", "case_guest"}
]


@pytest.mark.parametrize("name", _FOUND)
def test_those_inside_find_what_the_others_do_not(shared: Site, two: Two, name: str) -> None:
    ask = ROUTES[name]
    assert isinstance(ask, Ask)
    # Nobody reports or edits somebody else's; the facilitator wrote the first message, not the second.
    answers = {asked(shared, who, name, "GET", ask, two.hidden).status_code for who in (FACILITATOR, INSIDER, "josee")}
    # A reason (403) is an answer too: those outside are given none.
    assert answers & {200, 301, 302, 403}, answers
    outside = {asked(shared, who, name, "GET", ask, two.hidden).status_code for who in (MEMBER, ADMIN, MODERATOR)}
    assert outside == {404}


@pytest.mark.parametrize("who", OUTSIDERS)
@pytest.mark.parametrize("slug", ["", "-", "-x", "-{slug}x", "-{slug}", "-{slug}/", "-{slug}%0A"])
def test_no_form_of_an_address_reveals_its_words(shared: Site, two: Two, who: str, slug: str) -> None:
    hidden, absent = (
        plain(
            browser(shared, who).get(f"/discussions/{about['id']}{slug.format(slug=two.circle.slug)}"),
            f"/{about['id']}",
        )
        for about in (two.hidden, two.absent)
    )
    assert hidden == absent
    if "{slug}" not in slug:
        assert two.circle.slug not in hidden[1] + str(hidden[2])


@pytest.mark.parametrize("who", OUTSIDERS)
def test_a_validator_that_somebody_inside_was_given_opens_nothing(shared: Site, two: Two, who: str) -> None:
    path = f"/discussions/{two.circle.thread}-{two.circle.slug}"
    for known in ("*", f'W/"{two.circle.thread}"'):
        response = browser(shared, who).get(path, headers={"If-None-Match": known})
        assert response.status_code == 404
        assert "etag" not in response.headers


@pytest.mark.parametrize("who", [MEMBER, ADMIN, MODERATOR])
def test_a_merged_discussion_of_the_circle_leads_nowhere(site: Site, who: str) -> None:
    circle = circle_of(site)
    other = site.as_(INSIDER).post(
        "/discussions/nouvelle", data={"space": circle.space, "title": "Entre nous", "body": "Rien qu’entre nous."}
    )
    number = other.headers["location"].rpartition("/")[2]
    merged = site.as_(FACILITATOR).post(f"/discussions/{number}/fusionner", data={"into": str(circle.thread)})
    assert merged.status_code == 303
    assert site.as_(INSIDER).get(f"/discussions/{number}").status_code == 301
    for path in (f"/discussions/{number}", f"/discussions/{number}/m/1", f"/discussions/{number}-entre-nous"):
        response = browser(site, who).get(path)
        absent = browser(site, who).get(path.replace(number, "9" * len(number)))
        assert plain(response, f"/{number}") == plain(absent, "/" + "9" * len(number))


@pytest.mark.parametrize("who", OUTSIDERS)
def test_a_discussion_poured_into_the_circle_leads_nowhere_any_more(site: Site, who: str) -> None:
    """Its messages live in the circle now; their old public addresses say no more than any that never was."""
    circle = circle_of(site)
    posted = site.as_(FACILITATOR).post(
        "/discussions/nouvelle", data={"space": "pratiques", "title": "Public un moment", "body": "Un moment."}
    )
    number = posted.headers["location"].rpartition("/")[2]
    site.write(
        lambda db: db.connection.execute(
            "INSERT INTO space_member (space_id, person_id, role) SELECT space.id, person.id, 'facilitator'"
            " FROM space, person WHERE slug = 'pratiques' AND handle = $1",
            FACILITATOR,
        )
    )
    merged = site.as_(FACILITATOR).post(f"/discussions/{number}/fusionner", data={"into": str(circle.thread)})
    assert merged.status_code == 303
    absent = "9" * len(number)
    for path in ("", "-public-un-moment", "/m/1", "/m/1/actions", "/m/1/historique", "/non-lu", "/repondre"):
        response = browser(site, who).get(f"/discussions/{number}{path}")
        nothing = browser(site, who).get(f"/discussions/{absent}{path}")
        assert plain(response, f"/{number}") == plain(nothing, f"/{absent}"), path

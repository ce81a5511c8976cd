"""How to do what the routes of gatherings do, and how to ask them about something hidden."""

from typing import Any

from tests.abuse.acts.asking import ONES_OWN, STRANGER, Act, Ask, Open
from tests.abuse.acts.met import met
from tests.conftest import Site

_REGISTRATION = Open("what is hidden of gatherings is absent: see tests/events/test_registering.py")
_GROUP = Open("see tests/events/test_groups.py")
_PROGRAMME = Open("see tests/events/test_programme.py")
_INVITING = Open("see tests/events/test_inviting.py")
_DESK = Open("see tests/events/test_desk.py")
_QUESTIONS = Open("see tests/events/test_questions.py")
_CALENDAR = Open("what is hidden of gatherings is absent: see tests/events/test_calendars.py")
_EDITING = Open("what is hidden of gatherings is absent: see tests/events/test_editing.py")
_AGENDA = Open("what is hidden of gatherings is absent: see tests/events/test_agenda.py")
_DOOR = Open("what is hidden of gatherings is absent: see tests/events/test_door.py")
ACTS: dict[str, Act] = {
    "create_gathering": Act(
        "maryse",
        "/rencontres/nouvelle",
        {"title": "Un titre", "day": "2030-03-05", "begins": "9:00", "ends": "12:00", "zone": "America/Toronto"}
        | {"mode": "in-person", "seats": "10", "registration": "open", "visibility": "public", "request_key": "g" * 43},
    ),
    "new_date": Act(
        "thuy-linh",
        "/rencontres/{gathering}/dates/nouvelle",
        {"day": "2030-03-05", "begins": "9:00", "ends": "12:00", "zone": "America/Toronto", "mode": "in-person"},
    ),
    "publish_gathering": Act("thuy-linh", "/rencontres/{planned}/publier"),
    "cancel_gathering": Act("thuy-linh", "/rencontres/{gathering}/annuler", {"reason": "La salle a brûlé."}),
    "new_programme_item": Act(
        "thuy-linh",
        "/rencontres/{gathering}/programme/nouveau",
        {"session": "1", "begins": "12:15", "ends": "12:30", "title": "Accueil", "details": "Avec du café."},
    ),
    "programme_item": Act(
        "thuy-linh",
        "/rencontres/{gathering}/programme/{item}",
        {"session": "1", "begins": "12:15", "ends": "12:30", "title": "Accueil", "details": ""},
    ),
    "drop_programme_item": Act("thuy-linh", "/rencontres/{gathering}/programme/{item}/retrait"),
    "new_gathering_question": Act(
        "thuy-linh",
        "/rencontres/{gathering}/questions/nouvelle",
        {"kind": "one", "label": "Dîner", "help": "", "shown_when": "", "choice_new1": "Soupe", "seats_new1": "3"},
    ),
    "gathering_question": Act(
        "thuy-linh",
        "/rencontres/{gathering}/questions/{question}",
        {"kind": "text", "label": "Dîner", "shown_when": ""},
    ),
    "place_gathering_question": Act(
        "thuy-linh", "/rencontres/{gathering}/questions/{question}/place", {"step": "haut"}
    ),
    "drop_gathering_question": Act("thuy-linh", "/rencontres/{gathering}/questions/{question}/retrait"),
    "accept_gathering_invitation": Act("maryse", "/rencontres/invitations/{invited_link}"),
    "invite_to_gathering": Act(
        "thuy-linh", "/rencontres/{gathering}/invitations", {"people": "a@example.org", "note": "Venez"}
    ),
    "write_invitation_again": Act("thuy-linh", "/rencontres/{gathering}/invitations/{invitation}/lettre"),
    "withdraw_gathering_invitation": Act("thuy-linh", "/rencontres/{gathering}/invitations/{invitation}/retrait"),
    "gathering_material": Act(
        "thuy-linh", "/rencontres/{gathering}/documents", {"before": "Lire ceci.", "after": "", "seen_before": "0"}
    ),
    "decide_registrations": Act(
        "thuy-linh", "/rencontres/{gathering}/inscriptions", {"act": "approve", "registration": "{pending}"}
    ),
    "write_gathering_letter": Act(
        "thuy-linh",
        "/rencontres/{gathering}/lettre",
        {"subject": "Le repas", "body": "Apportez un plat.", "request_key": "k"},
    ),
    "write_gathering_report": Act("thuy-linh", "/rencontres/{held}/bilan/ecrire", {"notes": "Une note."}),
    "evaluate_gathering": Act("felix", "/rencontres/{held}/evaluation", {"useful": "4"}),
    "gathering_stories": Act("maryse", "/rencontres/{gathering}/recits", {"address": "{story}", "note": "À midi."}),
    "decide_gathering_story": Act("thuy-linh", "/rencontres/{gathering}/recits/{case}", {"act": "choose"}),
    "gathering_agenda": Act(
        "maryse", "/rencontres/{gathering}/ordre-du-jour", {"body": "Où est la salle?", "request_key": "q" * 43}
    ),
    "decide_agenda_question": Act("felix", "/rencontres/{gathering}/ordre-du-jour/{asked}", {"act": "support"}),
    "arrange_agenda": Act(
        "thuy-linh",
        "/rencontres/{gathering}/ordre-du-jour/organiser",
        {"seen": "0", "title_new1": "Les clés", "act": "publish"},
    ),
    "pick_agenda_question": Act("thuy-linh", "/rencontres/{gathering}/ordre-du-jour/choisir", {"thread": "{waits}"}),
    "and_then": Act("felix", "/rencontres/{held}/et-puis", {"way": "recit", "body": "Nous avons changé de salle."}),
    "module_interest": Act("maryse", "/rencontres/modules/lire-son-milieu/interet", {"region": "mauricie"}),
    "module_stop": Act(STRANGER, "/rencontres/modules/lire-son-milieu/arreter?jeton={stopping}", {}),
    "edit_gathering": Act(
        "thuy-linh",
        "/rencontres/{gathering}/modifier",
        {
            "title": "Un autre titre",
            "language": "fr-CA",
            "registration": "open",
            "visibility": "public",
            "version": "{version}",
        },
    ),
    "edit_date": Act(
        "thuy-linh",
        "/rencontres/{gathering}/dates/{date}",
        {"zone": "America/Toronto", "mode": "hybrid", "seats": "10", "online_seats": "10", "day_0": "2030-03-05"}
        | {"begins_0": "9:00", "ends_0": "12:00", "scope": "one", "version": "{date_version}"},
    ),
    "repeat_date": Act("thuy-linh", "/rencontres/{gathering}/dates/{date}/repeter", {"rule": "1", "times": "2"}),
    "postpone_date": Act("thuy-linh", "/rencontres/{gathering}/dates/{date}/reporter", {"reason": "La tempête."}),
    "cancel_date": Act("thuy-linh", "/rencontres/{gathering}/dates/{date}/annuler", {"reason": "La tempête."}),
    "duplicate_gathering": Act(
        "thuy-linh", "/rencontres/{gathering}/dupliquer", {"title": "Encore une fois", "what": "texts"}
    ),
    "change_gathering_team": Act(
        "thuy-linh", "/rencontres/{gathering}/equipe", {"handle": "maryse", "role": "door", "act": "add"}
    ),
    "change_own_calendar": Act("maryse", "/moi/calendrier", {"act": "close"}),
    "sign_up": Act("maryse", "/rencontres/{gathering}/inscription", {"date": "{date}:in-person", "listed": "nobody"}),
    "withdraw_registration": Act("felix", "/rencontres/{gathering}/desistement", {"registration": "{registration}"}),
    "change_answers": Act(
        "felix", "/rencontres/{gathering}/reponses", {"registration": "{registration}", "needs": "Un micro."}
    ),
    "change_own_answers": Act(STRANGER, "/rencontres/inscriptions/{own_link}/reponses", {"needs": "Un micro."}),
    "move_registration": Act(
        "felix",
        "/rencontres/{gathering}/changer",
        {"registration": "{registration}", "date": "{date}:online", "request_key": "m" * 43},
    ),
    "accept_seat": Act("josee", "/rencontres/{gathering}/offre", {"registration": "{offered}"}),
    "note_arrival": Act(
        "thuy-linh", "/rencontres/{gathering}/accueil", {"seance": "{session}", "code": "{ticket}", "nonce": "n" * 32}
    ),
    "type_in_sheet": Act(
        "thuy-linh", "/rencontres/{gathering}/feuille", {"seance": "{session}", "were": "", "came": "{registration}"}
    ),
    "confirm_registration": Act("rejean", "/rencontres/{gathering}/confirmation", {"registration": "{unconfirmed}"}),
    "list_name": Act("felix", "/rencontres/{gathering}/nom", {"registration": "{registration}", "listed": "everyone"}),
    "decline_date": Act("maryse", "/rencontres/{gathering}/absence", {"occurrence": "{date}"}),
    "own_move": Act(
        STRANGER,
        "/rencontres/inscriptions/{own_link}/changer",
        {"date": "{date}:online", "request_key": "m" * 43},
    ),
    "hold_seats": Act("karine", "/rencontres/{gathering}/groupe", {"date": "{date}:in-person", "seats": "2"}),
    "name_seat": Act("karine", "/rencontres/{gathering}/groupe/{seat}", {"person": "karine"}),
    "give_seats_back": Act("karine", "/rencontres/{gathering}/groupe/rendre", {"seat": "{seat}"}),
    "accept_group_seats": Act("karine", "/rencontres/{gathering}/groupe/accepter", {"party": "{offered_party}"}),
    "own_registration": Act(STRANGER, "/rencontres/inscriptions/{unconfirmed_link}", {"act": "confirm"}),
}
HIDDEN: dict[str, Ask | Open] = {
    "gatherings": Open("a list: see tests/events/test_reading.py"),
    "gatherings_calendar": _CALENDAR,
    "gatherings_feed": _CALENDAR,
    "gathering_calendar": _CALENDAR,
    "own_calendar": _CALENDAR,
    "own_calendar_page": ONES_OWN,
    "change_own_calendar": ONES_OWN,
    "gathering": Open("see tests/events/test_reading.py"),
    "gathering_by_number": Open("see tests/events/test_reading.py"),
    "new_gathering": ONES_OWN,
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
    "gathering_stories": Open("see tests/events/test_stories_at_gatherings.py"),
    "decide_gathering_story": Open("see tests/events/test_stories_at_gatherings.py"),
    "gathering_agenda": _AGENDA,
    "decide_agenda_question": _AGENDA,
    "arrange_agenda": _AGENDA,
    "pick_agenda_question": _AGENDA,
    "and_then": Open("see tests/events/test_and_then.py"),
    "modules": Open("modules are public, and what is counted is what may be read: see tests/events/test_modules.py"),
    "module": Open("modules are public, and its dates are those that may be read: see tests/events/test_modules.py"),
    "module_interest": Open("modules are public"),
    "module_stop_page": Open("what a letter leads to: see tests/events/test_modules.py"),
    "module_stop": Open("what a letter leads to: see tests/events/test_modules.py"),
    "sign_up_page": _REGISTRATION,
    "sign_up": _REGISTRATION,
    "withdraw_registration": _REGISTRATION,
    "move_page": _REGISTRATION,
    "answers_page": _REGISTRATION,
    "change_answers": _REGISTRATION,
    "own_answers_page": Open("as own_registration: its link says whose it is"),
    "change_own_answers": Open("as own_registration: its link says whose it is"),
    "move_registration": _REGISTRATION,
    "accept_seat": _REGISTRATION,
    "own_registration_page": _REGISTRATION,
    "own_registration": _REGISTRATION,
    "my_gatherings": ONES_OWN,
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
}


def places(site: Site) -> dict[str, Any]:
    return met(site)

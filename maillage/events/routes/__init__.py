"""The site map of gatherings. Importing it also has their notices answered for, and stories told where they were."""

from starlette.routing import BaseRoute

from maillage.cases import occasions
from maillage.events.letters import afterwards as afterwards_letters
from maillage.events.letters import cases as case_letters
from maillage.events.letters import desk as desk_letters
from maillage.events.letters import invitations as invitation_letters
from maillage.events.letters import modules as module_letters
from maillage.events.letters import registrations as registration_letters
from maillage.events.letters import reminders as reminder_letters
from maillage.events.letters import thanks as thanks_letters
from maillage.events.queries import cases as case_queries
from maillage.events.queries import noticed
from maillage.events.routes import (
    afterwards,
    agenda,
    and_then,
    answering,
    arranging,
    calendars,
    cases,
    certificates,
    desk,
    door,
    editing,
    groups,
    invitations,
    material,
    modules,
    moving,
    own,
    planning,
    programme,
    questions,
    reading,
    registering,
)
from maillage.notices import subjects

# Their jobs and sentences are known once they are imported.
_REGISTERED = (
    invitation_letters,
    module_letters,
    registration_letters,
    reminder_letters,
    thanks_letters,
    afterwards_letters,
    desk_letters,
    case_letters,
)
subjects.answer_for("gathering", noticed.gatherings)
subjects.answer_for("gathering_stories", noticed.room("recits"))
subjects.answer_for("gathering_after", noticed.room("et-puis"))
occasions.answer(case_queries.FOUND, case_queries.occasions)

routes: list[BaseRoute] = [
    *reading.routes,
    *modules.routes,
    *registering.routes,
    *moving.routes,
    *answering.routes,
    *own.routes,
    *groups.routes,
    *afterwards.routes,
    *and_then.routes,
    *cases.routes,
    *agenda.routes,
    *arranging.routes,
    *calendars.routes,
    *planning.routes,
    *editing.routes,
    *desk.routes,
    *door.routes,
    *certificates.routes,
    *programme.routes,
    *invitations.routes,
    *material.routes,
    *questions.routes,
]

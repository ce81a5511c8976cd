"""The site map of gatherings. Importing it also has their notices answered for, and stories told where they were."""

from starlette.routing import BaseRoute

from maillage.cases import occasions
from maillage.events import letters
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

# Their sentences are known once they are imported.
_REGISTERED = (letters,)
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

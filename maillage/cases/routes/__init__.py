"""The site map of practice stories. Importing it also has their notices answered for."""

from starlette.routing import BaseRoute

from maillage.cases.letters import consent as consent_letters
from maillage.cases.letters import contact as contact_letters
from maillage.cases.letters import noticed
from maillage.cases.letters import team as team_letters
from maillage.cases.routes import (
    beside,
    browsing,
    consent,
    contact,
    exporting,
    feeds,
    files,
    guests,
    history,
    mine,
    reading,
    register,
    remarks,
    stages,
    starting,
    states,
    team,
    trials,
    writing,
)

# Their jobs, sentences and titles are known once they are imported.
_REGISTERED = (consent_letters, contact_letters, team_letters, noticed)

routes: list[BaseRoute] = [
    *starting.routes,
    *writing.routes,
    *beside.routes,
    *files.routes,
    *team.routes,
    *guests.routes,
    *history.routes,
    *remarks.routes,
    *mine.routes,
    *browsing.routes,
    *contact.routes,
    *feeds.routes,
    *exporting.routes,
    *trials.routes,
    *stages.routes,
    *states.routes,
    *register.routes,
    *consent.routes,
    # Last: other addresses begin like these.
    *reading.routes,
]

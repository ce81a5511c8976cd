"""The site map of practice stories. Importing it also has their notices answered for."""

from starlette.routing import BaseRoute

from maillage.cases.letters import consent as consent_letters
from maillage.cases.letters import noticed
from maillage.cases.routes import (
    beside,
    browsing,
    consent,
    exporting,
    feeds,
    reading,
    register,
    stages,
    starting,
    states,
    trials,
    writing,
)

# Their jobs, sentences and titles are known once they are imported.
_REGISTERED = (consent_letters, noticed)

routes: list[BaseRoute] = [
    *starting.routes,
    *writing.routes,
    *beside.routes,
    *browsing.routes,
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

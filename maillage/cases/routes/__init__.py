"""The site map of practice stories. Importing it also has their notices answered for."""

from starlette.routing import BaseRoute

from maillage.cases.letters import noticed as noticed
from maillage.cases.routes import reading, states

routes: list[BaseRoute] = [
    *states.routes,
    # Last: other addresses begin like these.
    *reading.routes,
]

"""The site map of gatherings."""

from starlette.routing import BaseRoute

routes: list[BaseRoute] = []

"""Signing in and out, one's own account and sessions, and how members see each other."""

from starlette.routing import BaseRoute

from maillage.auth.routes import people, signing_in

routes: list[BaseRoute] = [*signing_in.routes, *people.routes]

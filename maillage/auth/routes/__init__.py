"""Signing in and out, one's own account and sessions, and how members see each other."""

from starlette.routing import BaseRoute

from maillage.auth.routes import (
    admin,
    arriving,
    domains,
    joining,
    links,
    members,
    organizations,
    own_groups,
    people,
    providers,
    sessions,
    set_up,
    signing_in,
    trials,
    ways_in,
)

routes: list[BaseRoute] = [
    *signing_in.routes,
    *links.routes,
    *arriving.routes,
    *sessions.routes,
    *ways_in.routes,
    *people.routes,
    *members.routes,
    *joining.routes,
    *admin.routes,
    *organizations.routes,
    *set_up.routes,
    *providers.routes,
    *trials.routes,
    *domains.routes,
    *own_groups.routes,
]

"""Where a path leads: only the routes that begin like it are tried.

A router tries its routes one after the other, and each is a regular expression: the two hundred before the page of a
gathering took as long as the page.
"""

from collections import defaultdict
from collections.abc import Sequence

from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send


class SiteMap(BaseRoute):
    """Routes by the first part of their path, which is a word in all of them; in their order within it."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._sections: defaultdict[str, list[Route]] = defaultdict(list)
        for route in routes:
            assert isinstance(route, Route)  # noqa: S101 — nothing is mounted under another path here
            self._sections[_first(route.path)].append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        partly: tuple[Match, Scope] = (Match.NONE, {})
        for route in self._sections.get(_first(scope["path"]), ()):
            match, found = route.matches(scope)
            if match is Match.FULL:
                return match, {**found, "route": route}
            if match is Match.PARTIAL and partly[0] is Match.NONE:
                partly = match, {**found, "route": route}
        return partly

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["route"].handle(scope, receive, send)


def _first(path: str) -> str:
    return path.split("/", 2)[1]

"""A form holds what it declares: other fields change nothing, whatever column they are named after."""

from typing import Any

import pytest

from maillage.core.db import Db
from maillage.web.app import create_app
from tests.abuse.conftest import act_of, browser, patient, posting_routes
from tests.abuse.test_28_looking_changes_nothing import rows
from tests.conftest import Cluster, Site, settings_for

_EXTRA = {
    "id": "1",
    "author_id": "1",
    "person_id": "1",
    "space_id": "6",
    "thread_id": "1",
    "post_id": "1",
    "seq": "1",
    "path": "x",
    "depth": "3",
    "parent_seq": "1",
    "post_count": "999",
    "next_seq": "999",
    "version": "999",
    "slug": "pris",
    "handle": "admin",
    "email": "pris@example.org",
    "role": "admin",
    "roles": "moderator",
    "platform_role": "admin",
    "relation": "bailleur-de-fonds",
    "organization_id": "1",
    "org_id": "1",
    "membership": "active",
    "state": "active",
    "is_admin": "1",
    "is_moderated": "0",
    "moderates": "1",
    "created_at": "2001-01-01",
    "edited_at": "2001-01-01",
    "removed_at": "2001-01-01",
    "removed_by_id": "1",
    "removal_reason": "prise",
    "locked_at": "2001-01-01",
    "pinned_until": "2101-01-01",
    "merged_into_id": "1",
    "helped_at": "2001-01-01",
    "summary_md": "pris",
    "render_version": "0",
    "body_html": "<script>",
    "settled_at": "2001-01-01",
    "settled_by_id": "1",
    "suspended_at": "2001-01-01",
    "token_hash": "x",
    "expires_at": "2101-01-01",
    "visibility": "public",
    "event": "locked",
    "event_data": "{}",
    "dead": "{}",
    "muted": "1",
    "target_id": "1",
    "__class__": "x",
    "csrf_token": "x",
}
# Theirs are new each time, whatever is sent: a journal's line has the number of the request, an
# invitation the hash of a token.
_ASIDE = {"session", "rate_limit", "sign_in_attempt", "sign_in_event", "invitation"}
_SHOWN = {
    # Calendars know it by a number that is nobody's guess.
    "event_session": "to_jsonb(t) - 'ical_uid'",
    # Of a job that waits, what it is and what it was told, without the names that are made anew for each letter.
    "pgqueuer": "jsonb_build_object(entrypoint, convert_from(payload, 'UTF8')::jsonb - '{letter,browser}'::text[])",
}
_MOMENT = r'"(\d{4})-\d\d-\d\dT[^"]*"'


async def told(db: Db) -> dict[str, Any]:
    """Every row of every table; of moments, the year."""
    return {
        table: [
            row[0]
            for row in await db.connection.fetch(
                f"SELECT regexp_replace(({_SHOWN.get(table, 'to_jsonb(t)')})::text, $1, '\\1', 'g')"  # noqa: S608
                f" FROM {table} AS t ORDER BY 1",
                _MOMENT,
            )
        ]
        for table in sorted((await rows(db)).keys() - _ASIDE)
    }


@pytest.mark.parametrize("name", posting_routes())
def test_extra_fields_change_nothing(
    site: Site, name: str, cluster: Cluster, world_template: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The same act on two copies of the world, with and without them, leaves the same rows."""
    act = act_of(site, name)
    # Fields that this form does declare are its own business.
    extra = {field: value for field, value in _EXTRA.items() if field not in (act.form or {})}
    outcomes = []
    for form in (act.form or {}, (act.form or {}) | extra):
        copy = cluster.make(world_template)
        with Opened(cluster.address(copy), tmp_path_factory) as other:
            patient(other)
            response = browser(other, act.who).post(act.path, data=form)
            outcomes.append((response.status_code, response.headers.get("location"), other.write(told)))
        cluster.drop(copy)
    plainly, extended = outcomes
    if name in {"depart", "add_way_in"}:
        # Its address is a question to a provider, with a state of its own.
        assert plainly[0] == extended[0]
        return
    # Nobody but a provider is believed about sessions that have ended; of files, their own tests tell.
    refused = {"ended_elsewhere": {400}, "new_file": {422}}.get(name, set())
    assert plainly[0] in {200, 204, 303, 409, 403, 404} | refused
    assert extended == plainly


class Opened:
    """Another site beside the test's own, on its own copy."""

    def __init__(self, dsn: str, tmp_path_factory: pytest.TempPathFactory) -> None:
        settings = settings_for(dsn, tmp_path_factory.mktemp("data"))
        self.site = Site(create_app(settings), settings)

    def __enter__(self) -> Site:
        self.site.stranger.__enter__()
        return self.site

    def __exit__(self, *_: object) -> None:
        self.site.stranger.__exit__(None, None, None)

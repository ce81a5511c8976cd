"""A form holds what it declares: other fields change nothing, whatever column they are named after."""

import json
import re
from typing import Any

import pytest

from maillage.core.db import Db
from tests.abuse.acts.all import act_of, posting_routes
from tests.abuse.changes import changes
from tests.abuse.conftest import browser, opened, patient
from tests.conftest import Cluster

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
# What nobody guesses: the code at the door, numbers in calendars and of opinions, the link to a page in a register.
_MADE_UP = {
    "registration": {"ticket"},
    "event_session": {"ical_uid"},
    "case_person": {"token_hash"},
    "evaluation": {"id"},
}
# What a letter's link holds is sealed anew each time.
_SEALED = re.compile(r"(?<=/rencontres/inscriptions/)[\w=-]+")
_MOMENT = re.compile(r'"(\d{4})-\d\d-\d\dT[^"]*"')


def shown(table: str, row: dict[str, Any] | None) -> str:
    """A row without what is new each time; of moments, the year."""
    if row is None:
        return ""
    if table == "pgqueuer":
        # Of a job that waits, what it is and what it was told, without the names that are made anew for each letter.
        payload = json.loads(bytes.fromhex(row["payload"].removeprefix("\\x")))
        told = {key: value for key, value in payload.items() if key not in {"letter", "browser"}}
        row = {"entrypoint": row["entrypoint"], "payload": told}
    kept = {key: value for key, value in row.items() if key not in _MADE_UP.get(table, ())}
    return _MOMENT.sub(r"\1", json.dumps(kept, sort_keys=True))


async def told(db: Db) -> list[tuple[str, str, str]]:
    """Every change of a row."""
    return sorted(
        (change.table, shown(change.table, change.was), shown(change.table, change.became))
        for change in await changes(db)
        if change.table not in _ASIDE
    )


@pytest.mark.parametrize("name", posting_routes())
def test_extra_fields_change_nothing(
    name: str, cluster: Cluster, watched_template: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The same act on two copies of the world, with and without them, changes the same rows in the same way."""
    outcomes = []
    for more in ({}, _EXTRA):
        with opened(cluster, watched_template, tmp_path_factory) as other:
            # What the act needs is made in each copy, so that it reaches what it means to reach.
            act = act_of(other, name)
            patient(other)
            other.write(changes)
            # Fields that this form does declare are its own business.
            form = more | (act.form or {})
            response = browser(other, act.who).post(act.path, data=form)
            leads = _SEALED.sub("…", response.headers.get("location", ""))
            outcomes.append((response.status_code, leads, other.write(told)))
    plainly, extended = outcomes
    if name in {"depart", "add_way_in"}:
        # Its address is a question to a provider, with a state of its own.
        assert plainly[0] == extended[0]
        return
    # Nobody but a provider is believed about sessions that have ended; of files, their own tests tell.
    refused = {"ended_elsewhere": {400}, "new_file": {422}, "add_case_file": {422}}.get(name, set())
    assert plainly[0] in {200, 204, 303, 409, 403, 404} | refused
    assert extended == plainly

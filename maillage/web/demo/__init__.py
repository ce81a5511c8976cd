"""The demonstration: a fictional world in good French, loaded whole into an empty installation.

Nothing marks its rows. It goes into a database where nobody lives, and is taken away only while nobody but
its own people, and those of `maillage flood`, live there: what they wrote since is part of the demonstration.
"""

from datetime import datetime

from sqlalchemy import bindparam, func, literal, select, union_all, update

from maillage.auth.models import Organization, Person
from maillage.cases.commands import discussion
from maillage.cases.models import BrowsingVersion
from maillage.core import clock
from maillage.core.config import Settings, Trouble
from maillage.core.db import Base, Db, Statement
from maillage.core.models import SiteEpoch
from maillage.events.commands import spaces as gathering_spaces
from maillage.forum.models import Space
from maillage.taxonomies.models import Term
from maillage.taxonomies.queries import vocabulary as words
from maillage.web import flood
from maillage.web.demo import world
from maillage.web.demo.conversations import Conversations
from maillage.web.demo.gatherings import Gatherings, load_modules
from maillage.web.demo.people import load_organizations, load_people
from maillage.web.demo.reading import load_readers
from maillage.web.demo.stories import Stories

# Pages are kept by version numbers that begin anew with each world; this one never does.
_NEW_EPOCH = Statement(update(SiteEpoch).values(number=SiteEpoch.number + 1))


async def load(db: Db, settings: Settings, *, now: datetime | None = None) -> None:
    """Load the world into an empty database, its dates relative to `now` (the present)."""
    told = world.read()
    moment = world.calendar(now or clock.now(), settings.time_zone)
    organizations = await load_organizations(db, told.organizations, settings, moment)
    by_slug = {organization.slug: organization for organization in told.organizations}
    cast = await load_people(db, told.people, by_slug, organizations, settings, moment)
    conversations = Conversations(db, cast, moment)
    spaces = await conversations.load_spaces(told.spaces)
    await conversations.load_threads(told.threads)
    vocabulary = await words.read(db, 0)
    stories = Stories(db, cast, vocabulary, settings.base_url, moment)
    await stories.load(told.stories)
    await load_modules(db, told.modules, cast, moment)
    await Gatherings(db, cast, organizations, stories.numbers, settings.base_url, moment).load(told.gatherings)
    await load_readers(db, told, cast, spaces, conversations.numbers, moment)
    await db.run(_NEW_EPOCH)


async def clear(db: Db) -> None:
    """Take the world away, and what its people wrote since. Raises `Trouble` when anybody else lives here."""
    told = world.read()
    strangers = await db.row(
        _STRANGERS,
        handles=[person.handle for person in told.people],
        organizations=[organization.slug for organization in told.organizations],
        spaces=[
            *(space.slug for space in told.spaces),
            *discussion.SPACES.values(),
            *gathering_spaces.SPACES.values(),
        ],
        volume=f"{flood.MARK}%",
    )
    if strangers is not None:
        raise Trouble(
            "Nothing was taken away, because not everything here is of the demonstration: there is "
            f"{strangers['what']} {strangers['name']!r}, for one."
        )
    await db.run(_EMPTY)
    await db.run(_NEW_EPOCH)


_STRANGERS = Statement(
    union_all(
        *(
            select(literal(what).label("what"), column.label("name")).where(
                column != func.all(bindparam(known)), column.not_like(bindparam("volume"))
            )
            for what, column, known in (
                ("the person", Person.handle, "handles"),
                ("the organization", Organization.slug, "organizations"),
                ("the space", Space.slug, "spaces"),
            )
        )
    ).limit(1)
)
# What an installation has before anybody lives there.
_KEPT = {SiteEpoch.__tablename__, BrowsingVersion.__tablename__, Term.__tablename__}
_EMPTY = Statement(
    f"TRUNCATE {', '.join(table for table in Base.metadata.tables if table not in _KEPT)} RESTART IDENTITY"
)

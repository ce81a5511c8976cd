"""The trainings and gatherings of the demonstration, and who waits for them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from maillage.auth.viewer import Viewer
from maillage.core.db import Db
from maillage.events.commands import modules
from maillage.taxonomies import commands as taxonomies
from maillage.taxonomies.queries import vocabulary as words
from maillage.web.demo import world


async def load_modules(
    db: Db,
    told: Sequence[world.Module],
    cast: Mapping[str, Viewer],
    moment: Callable[[float], datetime],
) -> None:
    """The modules, and who wishes them where. An earlier demonstration may have left them: terms are never deleted."""
    before = await words.read(db, 0)
    for module in told:
        if before.find("module", module.slug) is None:
            columns = module.model_dump(include={"fr", "en", "description_fr", "description_en"})
            await taxonomies.add(
                db, who=cast["sofia"], taxonomy="module", slug=module.slug, parent="", columns=columns, now=moment(60)
            )
    known = await words.read(db, 0)
    for module in told:
        for wish in module.wishes:
            module_word, region = known.by_slug["module", module.slug], known.by_slug["region", wish.region]
            await modules.wait_for(
                db,
                module_id=module_word.id,
                region_id=region.id,
                person_id=cast[wish.person].id,
                now=moment(wish.days_ago),
            )

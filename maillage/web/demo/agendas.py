"""The questions that people ask for the gatherings of the demonstration, and the agenda that is made of them."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import bindparam, func, select

from maillage.auth.viewer import Viewer
from maillage.core.db import Db, Statement
from maillage.core.language_guess import guess
from maillage.events.commands import agenda, arranging
from maillage.events.models import AgendaQuestion
from maillage.events.policies import Standing
from maillage.events.policies.agenda import Arrangement, Placed, Topic
from maillage.forum.models import Thread
from maillage.web.demo.attending import Made
from maillage.web.demo.gathered import Agenda, Asked

_TITLED = Statement(select(Thread.id).where(Thread.title == bindparam("title")))
_LATEST = Statement(select(func.max(AgendaQuestion.id)).where(AgendaQuestion.gathering_id == bindparam("gathering_id")))


async def load_agenda(
    db: Db,
    made: Made,
    told: Agenda,
    cast: Mapping[str, Viewer],
    base_url: str,
    moment: Callable[[float], datetime],
) -> None:
    """Asked one after the other, supported at once, and grouped by whoever facilitates it."""
    numbers = [await _ask(db, made, asked, cast, base_url, moment) for asked in told.asked]
    await arranging.arrange(
        db,
        who=cast[told.by],
        standing=Standing(made.id, "published", "public", "", frozenset({"facilitator"})),
        arrangement=Arrangement(
            [Topic(topic.title, None, topic.title, topic.minutes) for topic in told.topic],
            [
                Placed(number, asked.topic, rank, asked.answer)
                for rank, (number, asked) in enumerate(zip(numbers, told.asked, strict=True), 1)
            ],
            (),
        ),
        act="publish" if told.published else "save",
        seen=0,
        now=moment(told.days_ago),
    )


async def _ask(
    db: Db, made: Made, asked: Asked, cast: Mapping[str, Viewer], base_url: str, moment: Callable[[float], datetime]
) -> int:
    who, now = cast[asked.by], moment(asked.days_ago)
    if asked.picked:
        await agenda.pick(
            db,
            who=who,
            gathering_id=made.id,
            thread_id=await db.value(_TITLED, title=asked.picked),
            address=base_url + made.path,
            now=now,
        )
    else:
        await agenda.ask(
            db,
            who=who,
            gathering_id=made.id,
            visibility="public",
            body=asked.body,
            language=guess(asked.body),
            moderates=False,
            request_key=None,
            now=now,
        )
    number: int = await db.value(_LATEST, gathering_id=made.id)
    for handle in asked.supported:
        await agenda.support(db, who=cast[handle], gathering_id=made.id, question_id=number, on=True, now=now)
    return number

"""The trainings and gatherings of the demonstration: planned, talked of, held and told, and who waits for them.

Everything goes through the commands of gatherings and of the forum, told the moment at which it would have happened,
the gathering that was published first before the others.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from maillage.auth.viewer import Viewer
from maillage.cases.models import Case
from maillage.core import names
from maillage.core.db import Db, Statement
from maillage.core.language_guess import guess
from maillage.events.commands import afterwards, asking, cases, copying, dates, hands, modules, planning, programme
from maillage.events.forms.editing import COPIED
from maillage.events.models import Gathering, Outcome
from maillage.events.policies.afterwards import Written
from maillage.events.policies.asking import Offered, Wording
from maillage.events.policies.plans import Plan, Planned
from maillage.events.policies.programme import Item
from maillage.events.queries import asking as asked
from maillage.events.queries.door import gathering_path
from maillage.forum.commands import posting
from maillage.taxonomies import commands as taxonomies
from maillage.taxonomies.queries import vocabulary as words
from maillage.taxonomies.queries.vocabulary import Vocabulary
from maillage.web.demo import world
from maillage.web.demo.agendas import load_agenda
from maillage.web.demo.attending import Attending, Made
from maillage.web.demo.gathered import Brought, Date, Reply, Report, Session
from maillage.web.demo.gathered import Gathering as Told

_STORY = re.compile(r"#case:([a-z-]+)")
# How long a draft was one.
_DRAFTED = 2.0
_FRIDAY, _WEEKEND = 4, 2
_THREAD = Statement(select(Gathering.thread_id).where(Gathering.id == bindparam("gathering_id")))
_TITLED = Statement(select(Case.id).where(Case.title == bindparam("title")))
_TALKED_OF = Statement(
    select(Outcome.thread_id).where(
        Outcome.gathering_id == bindparam("gathering_id"), Outcome.body == bindparam("body")
    )
)
# They were read at the time.
_ALL_LETTERS_ARRIVED = Statement("DELETE FROM pgqueuer WHERE entrypoint = 'registration_letter'")


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


class Gatherings:
    """Holds the gatherings. `numbers` is their number by key, known once they have begun."""

    def __init__(
        self,
        db: Db,
        cast: dict[str, Viewer],
        organizations: Mapping[str, int],
        stories: Mapping[str, int],
        base_url: str,
        moment: Callable[[float], datetime],
    ) -> None:
        self.numbers: dict[str, int] = {}
        self._db, self._cast, self._organizations, self._stories = db, cast, organizations, stories
        self._base_url, self._moment = base_url, moment
        self._attending = Attending(db, cast, organizations, moment)

    async def load(self, told: Sequence[Told]) -> None:
        known = await words.read(self._db, 0)
        for gathering in sorted(told, key=lambda each: -each.published_days_ago):
            made = await self._plan(gathering, known)
            came = await self._attending.load(made)
            await self._talk(await self._db.value(_THREAD, gathering_id=made.id), gathering.reply)
            for brought in gathering.story:
                await self._bring(made, brought)
            if gathering.agenda is not None:
                await load_agenda(self._db, made, gathering.agenda, self._cast, self._base_url, self._moment)
            if gathering.report is not None:
                await self._tell(made, came, gathering.report)
        for gathering in told:
            if gathering.model:
                await self._keep_model(gathering)
        await self._db.run(_ALL_LETTERS_ARRIVED)

    async def _keep_model(self, told: Told) -> None:
        await copying.copy(
            self._db,
            who=self._cast[told.by],
            gathering_id=self.numbers[told.key],
            title=told.model,
            what=set(COPIED),
            first_day=None,
            model=True,
            now=self._moment(told.published_days_ago - _DRAFTED),
            request_key=None,
        )

    async def _plan(self, told: Told, known: Vocabulary) -> Made:
        db, who, begun = self._db, self._cast[told.by], self._moment(told.published_days_ago + _DRAFTED)
        spoken_of = (("stage", told.stages), ("theme", told.themes), ("competency", told.competencies))
        plan = Plan(
            title=told.title,
            language=told.language,
            summary=told.summary,
            description=self._with_stories(told.description),
            type_id=known.by_slug["gathering_type", told.type].id,
            module_id=known.by_slug["module", told.module].id if told.module else None,
            cost=told.cost,
            conditions=told.conditions,
            organization_ids=[self._organizations[slug] for slug in told.organizations],
            term_ids=[known.by_slug[taxonomy, slug].id for taxonomy, slugs in spoken_of for slug in slugs],
        )
        number = (await planning.create(db, who=who, plan=plan, now=begun)).id
        self.numbers[told.key] = number
        for role, handles in (("facilitator", told.facilitators), ("door", told.door)):
            for handle in handles:
                await hands.add(db, gathering_id=number, person_id=self._cast[handle].id, role=role, now=begun)
        made = [
            await dates.add(db, gathering_id=number, planned=self._planned(date, known), now=begun)
            for date in told.date
        ]
        await self._ask(told, number, begun)
        path = gathering_path(number, names.slug(told.title))
        await planning.publish(
            db,
            who=who,
            gathering_id=number,
            address=self._base_url + path,
            now=self._moment(told.published_days_ago),
        )
        questions = await asked.questions(db, number)
        choices = {choice["label"]: choice["id"] for question in questions for choice in question.choices}
        own_words = next((each.row["id"] for each in questions if each.row["kind"] == "text"), None)
        return Made(told, number, path, made, choices, own_words)

    async def _ask(self, told: Told, number: int, begun: datetime) -> None:
        for line in told.programme:
            offered = [Offered(None, each.label, each.details, each.seats) for each in line.workshops]
            workshops = Wording("workshop", line.title, required=True, choices=offered) if offered else None
            item = Item(line.session, line.begins, line.minutes, line.title, line.details)
            await programme.add_item(self._db, gathering_id=number, item=item, workshops=workshops, now=begun)
        for question in told.question:
            wording = Wording(
                question.kind,
                question.label,
                question.help,
                question.required,
                choices=[Offered(None, label) for label in question.choices],
            )
            await asking.add_question(self._db, gathering_id=number, wording=wording, now=begun)

    def _planned(self, date: Date, known: Vocabulary) -> Planned:
        seats = {"in-person": date.seats} if date.mode != "online" else {}
        return Planned(
            zone=date.zone,
            mode=date.mode,
            sessions=list(self._hours(date.sessions)),
            seats=seats | ({"online": date.online_seats} if date.mode != "in-person" else {}),
            label=date.label,
            place=date.place,
            address=date.address,
            locality=date.locality,
            region_id=known.by_slug["region", date.region].id if date.region else None,
            online_url=date.online_url,
            online_note=date.online_note,
            access=date.access,
        )

    def _hours(self, sessions: Sequence[Session]) -> Iterator[tuple[datetime, datetime]]:
        """On working days: all sessions of a date move by as many days."""
        today = self._moment(-1).date()
        first = (today + timedelta(days=sessions[0].days)).weekday()
        # What has been stays in the past.
        into = max(0, first - _FRIDAY)
        later = 0 if not into else -into if sessions[0].days < 0 else _WEEKEND + 1 - into
        for session in sessions:
            day = today + timedelta(days=session.days + later)
            yield datetime.combine(day, session.begins), datetime.combine(day, session.ends)

    async def _talk(self, thread_id: int, replies: Sequence[Reply]) -> None:
        """What people wrote in a discussion, below what opened it."""
        seqs = [1]
        for reply in replies:
            posted = await posting.reply(
                self._db,
                who=self._cast[reply.author],
                thread_id=thread_id,
                parent_seq=seqs[reply.answers],
                visibility="public",
                body=reply.body,
                language=guess(reply.body),
                now=self._moment(reply.days_ago),
            )
            seqs.append(posted.seq)

    async def _bring(self, made: Made, brought: Brought) -> None:
        """A story that somebody proposes, or that she began with what the gathering changed where she is."""
        db, by, now = self._db, self._cast[brought.by], self._moment(brought.days_ago)
        about = {"gathering_id": made.id, "case_id": await db.value(_TITLED, title=brought.story), "now": now}
        if brought.state == "came-of-it":
            await cases.came_of_it(db, by=by.id, **about)
            return
        await cases.propose(db, who=by, note=brought.note, organizes=False, **about)
        organizer = self._cast[made.told.by]
        if brought.state != "proposed":
            await cases.decide(db, who=organizer, act="choose", **about)
        if brought.state == "presented":
            await cases.decide(db, who=organizer, act="present", **about | {"now": self._moment(0)})

    async def _tell(self, made: Made, came: Sequence[int], told: Report) -> None:
        """What came of it, and what those who were there say of it."""
        db, who = self._db, self._cast[made.told.by]
        today = self._moment(-1).date()
        await afterwards.save_report(
            db,
            who=who,
            gathering_id=made.id,
            notes=told.notes.strip(),
            changes=told.changes.strip(),
            outcomes=[
                Written(
                    None,
                    each.kind,
                    each.body,
                    each.owner,
                    None if each.due_in_days is None else today + timedelta(days=each.due_in_days),
                )
                for each in told.outcome
            ],
            seen=0,
            now=self._moment(told.days_ago),
        )
        await afterwards.publish_report(
            db,
            who=who,
            gathering_id=made.id,
            address=self._base_url + made.path,
            now=self._moment(told.published_days_ago),
        )
        for each in told.outcome:
            thread_id = await db.value(_TALKED_OF, gathering_id=made.id, body=each.body)
            await self._talk(thread_id, each.reply)
        for registration_id, said in zip(came, made.told.evaluation, strict=False):
            await afterwards.evaluate(
                db,
                gathering_id=made.id,
                registration_id=registration_id,
                useful=said.useful,
                learned=said.learned,
                change=said.change,
            )

    def _with_stories(self, text: str) -> str:
        """`#case:key` written as the address of that story."""
        return _STORY.sub(lambda found: f"{self._base_url}/recits/{self._stories[found[1]]}", text).strip()

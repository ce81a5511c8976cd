"""The practice stories of the demonstration: told, agreed to, published and discussed as their authors would have.

Everything goes through the commands of the stories and of the forum, told the moment at which it would have happened,
the oldest story first.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy import bindparam, insert, select

from maillage.auth.viewer import Viewer
from maillage.cases.commands import register, starting, states, trials
from maillage.cases.commands.states import Terms
from maillage.cases.models import Case, CaseAuthor
from maillage.cases.policies import Hand
from maillage.cases.policies.answers import Said
from maillage.cases.policies.gate import STATEMENTS
from maillage.cases.policies.register import Agreed, Described
from maillage.core.db import Db, Statement
from maillage.core.language_guess import guess
from maillage.forum.commands import posting
from maillage.taxonomies.queries.vocabulary import Vocabulary
from maillage.web.demo import world

# How many days a story took to write.
_WRITING = 12.0
_SIGN = Statement(
    insert(CaseAuthor).values(
        {
            name: bindparam(name)
            for name in (
                "case_id",
                "person_id",
                "name",
                "kind",
                "concerned",
                "relation",
                "organization_id",
                "position",
                "created_at",
            )
        }
    )
)
_AUTHOR = Statement(
    select(CaseAuthor.id, CaseAuthor.kind).where(
        CaseAuthor.case_id == bindparam("case_id"), CaseAuthor.person_id == bindparam("person_id")
    )
)
_THREAD = Statement(select(Case.thread_id).where(Case.id == bindparam("case_id")))


class Stories:
    """Tells the stories. `numbers` is their number by key, known once they have begun."""

    def __init__(
        self,
        db: Db,
        cast: dict[str, Viewer],
        words: Vocabulary,
        base_url: str,
        moment: Callable[[float], datetime],
    ) -> None:
        self.numbers: dict[str, int] = {}
        self._db, self._cast, self._words, self._base_url, self._moment = db, cast, words, base_url, moment

    async def load(self, stories: list[world.Story]) -> None:
        for story in sorted(stories, key=lambda story: -story.days_ago):
            await self._tell(story)
            await self._agree(story)
            if story.state == "review":
                await self._submit(story)
            elif story.state == "published":
                await self._publish(story)
                await self._discuss(story)

    async def _tell(self, story: world.Story) -> None:
        first, *others = story.authors
        who, begun = self._cast[first.person], self._moment(story.days_ago + _WRITING)
        number = await starting.start(
            self._db,
            who=who,
            title=story.title,
            language=story.language,
            depth=story.depth,
            given=dict(self._answers(story)),
            words=self._words,
            now=begun,
        )
        self.numbers[story.key] = number
        for position, signature in enumerate(others, 1):
            person = self._cast.get(signature.person)
            await self._db.run(
                _SIGN,
                case_id=number,
                person_id=person.id if person else None,
                name=signature.name,
                kind=signature.kind,
                concerned=signature.concerned,
                relation=person.relation if person else None,
                organization_id=person.organization_id if person else None,
                position=position,
                created_at=begun,
            )

    def _answers(self, story: world.Story) -> Iterator[tuple[tuple[str, int | None], Said]]:
        def terms(**chosen: list[str]) -> Said:
            return Said("\n".join(f"{taxonomy}/{slug}" for taxonomy, slugs in chosen.items() for slug in slugs))

        place = {
            "region": story.regions,
            "scale": [story.scale],
            "locality": [story.locality] if story.locality else [],
        }
        yield ("regions", None), terms(**place)
        yield ("stages", None), terms(stage=story.stages)
        yield ("themes", None), terms(theme=story.themes, dimension=story.dimensions)
        yield ("competencies", None), terms(competency=story.competencies)
        if story.period_from:
            months = f"{story.period_from}..{story.period_to} {story.period_status}"
            yield ("period", None), Said(months.strip())
        yield (
            ("actors", None),
            Said(
                "\n".join(
                    f"{actor.role} | {actor.family} | {actor.relation} | {','.join(actor.stages)}"
                    for actor in story.actors
                )
            ),
        )
        for name, text in story.texts.items():
            yield (name, None), Said(text.strip())
        if story.summary_fr:
            yield ("summary_other", None), Said(story.summary_fr.strip())
        for slug, text in story.changed.items():
            yield ("what_changed", self._term("change_field", slug)), Said(text.strip())
        for part in story.empowerment:
            yield ("empowerment", self._term("empowerment", part.component)), Said(part.line, part.direction)

    def _term(self, taxonomy: str, slug: str) -> int:
        word = self._words.find(taxonomy, slug)
        if word is None:
            raise ValueError(f"no term of {taxonomy} is called {slug}")
        return word.id

    async def _agree(self, story: world.Story) -> None:
        now = self._moment(story.days_ago + 1)
        for person in story.people:
            hand = await self._hand(story, person.asked_by)
            await register.add(
                self._db,
                case_id=self.numbers[story.key],
                author_id=hand.author_id,
                described=Described(
                    name=person.who,
                    other_names="\n".join(person.other_names),
                    relation=person.relation,
                    shown_as=person.shown_as,
                    under_14=False,
                    quotes=person.quotes,
                ),
                agreed=Agreed(person.choice, person.how, None) if person.choice else None,
                now=now,
            )

    async def _hand(self, story: world.Story, handle: str) -> Hand:
        who = self._cast[handle]
        row = await self._db.row(_AUTHOR, case_id=self.numbers[story.key], person_id=who.id)
        if row is None:
            raise ValueError(f"{handle} is no author of {story.key}")
        return Hand(row["id"], row["kind"], who.name)

    async def _submit(self, story: world.Story) -> None:
        who = self._cast[story.authors[0].person]
        await states.submit(
            self._db,
            hand=await self._hand(story, who.handle),
            person_id=who.id,
            case_id=self.numbers[story.key],
            now=self._moment(story.days_ago),
        )

    async def _publish(self, story: world.Story) -> None:
        await states.publish(
            self._db,
            who=self._cast[story.authors[0].person],
            case_id=self.numbers[story.key],
            stated=STATEMENTS,
            terms=Terms(story.visibility, story.licence, contact=True, translation_offered=bool(story.summary_fr)),
            base_url=self._base_url,
            now=self._moment(story.days_ago),
            today=self._moment(story.days_ago).date(),
        )

    async def _discuss(self, story: world.Story) -> None:
        """What readers answered, and what those who tried it too came back to tell, in the order of time."""
        thread_id = await self._db.value(_THREAD, case_id=self.numbers[story.key])
        told = sorted(story.trials, key=lambda trial: -trial.days_ago)
        # Numbers of messages: the opening question is the first.
        seqs = [1]
        for reply in story.thread.replies:
            while told and told[0].days_ago > reply.days_ago:
                await self._try(story, told.pop(0))
            posted = await posting.reply(
                self._db,
                who=self._cast[reply.author],
                thread_id=thread_id,
                parent_seq=seqs[reply.answers],
                visibility=story.visibility,
                body=reply.body.strip(),
                language=guess(reply.body),
                now=self._moment(reply.days_ago),
            )
            seqs.append(posted.seq)
        for trial in told:
            await self._try(story, trial)

    async def _try(self, story: world.Story, trial: world.Trial) -> None:
        await trials.tell(
            self._db,
            who=self._cast[trial.person],
            source_id=self.numbers[story.key],
            trial=trials.Trial(
                title=trial.title,
                language=guess(trial.what_happened),
                outcome=trial.outcome,
                region=trial.region,
                texts={"adapted": trial.adapted.strip(), "what_happened": trial.what_happened.strip()},
                stated=frozenset(STATEMENTS),
            ),
            words=self._words,
            base_url=self._base_url,
            now=self._moment(trial.days_ago),
            today=self._moment(trial.days_ago).date(),
            request_key=None,
        )

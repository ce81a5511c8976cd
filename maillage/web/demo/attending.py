"""Who registers for the gatherings of the demonstration, withdraws, waits, and was there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from maillage.auth.viewer import Viewer
from maillage.core import names
from maillage.core.db import Db, Statement
from maillage.core.languages import FRENCH
from maillage.events.commands import attendance, groups, participants, registering, saying
from maillage.events.models import EventSession, Registration
from maillage.web.demo.gathered import Comer, Gathering, Group

_SESSIONS = Statement(select(EventSession.id).where(EventSession.occurrence_id == bindparam("occurrence_id")))
_SEATS = Statement(
    select(Registration.id)
    .where(Registration.occurrence_id == bindparam("occurrence_id"), Registration.organization_id == bindparam("of"))
    .order_by(Registration.id)
)


@dataclass(frozen=True, slots=True)
class Made:
    """A gathering that is there, with its dates in their order, and what may be chosen by its label."""

    told: Gathering
    id: int
    path: str
    dates: Sequence[int]
    choices: Mapping[str, int]
    # Its question that people answer in their own words.
    own_words: int | None


class Attending:
    """Has people register, in the order of time."""

    def __init__(
        self, db: Db, cast: Mapping[str, Viewer], organizations: Mapping[str, int], moment: Callable[[float], datetime]
    ) -> None:
        self._db, self._cast, self._organizations, self._moment = db, cast, organizations, moment

    async def load(self, made: Made) -> Sequence[int]:
        """Everybody who registers for it. Returns the registrations of those who were there."""
        told, came = made.told, list[int]()
        comers = [*told.comer, *_one_by_one(told)]
        acts: list[tuple[float, Comer | Group]] = [(comer.days_ago, comer) for comer in comers]
        acts += [(group.days_ago, group) for group in told.group]
        acts += [(comer.withdrew_days_ago, comer) for comer in comers if comer.withdrew_days_ago is not None]
        for days_ago, act in sorted(acts, key=lambda act: -act[0]):
            if isinstance(act, Group):
                await self._hold(made, act)
            elif days_ago == act.withdrew_days_ago:
                await self._withdraw(made, act, days_ago)
            else:
                registration_id = await self._come(made, act)
                if act.came:
                    came.append(registration_id)
        if told.report is not None:
            await self._note(made, came, told.report.days_ago)
        return came

    async def _participant(self, handle: str, name: str) -> int:
        if handle:
            who = self._cast[handle]
            return await participants.of_account(self._db, person_id=who.id, locale=who.locale)
        email = f"{names.slug(name)}@courrier.example"
        return await participants.of_address(self._db, email=email, name=name, locale=FRENCH)

    async def _come(self, made: Made, comer: Comer) -> int:
        who = self._cast.get(comer.person)
        registered = await registering.register(
            self._db,
            occurrence_id=made.dates[comer.date - 1],
            way=comer.way,
            participant_id=await self._participant(comer.person, comer.name),
            listed=comer.listed,
            choices=[made.choices[label] for label in comer.choices],
            organization_id=who.organization_id if who else None,
            now=self._moment(comer.days_ago),
            by=who.id if who else None,
        )
        await saying.say(
            self._db,
            registration_id=registered.id,
            answers={made.own_words: comer.says} if comer.says and made.own_words is not None else {},
            access=comer.access,
            diet=comer.diet,
            words=comer.needs,
        )
        return registered.id

    async def _withdraw(self, made: Made, comer: Comer, days_ago: float) -> None:
        again = await registering.register(
            self._db,
            occurrence_id=made.dates[comer.date - 1],
            way=comer.way,
            participant_id=await self._participant(comer.person, comer.name),
            now=self._moment(days_ago),
            by=None,
        )
        await registering.withdraw(
            self._db, registration_ids=[again.id], now=self._moment(days_ago), by=self._cast[comer.person].id
        )

    async def _hold(self, made: Made, group: Group) -> None:
        """The seats of an organization, and whom it has named for them."""
        occurrence_id, organization_id = made.dates[group.date - 1], self._organizations[group.organization]
        now, by = self._moment(group.days_ago), self._cast[group.by].id
        named = [
            *((handle, self._cast[handle].name) for handle in group.members),
            *(("", name) for name in group.named),
        ]
        await groups.hold(
            self._db,
            occurrence_id=occurrence_id,
            way=group.way,
            many=len(named) + group.unnamed,
            organization_id=organization_id,
            request_key=None,
            now=now,
            by=by,
        )
        seats = await self._db.rows(_SEATS, occurrence_id=occurrence_id, of=organization_id)
        for seat, (handle, name) in zip(seats, named, strict=False):
            await groups.name(
                self._db,
                registration_id=seat["id"],
                participant_id=await self._participant(handle, name),
                called=name,
                now=now,
                by=by,
            )

    async def _note(self, made: Made, came: Sequence[int], days_ago: float) -> None:
        """Who was there, as the sheet has it."""
        for session in await self._db.rows(_SESSIONS, occurrence_id=made.dates[0]):
            await attendance.type_in(
                self._db,
                session_id=session["id"],
                came=came,
                were=(),
                now=self._moment(days_ago),
                by=self._cast[made.told.by].id,
            )


def _one_by_one(told: Gathering) -> Iterator[Comer]:
    """People without an account, from the first moment to the last."""
    for guests in told.guests:
        apart = (guests.first_days_ago - guests.last_days_ago) / max(1, len(guests.names) - 1)
        for place, name in enumerate(guests.names):
            yield Comer(
                name=name,
                way=guests.way,
                days_ago=guests.first_days_ago - place * apart,
                date=guests.date,
                choices=guests.choices,
                came=guests.came,
            )

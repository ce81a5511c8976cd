"""What organizers change of a gathering and of one of its dates, once they exist."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData
from wtforms import BooleanField, HiddenField
from wtforms.validators import Length

from maillage.auth.forms.people import options
from maillage.core.db import Row
from maillage.core.forms import Choice, Form, Line, Prose, Several, WholeNumber, carried
from maillage.core.languages import NAMES, Text, _
from maillage.events.forms.days import Day
from maillage.events.forms.planning import Hour, PlaceFields, PlanFields, check_session
from maillage.events.models import ACCESS_FACTS
from maillage.events.policies.access import ACCESS_ANSWERS, ACCESS_NAMES
from maillage.events.policies.plans import (
    REMINDER_NAMES,
    RULE_NAMES,
    SCOPE_NAMES,
    Plan,
    Planned,
)
from maillage.events.queries.editing import as_seen
from maillage.taxonomies.queries.vocabulary import Vocabulary

# How many sessions may be added at once, below those that there are.
_FREE_ROWS = 2


class EditForm(PlanFields):
    """What a gathering is. `version` is that of what the person had before her."""

    language = Choice(_("Language"))
    organizations = Several(_("Organizations that hold it"))
    stage = Several(_("Stages of which it speaks"))
    competency = Several(_("Competencies of which it speaks"))
    reminders = Several(_("Remind those who come"))
    auto_hours = WholeNumber(_("Until how many hours before is a freed seat given at once?"), least=0, most=2_000)
    offer_hours = WholeNumber(_("After that, for how many hours is it held for the next person?"), most=500)
    unnamed_hours = WholeNumber(_("How many hours before do seats without a name go back?"), least=0, most=2_000)
    skip_parties = BooleanField(carried(_("People may pass a group for which there are not enough seats")))
    version = HiddenField()

    def __init__(
        self, locale: str, words: Vocabulary, bodies: Sequence[Row], data: FormData | None = None, **given: Any
    ) -> None:
        super().__init__(locale, data, **given)
        self.organizations.choices = [(str(body["id"]), body["name"]) for body in bodies]
        self.choose_kinds_from(words, locale)
        self.language.choices = list(NAMES.items())
        self.reminders.choices = [(str(hours), said.in_(locale)) for hours, said in REMINDER_NAMES.items()]
        for taxonomy, field in self._spoken_of().items():
            field.choices = [(word.slug, word.label(locale)) for word in words.offered(taxonomy)]

    def _spoken_of(self) -> dict[str, Several]:
        return {"stage": self.stage, "competency": self.competency}

    def plan(self, words: Vocabulary) -> Plan:
        terms = [words.find(taxonomy, slug) for taxonomy, field in self._spoken_of().items() for slug in field.chosen]
        return Plan(
            **self.facts(words),
            language=self.language.data,
            organization_ids=[int(number) for number in self.organizations.chosen],
            term_ids=[term.id for term in terms if term],
            reminders=[int(hours) for hours in self.reminders.chosen],
            auto_hours=24 if self.auto_hours.data is None else self.auto_hours.data,
            offer_hours=self.offer_hours.data or 12,
            unnamed_hours=72 if self.unnamed_hours.data is None else self.unnamed_hours.data,
            skip_parties=bool(self.skip_parties.data),
        )


def edit_form_of(locale: str, words: Vocabulary, row: Row, bodies: Sequence[Row]) -> EditForm:
    """The form as the gathering stands."""

    def slug(term_id: int | None) -> str:
        return words.by_id[term_id].slug if term_id in words.by_id else ""

    given = {name: row[name] for name in ("title", "language", "registration", "visibility", "cost", "conditions")}
    given |= {name: row[name] for name in ("auto_hours", "offer_hours", "unnamed_hours", "skip_parties", "version")}
    terms = [words.by_id[term_id] for term_id in row["terms"] or () if term_id in words.by_id]
    given |= {name: [term.slug for term in terms if term.taxonomy == name] for name in ("stage", "competency")}
    return EditForm(
        locale,
        words,
        bodies,
        organizations=[str(body["id"]) for body in bodies if body["named"]],
        kind=slug(row["type_id"]),
        module=slug(row["module_id"]),
        summary=row["summary"],
        description=row["description"] or "",
        reminders=[str(hours) for hours in row["reminders"] or ()],
        **given,
    )


@dataclass(frozen=True, slots=True)
class SessionRow:
    """The three fields of one session; `id` of one that there is."""

    id: int | None
    day: Day
    begins: Hour
    ends: Hour


class DateEditForm(PlaceFields):
    """One date: its sessions, where it is, how many may come, whether one can come in, when one registers.

    `version` is what the person had before her.
    """

    label = Line(_("What tells this date from the others, if need be"), limit=120)
    online_note = Line(_("What else to know in order to take part online"), limit=500)
    opens = Day(_("Registration opens on"))
    closes = Day(_("Last day to register"))
    scope = Choice(_("Change"), default="one")
    version = HiddenField()
    sessions: list[SessionRow]
    access: dict[str, tuple[Choice, Line]]

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        given = [row for row in self.sessions if row.day.data or row.begins.data or row.ends.data]
        for row in given:
            for field in (row.day, row.begins, row.ends):
                if not field.data and not field.errors:
                    field.errors = [carried(_("This field is required."))]
                    valid = False
            for hour, why in check_session(row.day, row.begins, row.ends, self.zone.data):
                hour.errors = [carried(why)]
                valid = False
        starts = [(row.day.data, row.begins.at) for row in given]
        if not given or len(set(starts)) < len(starts):
            why = _("Two sessions begin at the same time.") if given else _("A date has at least one session.")
            self.sessions[0].day.errors = [*self.sessions[0].day.errors, carried(why)]
            valid = False
        if self.opens.data and self.closes.data and self.closes.data < self.opens.data:
            self.closes.errors = [carried(_("It closes after it opens."))]
            valid = False
        return valid

    def planned(self, words: Vocabulary) -> Planned:
        """The date. The form is valid."""
        region = words.find("region", self.region.data or "")
        zone = ZoneInfo(self.zone.data)
        return Planned(
            zone=self.zone.data,
            mode=self.mode.data,
            sessions=[both for _id, both in self.said_sessions()],
            seats=self.ways(),
            label=self.label.words,
            place=self.place.words,
            address=self.address.words,
            locality=self.locality.words,
            region_id=region.id if region else None,
            online_url=self.online_url.words,
            online_note=self.online_note.words,
            opens_at=_midnight(self.opens.data, zone),
            closes_at=_midnight(self.closes.data and self.closes.data + timedelta(days=1), zone),
            access={fact: (answer.data, note.words) for fact, (answer, note) in self.access.items() if answer.data},
        )

    def said_sessions(self) -> list[tuple[int | None, tuple[datetime, datetime]]]:
        """The sessions that are to be, with the numbers of those that there are. The form is valid."""
        return [
            (row.id, (datetime.combine(row.day.data, row.begins.at), datetime.combine(row.day.data, row.ends.at)))
            for row in self.sessions
            if row.day.data and row.begins.at and row.ends.at
        ]


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time(), zone) if day else None


def date_edit_form(
    locale: str, words: Vocabulary, sessions: Sequence[Row], data: FormData | None = None, **given: Any
) -> DateEditForm:
    """The form of a date with these sessions, and room for a few more."""
    # As many as were written, should somebody have taken a session away meanwhile.
    written = sum(name.startswith("day_") for name in data or ())
    ids = [*(row["id"] for row in sessions), *[None] * max(_FREE_ROWS, written - len(sessions))]
    fields: dict[str, Any] = {}
    for n in range(len(ids)):
        fields[f"day_{n}"] = Day(_("Day"))
        fields[f"begins_{n}"] = Hour(_("Begins at"), required=False, render_kw={"type": "time"})
        fields[f"ends_{n}"] = Hour(_("Ends at"), required=False, render_kw={"type": "time"})
    for fact in ACCESS_FACTS:
        fields[f"access_{fact}"] = Choice(ACCESS_NAMES[fact], default="")
        fields[f"note_{fact}"] = Line(_("In a few words"), limit=300)
    form: DateEditForm = type("DateForm", (DateEditForm,), fields)(locale, data, **given)
    form.choose_from(words, locale)
    form.scope.choices = options(SCOPE_NAMES, locale)
    made: Any = form
    form.access = {fact: (made[f"access_{fact}"], made[f"note_{fact}"]) for fact in ACCESS_FACTS}
    for answer, _note in form.access.values():
        answer.choices = [("", _("Not said").in_(locale)), *options(ACCESS_ANSWERS, locale)]
    form.sessions = [
        SessionRow(id_, made[f"day_{n}"], made[f"begins_{n}"], made[f"ends_{n}"]) for n, id_ in enumerate(ids)
    ]
    return form


def date_edit_form_of(locale: str, words: Vocabulary, row: Row, sessions: Sequence[Row]) -> DateEditForm:
    """The form as the date stands."""
    zone = ZoneInfo(row["zone"])
    given: dict[str, Any] = {
        name: row[name]
        for name in ("label", "zone", "mode", "place", "address", "locality", "online_url", "online_note")
    }
    given["region"] = words.by_id[row["region_id"]].slug if row["region_id"] in words.by_id else ""
    given |= {"seats": row["seats"], "online_seats": row["online_seats"]}
    given["opens"] = row["opens_at"].astimezone(zone).date() if row["opens_at"] else None
    given["closes"] = (row["closes_at"].astimezone(zone) - timedelta(minutes=1)).date() if row["closes_at"] else None
    for n, session in enumerate(sessions):
        given[f"day_{n}"] = session["local_start"].date()
        given[f"begins_{n}"], given[f"ends_{n}"] = (f"{session[s]:%H:%M}" for s in ("local_start", "local_end"))
    for fact, answer, note in row["access"] or ():
        given[f"access_{fact}"], given[f"note_{fact}"] = answer, note
    given["version"] = as_seen(row, sessions)
    return date_edit_form(locale, words, sessions, None, **given)


class WhyForm(Form):
    """Why a date is put off or does not take place."""

    reason = Prose(_("Why, for those who are told"), limit=500, required=True)


class RepeatForm(Form):
    """How a date comes back."""

    rule = Choice(_("It comes back"), default="1")
    times = WholeNumber(_("How many more times"), most=26, default=5)

    def __init__(self, locale: str, data: FormData | None = None) -> None:
        super().__init__(locale, data)
        self.rule.choices = options(RULE_NAMES, locale)


# What a copy may bring along, in the order in which it is asked.
COPIED: Mapping[str, Text] = {
    "texts": _("Its description and what is read before it"),
    "programme": _("Its programme, its workshops and the questions asked in registering"),
    "hands": _("Those who look after it with me"),
    "dates": _("Its dates, places and numbers of seats"),
}


class CopyForm(Form):
    """What a copy is to have."""

    title = Line(_("Title"), limit=200, required=True)
    what = Several(_("Copy"))
    day = Day(_("Its first date is on"))
    model = BooleanField(carried(_("Keep it as a model, to begin others with")))
    request_key = HiddenField(validators=[Length(max=64)])

    def __init__(self, locale: str, data: FormData | None = None, **given: Any) -> None:
        super().__init__(locale, data, **given)
        self.what.choices = options(COPIED, locale)

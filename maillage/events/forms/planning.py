"""What organizers write to plan a gathering: what it is, and one date of it."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData
from wtforms import HiddenField, StringField, ValidationError
from wtforms.validators import DataRequired, Length, Optional

from maillage.auth.forms.people import options
from maillage.core.forms import Choice, Form, Line, Prose, WholeNumber, carried
from maillage.core.language_guess import guess
from maillage.core.languages import Text, _
from maillage.events.forms.days import Day
from maillage.events.policies import MODE_NAMES
from maillage.events.policies.plans import REGISTRATION_NAMES, VISIBILITY_NAMES, Plan, Planned
from maillage.events.policies.zones import ZONE_NAMES
from maillage.taxonomies.queries.vocabulary import Vocabulary

_MOST_SEATS = 20_000


class Hour(StringField):
    """An hour on the wall: « 13:30 », « 13 h 30 », « 9 h »."""

    def __init__(self, label: Text, *, required: bool = True, **more: Any) -> None:
        super().__init__(carried(label), [DataRequired() if required else Optional()], **more)
        self.at: time | None = None

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 — WTForms gives it
        if not self.data:
            return
        hour, _h, minute = (self.data or "").lower().replace("h", ":").replace(" ", "").partition(":")
        try:
            self.at = time(int(hour), int(minute or 0))
        except (ValueError, OverflowError):
            raise ValidationError(carried(_("An hour looks like 9:00 or 13:30."))) from None


class PlaceFields(Form):
    """Where a date takes place and how many may come, whenever it is."""

    zone = Choice(_("Time zone"), default="America/Toronto")
    mode = Choice(_("How one takes part"), default="in-person")
    place = Line(_("Place"), limit=200)
    address = Line(_("Address"), limit=300)
    locality = Line(_("Municipality"), limit=120)
    region = Choice(_("Region"), default="")
    seats = WholeNumber(_("Seats in the room"), least=0, most=_MOST_SEATS)
    online_seats = WholeNumber(_("Places online"), least=0, most=_MOST_SEATS)
    online_url = Line(_("Address to take part online"), limit=500)

    def choose_from(self, words: Vocabulary, locale: str) -> None:
        self.zone.choices = options(ZONE_NAMES, locale)
        self.mode.choices = options(MODE_NAMES, locale)
        regions = [(word.slug, word.label(locale)) for word in words.offered("region")]
        self.region.choices = [("", _("Not said").in_(locale)), *regions]

    def validate_online_url(self, field: Line) -> None:
        if field.words and not field.words.startswith(("https://", "http://")):
            raise ValidationError(carried(_("An address begins with https://.")))

    def ways(self) -> dict[str, int | None]:
        """How many may come each way that there is."""
        ways = {"in-person": self.seats.data} if self.mode.data != "online" else {}
        if self.mode.data != "in-person":
            ways["online"] = self.online_seats.data
        return ways


def check_session(day: Day, begins: Hour, ends: Hour, zone_name: str) -> list[tuple[Hour, Text]]:
    """What is wrong with these hours on that day, beside which of them."""
    if day.data is None or begins.at is None or ends.at is None:
        return []
    wrong = [(ends, _("It ends after it begins."))] if ends.at <= begins.at else []
    zone = ZoneInfo(zone_name if zone_name in ZONE_NAMES else "America/Toronto")
    local = datetime.combine(day.data, begins.at)
    if local.replace(tzinfo=zone).astimezone(ZoneInfo("UTC")).astimezone(zone).replace(tzinfo=None) != local:
        wrong.append((begins, _("That hour does not exist on that day: clocks go forward.")))
    return wrong


class _DateFields(PlaceFields):
    """One date of a gathering, of one session."""

    day = Day(_("Day"), required=True)
    begins = Hour(_("Begins at"), render_kw={"type": "time"})
    ends = Hour(_("Ends at"), render_kw={"type": "time"})

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        for field, why in check_session(self.day, self.begins, self.ends, self.zone.data):
            field.errors = [carried(why)]
            valid = False
        return valid

    def planned(self, words: Vocabulary) -> Planned:
        """The date. The form is valid."""
        assert self.day.data is not None and self.begins.at is not None and self.ends.at is not None  # noqa: S101, PT018
        region = words.find("region", self.region.data or "")
        session = (datetime.combine(self.day.data, self.begins.at), datetime.combine(self.day.data, self.ends.at))
        return Planned(
            zone=self.zone.data,
            mode=self.mode.data,
            sessions=[session],
            seats=self.ways(),
            place=self.place.words,
            address=self.address.words,
            locality=self.locality.words,
            region_id=region.id if region else None,
            online_url=self.online_url.words,
        )


class DateForm(_DateFields):
    """One more date of a gathering."""

    def __init__(self, locale: str, words: Vocabulary, data: FormData | None = None) -> None:
        super().__init__(locale, data)
        self.choose_from(words, locale)


class PlanFields(Form):
    """What a gathering is, whenever it is."""

    title = Line(_("Title"), limit=200, required=True)
    kind = Choice(_("Type"), default="")
    module = Choice(_("Training that it gives"), default="")
    summary = Prose(_("In a few words, for lists and letters"), limit=600)
    description = Prose(_("What it is about, for whom, how it goes"), limit=50_000)
    registration = Choice(_("Registration"), default="open")
    visibility = Choice(_("Who sees it"), default="public")
    cost = Line(_("Cost"), limit=200)
    conditions = Prose(_("What one agrees to in registering"), limit=1_000)

    def choose_kinds_from(self, words: Vocabulary, locale: str) -> None:
        none = ("", _("Not said").in_(locale))
        self.kind.choices = [none, *((word.slug, word.label(locale)) for word in words.offered("gathering_type"))]
        self.module.choices = [none, *((word.slug, word.label(locale)) for word in words.offered("module"))]
        self.registration.choices = options(REGISTRATION_NAMES, locale)
        self.visibility.choices = options(VISIBILITY_NAMES, locale)

    def facts(self, words: Vocabulary) -> dict[str, Any]:
        """What of a `Plan` these fields say. The form is valid."""
        kind, module = words.find("gathering_type", self.kind.data or ""), words.find("module", self.module.data or "")
        return {
            "title": self.title.words,
            "summary": " ".join(self.summary.words.split()),
            "description": self.description.words,
            "visibility": self.visibility.data,
            "registration": self.registration.data,
            "type_id": kind.id if kind else None,
            "module_id": module.id if module else None,
            "cost": self.cost.words,
            "conditions": self.conditions.words,
        }


class GatheringForm(PlanFields, _DateFields):
    """A gathering with its first date: a title, a day and two hours are enough."""

    request_key = HiddenField(validators=[Length(max=64)])

    def __init__(self, locale: str, words: Vocabulary, data: FormData | None = None, **given: Any) -> None:
        super().__init__(locale, data, **given)
        self.choose_from(words, locale)
        self.choose_kinds_from(words, locale)

    def plan(self, words: Vocabulary) -> Plan:
        facts = self.facts(words)
        return Plan(language=guess("\n".join(facts[part] for part in ("title", "summary", "description"))), **facts)


class CancellationForm(Form):
    reason = Prose(_("Why it does not take place"), limit=500, required=True)

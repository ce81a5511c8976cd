"""What is said of an organization, its domains and its groups."""

import re

from starlette.datastructures import FormData
from wtforms.validators import ValidationError

from maillage.auth.forms.people import clean_name
from maillage.auth.policies import REGIONS, RELATIONS
from maillage.core import names
from maillage.core.forms import Choice, Form, Line, Prose, carried
from maillage.core.languages import NAMES, Text, _

NAME_LENGTH = 200
_A_NAME = _("A name is made of letters, digits, spaces and hyphens, not of links or symbols.")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
# Where everybody can have an address: who proves one there has proved nothing. A trailing dot: in any country.
_PUBLIC = (
    "gmail.com",
    "googlemail.com",
    "outlook.",
    "hotmail.",
    "live.",
    "msn.com",
    "yahoo.",
    "ymail.com",
    "rocketmail.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "aol.",
    "gmx.",
    "mail.com",
    "mail.ru",
    "yandex.",
    "zoho.com",
    "zohomail.com",
    "proton.me",
    "protonmail.com",
    "protonmail.ch",
    "pm.me",
    "tutanota.com",
    "tuta.io",
    "tuta.com",
    "fastmail.com",
    "fastmail.fm",
    "hey.com",
    "duck.com",
    "videotron.ca",
    "videotron.qc.ca",
    "bell.net",
    "bell.ca",
    "sympatico.ca",
    "cogeco.ca",
    "cogeco.net",
    "globetrotter.net",
    "telus.net",
    "telusplanet.net",
    "rogers.com",
    "shaw.ca",
    "eastlink.ca",
    "teksavvy.com",
    "ebox.ca",
    "ebox.net",
    "oricom.ca",
    "oricom.net",
    "axion.ca",
    "xplornet.com",
    "xplornet.ca",
    "distributel.ca",
    "primus.ca",
    "sasktel.net",
    "mts.net",
    "b2b2c.ca",
    "cgocable.ca",
    "tlb.sympatico.ca",
    "hotmail.com",
    "free.fr",
    "orange.fr",
    "wanadoo.fr",
    "laposte.net",
    "sfr.fr",
    "mailinator.com",
    "yopmail.com",
)
JOINING: dict[str, Text] = {
    "approval": _("They wait to be let in."),
    "at_once": _("They are in at once."),
}


def is_public(domain: str) -> bool:
    """Whether everybody can have an address there."""
    return any(
        re.fullmatch(re.escape(known) + r"(?:[a-z]{2,3})(?:\.[a-z]{2})?", domain) is not None
        if known.endswith(".")
        else domain == known
        for known in _PUBLIC
    )


class OrganizationForm(Form):
    """An organization that somebody brings here."""

    name = Line(_("Name of the organization"), limit=NAME_LENGTH, required=True)
    about = Prose(_("What it does, in a few words"), limit=2000)
    region = Choice(_("Region"), choices=[("", _("Not said")), *REGIONS.items()], default="")
    relation = Choice(
        _("In what capacity its people take part"), choices=[("", _("Not said")), *RELATIONS.items()], default=""
    )

    def validate_name(self, field: Line) -> None:
        written = names.clean(field.words)
        # What is cut out of people's names has no place here either, dots and colons of honest names aside.
        if not any(map(str.isalnum, written)) or re.search(r"[<>@\\|\"=;{}\[\]]|://|\bwww\.", written):
            raise ValidationError(carried(_A_NAME))

    @property
    def clean_name(self) -> str:
        return names.clean(self.name.words)


class DescriptionForm(OrganizationForm):
    """What is said of an organization that is here already, and in which language."""

    language = Choice(_("Language in which this is written"), choices=list(NAMES.items()))


class JoiningForm(Form):
    joining = Choice(_("Those who sign in for the first time with an address of yours"), choices=list(JOINING.items()))


# The mailboxes by which certificate authorities too recognize whoever looks after a domain.
KEEPERS = ("admin", "administrator", "hostmaster", "postmaster", "webmaster")


class DomainForm(Form):
    """An address, for the domain that it stands in."""

    address = Line(_("An address of whoever looks after your domain"), limit=254, required=True)

    def __init__(self, locale: str, data: FormData | None = None) -> None:
        super().__init__(locale, data)
        self.domain = ""

    def validate_address(self, field: Line) -> None:
        local, at, domain = field.words.rpartition("@")
        try:
            plain = domain.encode("idna").decode().lower()
        except UnicodeError:
            plain = ""
        if not at or not re.fullmatch(r"[!-~]+", local) or "@" in local or not _DOMAIN.fullmatch(plain):
            raise ValidationError(carried(_("An e-mail address looks like this: info@organisation.example.")))
        if is_public(plain):
            raise ValidationError(
                carried(
                    _(
                        "Everybody can have an address at %(domain)s, so it cannot be your organization’s own.",
                        domain=plain,
                    )
                )
            )
        if local.lower() not in KEEPERS:
            # Anybody who works there may have an address; these are kept for those who look after the domain.
            raise ValidationError(
                carried(_("Use one of these: %(names)s.", names=", ".join(f"{one}@{plain}" for one in KEEPERS)))
            )
        self.domain = plain
        field.data = f"{local}@{plain}"


class GroupForm(Form):
    name = Line(_("Name of the group"), limit=120, required=True)

    def validate_name(self, field: Line) -> None:
        if not clean_name(field.words):
            raise ValidationError(carried(_A_NAME))


class MappingForm(Form):
    """A value of a provider's group claim, and the group that it stands for."""

    value = Line(_("What your account service calls the group"), limit=200, required=True)
    group = Choice(_("Group here"), validate_choice=False)

"""What is said of a place, so that somebody knows beforehand whether she can come in, follow and take part."""

from maillage.core.languages import Text, _

ACCESS_NAMES: dict[str, Text] = {
    "entrance": _("Step-free entrance"),
    "toilets": _("Accessible toilets"),
    "sign-language": _("Sign language interpretation"),
    "captions": _("Captions"),
    "transport": _("Public or shared transport"),
    "childcare": _("Childcare"),
}
ACCESS_ANSWERS: dict[str, Text] = {
    "yes": _("Yes"),
    "no": _("No"),
    "on-request": _("On request"),
}

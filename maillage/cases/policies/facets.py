"""The ways in which stories are looked for: which list of words each stands on, and how addresses name it."""

from dataclasses import dataclass

from maillage.core.languages import Text, _


@dataclass(frozen=True, slots=True)
class Facet:
    """`param` is how addresses name it. `taxonomy` is the list of its values; languages have none."""

    param: str
    label: Text
    taxonomy: str | None
    # Whether its words stand under others: the components of each type of empowerment.
    nested: bool = False


LANGUAGE = Facet("ecrit-en", _("Language of the story"), None)
FACETS: tuple[Facet, ...] = (
    Facet("etape", _("Stage of the cycle"), "stage"),
    Facet("region", _("Region"), "region"),
    Facet("enjeu", _("Issue"), "theme"),
    Facet("changement", _("What changed"), "change_field"),
    Facet("composante", _("Empowerment"), "empowerment", nested=True),
    Facet("dimension", _("Dimension of development"), "dimension"),
    Facet("echelle", _("Scale"), "scale"),
    Facet("famille", _("Who acted"), "family"),
    LANGUAGE,
)
BY_TAXONOMY: dict[str, Facet] = {facet.taxonomy: facet for facet in FACETS if facet.taxonomy}

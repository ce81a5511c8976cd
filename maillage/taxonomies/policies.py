"""The lists there are, what their terms say, and what may be done with a term."""

from dataclasses import dataclass

from maillage.core.answers import YES, Answer, no
from maillage.core.languages import Text, _

# In one list; more would no longer be a list to choose from.
MOST = 300


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """One list. Every term has a name, and may have a description; some say more."""

    name: Text
    about: Text
    # The list that its terms' parents are in: its own where some of them gather the others.
    parents: str = ""
    # Whether its terms have a number of their own, ask a question, serve stages.
    coded: bool = False
    asks: bool = False
    serves: bool = False


TAXONOMIES: dict[str, Taxonomy] = {
    "region": Taxonomy(
        _("Regions"), _("The administrative regions, by their official names, and two that are none."), coded=True
    ),
    "scale": Taxonomy(_("Scales"), _("How large a territory a story or an organization is about.")),
    "stage": Taxonomy(
        _("Stages of the cycle"), _("What a community goes through, each with its question about power."), asks=True
    ),
    "theme": Taxonomy(_("Themes"), _("What stories, gatherings and resources are about.")),
    "dimension": Taxonomy(_("Dimensions"), _("The sides of development that a story touches.")),
    "empowerment": Taxonomy(
        _("Components of empowerment"), _("Of persons, of communities and of organizations."), parents="empowerment"
    ),
    "change_field": Taxonomy(_("Fields of change"), _("Where a story says that something changed.")),
    "family": Taxonomy(_("Families of actors"), _("What kind of organization or person acts.")),
    "relation": Taxonomy(_("Capacities"), _("In what capacity a person or an organization is engaged.")),
    "competency_domain": Taxonomy(_("Domains of competency"), _("What gathers the competencies.")),
    "competency": Taxonomy(
        _("Competencies"),
        _("What one learns to do, alone or together, and at which stages it serves."),
        parents="competency_domain",
        serves=True,
    ),
    "gathering_type": Taxonomy(_("Types of gathering"), _("What people come together for.")),
    "module": Taxonomy(_("Training modules"), _("What is taught again and again, in one region after another.")),
}
SCOPES: dict[str, Text] = {"individuelle": _("Individual"), "collective": _("Collective")}


def may_set_aside(*, deprecated: bool, children: int) -> Answer:
    """Offer a term no longer. What used it goes on showing it."""
    if deprecated:
        return no(_("This term has already been set aside."))
    if children:
        return no(_("Set aside the terms that it gathers first: nobody would find them any more."))
    return YES


def may_bring_back(*, deprecated: bool, parent_deprecated: bool) -> Answer:
    if not deprecated:
        return no(_("This term is in use."))
    if parent_deprecated:
        return no(_("Bring back the term that gathers it first."))
    return YES


def may_gather(*, deprecated: bool) -> Answer:
    """Stand above a new term."""
    return no(_("The term that would gather it has been set aside.")) if deprecated else YES

"""Who may do what with accounts, and the words for the ways in which people are engaged."""

from maillage.auth.viewer import Who
from maillage.core.answers import YES, Answer, no
from maillage.core.languages import Text, _

# In what capacity somebody is engaged: the slugs of the taxonomy `actor_relations`.
RELATIONS: dict[str, Text] = {
    "acteur-terrain": _("Actor in an initiative on the ground"),
    "partenaire-terrain": _("Partner of an initiative"),
    "bailleur-de-fonds": _("Funder"),
    "ressource-de-soutien": _("Support resource"),
}

# Official names, not translated; the last two are not regions.
REGIONS: dict[str, str | Text] = {
    "bas-saint-laurent": "Bas-Saint-Laurent",
    "saguenay-lac-saint-jean": "Saguenay–Lac-Saint-Jean",
    "capitale-nationale": "Capitale-Nationale",
    "mauricie": "Mauricie",
    "estrie": "Estrie",
    "montreal": "Montréal",
    "outaouais": "Outaouais",
    "abitibi-temiscamingue": "Abitibi-Témiscamingue",
    "cote-nord": "Côte-Nord",
    "nord-du-quebec": "Nord-du-Québec",
    "gaspesie-iles-de-la-madeleine": "Gaspésie–Îles-de-la-Madeleine",
    "chaudiere-appalaches": "Chaudière-Appalaches",
    "laval": "Laval",
    "lanaudiere": "Lanaudière",
    "laurentides": "Laurentides",
    "monteregie": "Montérégie",
    "centre-du-quebec": "Centre-du-Québec",
    "tout-le-quebec": _("All of Québec"),
    "hors-quebec": _("Outside Québec"),
}


def may_use_own_account(who: Who) -> Answer:
    """See and change one's own account and sessions."""
    return YES if who is not None else no(_("Sign in to see your account."), sign_in=True)


def may_see_people(who: Who) -> Answer:
    """Profiles are for members only, absent ones included: a stranger cannot tell who is here."""
    return YES if who is not None else no(_("Sign in to see who takes part."), sign_in=True)

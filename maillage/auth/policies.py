"""Who may do what with accounts, and the words for the ways in which people are engaged."""

from dataclasses import dataclass
from datetime import datetime, timedelta

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


LAST_WAY_IN = _("This is your last way in: add another account, or an address, before you remove it.")
# A sign-in older than this does not show that it is still she who sits there.
FRESH_FOR = timedelta(minutes=10)


def may_change_ways_in(signed_in_at: datetime, now: datetime) -> Answer:
    """Add or remove an account to sign in with, or change one's address: right after signing in only."""
    if now - signed_in_at <= FRESH_FOR:
        return YES
    return no(_("To change how you sign in, first sign in once more: it shows that it is still you."))


def may_remove_way_in(*, others: int, proved_address: bool) -> Answer:
    """Remove an account to sign in with: never the last way in."""
    return YES if others or proved_address else no(LAST_WAY_IN)


def may_see_people(who: Who) -> Answer:
    """Profiles are for members only, absent ones included: a stranger cannot tell who is here."""
    return YES if who is not None else no(_("Sign in to see who takes part."), sign_in=True)


# What people may be on the whole platform; granted by people only.
PLATFORM_ROLES: dict[str, Text] = {
    "moderator": _("Facilitator"),
    "organizer": _("Gathering organizer"),
    "committee": _("Member of the advisory committee"),
    "admin": _("Platform administrator"),
}
ORGANIZATION_ROLES: dict[str, Text] = {"member": _("Member"), "administrator": _("Administrator")}


@dataclass(frozen=True, slots=True)
class Standing:
    """An organization, and how somebody stands in it."""

    organization_id: int
    slug: str
    name: str
    closed: bool
    # How many people administer it who can act: neither suspended nor gone.
    administrators: int
    # Her own membership, in force or waiting for an answer.
    membership_id: int | None
    role: str | None
    state: str | None

    @property
    def belongs(self) -> bool:
        return self.state == "active"

    @property
    def waits(self) -> bool:
        return self.state == "pending"

    @property
    def administers(self) -> bool:
        return self.belongs and self.role == "administrator"


CLOSED = _("This organization no longer takes part.")
BELONGS_ALREADY = _("You already belong to this organization.")
LAST_ADMINISTRATOR = _("Somebody else must administer the organization first: name another administrator.")
LAST_PLATFORM_ADMINISTRATOR = _("The platform needs an administrator: name another one first.")


def may_see_belonging(who: Who, standing: Standing) -> Answer:
    """See in what role and since when people belong; everybody else signed in sees their names only."""
    if who is not None and (standing.belongs or who.administers):
        return YES
    return no(_("Only its members see this."), sign_in=who is None)


def may_manage_members(who: Who, standing: Standing) -> Answer:
    """Invite people, change their roles, end their memberships."""
    if standing.closed:
        return no(CLOSED)
    if who is not None and standing.administers:
        return YES
    return no(_("Only an administrator of this organization can do this."), sign_in=who is None)


def may_admit(who: Who, standing: Standing) -> Answer:
    """See who asks to belong, and answer. Where nobody administers, it falls to the platform's administrators."""
    if who is not None and who.administers and not standing.administrators and not standing.closed:
        return YES
    return may_manage_members(who, standing)


def may_ask_to_join(who: Who, standing: Standing) -> Answer:
    if who is None:
        return no(_("Sign in to ask to belong to this organization."), sign_in=True)
    if standing.closed:
        return no(CLOSED)
    if standing.belongs:
        return no(BELONGS_ALREADY)
    if standing.waits:
        return no(_("Your request is waiting for an answer."))
    return YES


def may_leave(who: Who, standing: Standing) -> Answer:
    if who is None:
        return no(_("Sign in to see your account."), sign_in=True)
    if not standing.belongs:
        return no(_("You do not belong to this organization."))
    return may_do_without(standing, administers=standing.administers)


def may_do_without(standing: Standing, *, administers: bool) -> Answer:
    """Let somebody go, or step down: whoever administers alone cannot."""
    return no(LAST_ADMINISTRATOR) if administers and standing.administrators < 2 else YES


def may_administer(who: Who) -> Answer:
    """The platform: who may do what on it, who may come in, which organizations take part."""
    if who is not None and who.administers:
        return YES
    return no(_("Only the platform’s administrators can do this."), sign_in=who is None)


def may_suspend(who: Who, handle: str) -> Answer:
    if who is not None and who.handle == handle:
        return no(_("You cannot suspend yourself."))
    return may_administer(who)


def may_found(who: Who) -> Answer:
    """Bring an organization here; whoever does administers it."""
    return YES if who is not None else no(_("Sign in to register your organization."), sign_in=True)


def may_set_up(who: Who, standing: Standing) -> Answer:
    """Say what an organization is and how its people sign in and join, and read what happened when they did."""
    if standing.closed:
        return no(CLOSED)
    if who is not None and (standing.administers or who.administers):
        return YES
    return no(_("Only an administrator of this organization can do this."), sign_in=who is None)


STOPPED = _(
    "The platform’s administrators have switched this account service off: it stays as it is until they lift that."
    " Write to them."
)


def may_switch_on(provider_tried: bool, *, stopped: bool) -> Answer:
    """A way in is opened to people once somebody has gone through it, unless the platform has closed it."""
    if stopped:
        return no(STOPPED)
    return YES if provider_tried else no(_("Try it first: people should never be the first to find out."))

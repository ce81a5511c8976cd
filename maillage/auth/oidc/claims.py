"""What is kept of what a provider says about somebody. Everything else ends here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from maillage.auth.oidc import trouble
from maillage.auth.oidc.providers import Client

MAX_GROUPS, MAX_GROUP_LENGTH = 200, 200
# Of one claim that is shown to whoever tries a provider out.
_MAX_SHOWN = 2000


@dataclass(frozen=True, slots=True)
class Claims:
    """All that is kept of what a provider says; every other claim is dropped here."""

    issuer: str
    subject: str
    name: str
    # Only when the provider says that it has seen to it that the address is hers.
    email: str | None
    # It gave an address and did not say that.
    unverified: bool = False
    # What it calls its own session (`sid`).
    session: str | None = None
    # The values of the one group claim; None when not asked for or not sent.
    groups: tuple[str, ...] | None = None


def kept(client: Client, *sources: Mapping[str, Any]) -> Claims:
    """Out of the identity token and the user information, in this order, or of a plain service's answer."""
    first, plain = sources[0], client.plain
    email, unverified = _email(client, sources)
    return Claims(
        issuer=client.issuer,
        subject=subject_in(client, first),
        name=next(filter(None, (name_in(client, source) for source in sources)), ""),
        email=email,
        unverified=unverified,
        session=label_in(first, "sid") if plain is None else None,
        groups=_groups(client, sources),
    )


def label_in(source: Mapping[str, Any], claim: str) -> str | None:
    """A name that a provider gives to something of its own, if it is one."""
    value = source.get(claim)
    return value if isinstance(value, str) and 0 < len(value) <= 255 and value.isprintable() else None


def name_in(client: Client, source: Mapping[str, Any]) -> str:
    if client.plain is not None:
        name = source.get(client.plain.name_claim or "")
        return name if isinstance(name, str) and name.strip() else ""
    if isinstance(name := source.get("name"), str) and name.strip():
        return name
    parts = [source.get("given_name"), source.get("family_name")]
    return " ".join(part for part in parts if isinstance(part, str) and part.strip())


def shown(*sources: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Every claim as it was sent; what two sources say alike, once."""
    said = [(name, value) for source in sources for name, value in source.items()]
    return list(dict.fromkeys((_printable(name, 200), _printable(value, _MAX_SHOWN)) for name, value in said))


def subject_in(client: Client, source: Mapping[str, Any]) -> str:
    """Who it is about; raises `SignInFailed` when that cannot be kept."""
    claim = "sub"
    if client.plain is not None:
        claim = client.plain.subject_claim
        number = source.get(claim)
        if isinstance(number, int) and not isinstance(number, bool):
            source = {claim: str(number)}
    subject = label_in(source, claim)
    if subject is None:
        raise trouble.wrong_claim(client.label, "sub")
    return subject


def _email(client: Client, sources: tuple[Mapping[str, Any], ...]) -> tuple[str | None, bool]:
    """The address that some source vouches for; and whether there is one that none does."""
    claim = "email" if client.plain is None else client.plain.email_claim
    given = [
        (email, source)
        for source in sources
        if isinstance(email := source.get(claim or ""), str) and _like_an_address(email)
    ]
    # One source's word on an address says nothing of the address that another gives.
    vouched = [email for email, source in given if _vouched(client, email, source)]
    return (vouched[0], False) if vouched else (None, bool(given))


def _vouched(client: Client, email: str, source: Mapping[str, Any]) -> bool:
    if client.is_microsoft and source.get("xms_edov") in (True, "1", "true"):
        # Microsoft's word for it: the directory has proved that the address's domain is its own.
        return True
    if source.get("email_verified") is not True:
        return False
    # Google has seen any address once; only of its own, and of the domains that it hosts, does it know whose it is now.
    return not client.is_google or bool(source.get("hd")) or email.lower().endswith("@gmail.com")


def _like_an_address(email: str) -> bool:
    return 2 < len(email) <= 254 and email.isprintable() and " " not in email and email.count("@") == 1


def _groups(client: Client, sources: tuple[Mapping[str, Any], ...]) -> tuple[str, ...] | None:
    if client.group_claim is None:
        return None
    for source in sources:
        said = source.get(client.group_claim)
        values = [said] if isinstance(said, str) else said
        if isinstance(values, list):
            fit = [value for value in values if isinstance(value, str) and _like_a_group(value)]
            return tuple(dict.fromkeys(fit[:MAX_GROUPS]))
    return None


def _like_a_group(value: str) -> bool:
    return 0 < len(value) <= MAX_GROUP_LENGTH and value.isprintable()


def _printable(value: object, longest: int) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = text if len(text) <= longest else f"{text[:longest]}…"
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)

"""Every way in which signing in with a provider fails, each with its own sentence and its word for the log.

A provider's own words are never shown: in a call-back anybody can write them.
"""

from maillage.core.languages import Text, _


class SignInFailed(Exception):
    """Signing in cannot go on. `why` is for the person, `reason` a word for the log, `status` the page's."""

    def __init__(self, why: Text, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.why = why
        self.reason = reason
        self.status = status


def unreachable(provider: str) -> SignInFailed:
    why = _("%(provider)s does not answer. Try again in a few minutes.", provider=provider)
    return SignInFailed(why, "unreachable", 503)


def slow(provider: str) -> SignInFailed:
    why = _("%(provider)s takes too long to answer. Try again in a few minutes.", provider=provider)
    return SignInFailed(why, "slow", 503)


def certificate(provider: str) -> SignInFailed:
    why = _(
        "The certificate of %(provider)s is not valid: nothing was sent to it. Its administrators need to look at it.",
        provider=provider,
    )
    return SignInFailed(why, "certificate", 503)


def secret_lost(provider: str) -> SignInFailed:
    why = _(
        "What %(provider)s entrusted to us can no longer be read. Its administrators need to enter it again.",
        provider=provider,
    )
    return SignInFailed(why, "secret-lost", 503)


def private_address(provider: str) -> SignInFailed:
    why = _("%(provider)s has an address that is not on the public Internet: it is not asked.", provider=provider)
    return SignInFailed(why, "private-address", 503)


def wrong_issuer(provider: str) -> SignInFailed:
    why = _(
        "%(provider)s calls itself by another address than the one in its settings here."
        " Its administrators need to look at it.",
        provider=provider,
    )
    return SignInFailed(why, "issuer", 503)


def many_directories(provider: str) -> SignInFailed:
    why = _(
        "Anybody with a Microsoft account could come in through this address. Put your own directory’s (tenant’s)"
        " number in the place of common, organizations or consumers.",
        provider=provider,
    )
    return SignInFailed(why, "tenant", 503)


def switched_off(provider: str) -> SignInFailed:
    return SignInFailed(_("%(provider)s is no longer used to sign in here.", provider=provider), "not-in-use", 403)


def unverified_address(provider: str) -> SignInFailed:
    why = _(
        "%(provider)s gives an e-mail address without saying that it is yours, so it cannot open an account here.",
        provider=provider,
    )
    return SignInFailed(why, "unverified-address", 403)


def unknown_domain(provider: str) -> SignInFailed:
    why = _(
        "Your e-mail address at %(provider)s is not one of this organization’s, so it cannot open an account here.",
        provider=provider,
    )
    return SignInFailed(why, "unknown-domain", 403)


def ill_described(provider: str, what: str) -> SignInFailed:
    """`what` could not be used: its description, its keys, one of its answers."""
    why = _(
        "What %(provider)s says of itself cannot be used. Its administrators need to look at it.",
        provider=provider,
    )
    return SignInFailed(why, what, 503)


def unsafe_algorithm(provider: str) -> SignInFailed:
    why = _("%(provider)s signs in a way that is not safe enough to be accepted.", provider=provider)
    return SignInFailed(why, "algorithm", 503)


def other_provider(provider: str, reason: str) -> SignInFailed:
    return SignInFailed(_("The answer does not come from %(provider)s.", provider=provider), reason)


def not_signed(provider: str, reason: str) -> SignInFailed:
    return SignInFailed(_("The answer is not signed by %(provider)s.", provider=provider), reason)


def too_late(provider: str) -> SignInFailed:
    why = _("The answer of %(provider)s came too late, or one of our two clocks is wrong.", provider=provider)
    return SignInFailed(why, "expired")


def incomplete(provider: str, reason: str) -> SignInFailed:
    return SignInFailed(_("%(provider)s sent an incomplete answer.", provider=provider), reason)


def nobody(provider: str) -> SignInFailed:
    why = _("%(provider)s did not say who you are: it sent no identity token.", provider=provider)
    return SignInFailed(why, "no-id-token")


def two_persons(provider: str) -> SignInFailed:
    why = _("%(provider)s contradicts itself about who you are.", provider=provider)
    return SignInFailed(why, "userinfo-subject")


def refused(provider: str, error: str) -> SignInFailed:
    """What an `error` in a call-back means."""
    match error:
        case "access_denied":
            why = _("You cancelled signing in at %(provider)s.", provider=provider)
            return SignInFailed(why, "cancelled")
        case "consent_required" | "interaction_required" | "login_required" | "account_selection_required":
            why = _("%(provider)s needs your agreement before it tells us who you are.", provider=provider)
            return SignInFailed(why, "consent")
        case "server_error" | "temporarily_unavailable":
            why = _("%(provider)s has a problem of its own. Try again in a few minutes.", provider=provider)
            return SignInFailed(why, "provider-error", 503)
        case "redirect_uri_mismatch" | "invalid_redirect_uri":
            why = _(
                "%(provider)s does not know this platform’s redirect address: it has to be added there.",
                provider=provider,
            )
            return SignInFailed(why, "redirect", 503)
    why = _("%(provider)s refuses our request. Its settings for this platform need looking at.", provider=provider)
    return SignInFailed(why, "request-refused", 503)


def not_exchanged(provider: str, error: str) -> SignInFailed:
    """What an `error` in the exchange of a code means."""
    match error:
        case "invalid_grant":
            why = _("%(provider)s no longer knows this sign-in. Please begin again.", provider=provider)
            return SignInFailed(why, "code-over")
        case "invalid_client" | "unauthorized_client":
            why = _(
                "%(provider)s does not recognize this platform: its identifier or its secret is wrong.",
                provider=provider,
            )
            return SignInFailed(why, "client-refused", 503)
    return refused(provider, error)


def wrong_claim(provider: str, claim: str) -> SignInFailed:
    """What it means that `claim` is missing or not what it must be."""
    match claim:
        case "nonce":
            why = _(
                "The answer of %(provider)s belongs to another sign-in. Please begin again.",
                provider=provider,
            )
            return SignInFailed(why, "nonce")
        case "aud" | "azp":
            why = _("The answer of %(provider)s is meant for another platform.", provider=provider)
            return SignInFailed(why, "audience")
        case "iss":
            return other_provider(provider, "issuer")
        case "iat" | "nbf":
            why = _(
                "The answer of %(provider)s is dated in the future: one of our two clocks is wrong.",
                provider=provider,
            )
            return SignInFailed(why, "clock")
    return incomplete(provider, "claim")

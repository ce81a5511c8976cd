"""The exchange with an OpenID Connect or OAuth 2.0 provider. Nobody outside this folder imports authlib or joserfc."""

from maillage.auth.oidc.claims import Claims
from maillage.auth.oidc.directories import by_number
from maillage.auth.oidc.exchange import Departure, Described, Trial, arrival, departure, described, trial
from maillage.auth.oidc.providers import Client, Plain, forget
from maillage.auth.oidc.sign_outs import LoggedOut, logged_out, sign_out_address
from maillage.auth.oidc.trouble import SignInFailed

__all__ = [
    "Claims",
    "Client",
    "Departure",
    "Described",
    "LoggedOut",
    "Plain",
    "SignInFailed",
    "Trial",
    "arrival",
    "by_number",
    "departure",
    "described",
    "forget",
    "logged_out",
    "sign_out_address",
    "trial",
]

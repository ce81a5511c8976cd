"""Out with a question that only this browser can bring back; in with an answer that is checked before it is believed.

Nothing that a provider sends is trusted to be well made.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import AsyncOAuth2Client

from maillage.auth.oidc import tokens, trouble
from maillage.auth.oidc.claims import MAX_GROUPS, Claims, kept, name_in, shown, subject_in
from maillage.auth.oidc.providers import Client, Description, description, document, keys, must_be_public, talk
from maillage.core.languages import Text, _
from maillage.core.sealing import new_token


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send the browser, and what to remember until it comes back."""

    url: str
    state: str
    nonce: str
    code_verifier: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What a provider sends, claim by claim, to be shown and not kept; and what would be kept of it."""

    claims: list[tuple[str, str]]
    kept: Claims
    warnings: list[Text]


@dataclass(frozen=True, slots=True)
class Described:
    """What a provider says of itself, for whoever connects it."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo: str | None
    # It can end its own session when ours ends, and tells us when its own has ended.
    signs_out: bool
    tells_of_sign_outs: bool
    algorithms: list[str]


async def described(client: Client) -> Described:
    """Ask a provider who it is, anew, and whether we could sign in with it. Raises `SignInFailed`."""
    about = await description(client, anew=True)
    to = about.endpoints
    await must_be_public(client, *(to[name] for name in ("token_endpoint", "userinfo_endpoint") if name in to))
    if client.plain is None:
        async with talk(client, about) as http:
            await keys(http, client, about)
    return Described(
        issuer=client.issuer,
        authorization_endpoint=to["authorization_endpoint"],
        token_endpoint=to["token_endpoint"],
        userinfo=to.get("userinfo_endpoint"),
        signs_out="end_session_endpoint" in to,
        tells_of_sign_outs=about.tells_of_sign_outs,
        algorithms=about.algorithms,
    )


async def departure(client: Client, *, login_hint: str = "", locale: str) -> Departure:
    """The way out: an address at the provider, with a state, a nonce and a PKCE challenge of its own."""
    about = await description(client)
    state, nonce, code_verifier = new_token(), new_token(), generate_token(64)
    extra = {"nonce": nonce, "ui_locales": locale} if client.plain is None else {}
    if login_hint:
        extra["login_hint"] = login_hint
    async with talk(client, about) as http:
        url, _state = http.create_authorization_url(
            about.endpoints["authorization_endpoint"], state=state, code_verifier=code_verifier, **extra
        )
    return Departure(url, state, nonce, code_verifier)


async def arrival(client: Client, params: Mapping[str, str], *, nonce: str, code_verifier: str) -> Claims:
    """The way in: exchange the code of the call-back `params` and check who has signed in.

    Raises `SignInFailed`.
    """
    about = await description(client)
    return kept(client, *await _said(client, about, params, nonce, code_verifier))


async def trial(client: Client, params: Mapping[str, str], *, nonce: str, code_verifier: str) -> Trial:
    """Like `arrival`, for a look at all that the provider sends. Raises `SignInFailed`."""
    about = await description(client)
    sources = await _said(client, about, params, nonce, code_verifier, everything=True)
    claims = kept(client, *sources)
    return Trial(shown(*sources), claims, list(_warnings(client, about, claims, sources)))


async def _said(
    client: Client,
    about: Description,
    params: Mapping[str, str],
    nonce: str,
    code_verifier: str,
    *,
    everything: bool = False,
) -> list[dict[str, Any]]:
    """What the provider says of whoever has signed in, by source: the identity token first, if it makes any.

    It is asked for more when something that we keep is missing, or for `everything`.
    """
    code = _code(client, about, params)
    async with talk(client, about) as http:
        token = await _token(http, client, about, code, code_verifier)
        id_token, access_token = token.get("id_token"), token.get("access_token")
        access_token = access_token if isinstance(access_token, str) and access_token.isascii() else None
        if client.plain is not None:
            if not access_token:
                raise trouble.ill_described(client.label, "token-response")
            return [await _user_information(http, client, about, access_token)]
        if not isinstance(id_token, str):
            raise trouble.nobody(client.label)
        claims = await tokens.identity(http, client, about, id_token, access_token, nonce)
        subject = subject_in(client, claims)
        if not access_token or "userinfo_endpoint" not in about.endpoints:
            return [claims]
        if everything or not _complete(client, claims):
            more = await _user_information(http, client, about, access_token)
            if more.get("sub") != subject:
                raise trouble.two_persons(client.label)
            return [claims, more]
        return [claims]


def _code(client: Client, about: Description, params: Mapping[str, str]) -> str:
    # RFC 9207: an answer that another provider gave must not be taken to this one.
    said = params.get("iss")
    if client.plain is None and said != client.issuer and (said is not None or about.says_issuer):
        raise trouble.other_provider(client.label, "mix-up")
    if "error" in params:
        raise trouble.refused(client.label, params["error"])
    code = params.get("code", "")
    if not 0 < len(code) <= 4096:
        raise trouble.incomplete(client.label, "no-code")
    return code


async def _token(
    http: AsyncOAuth2Client, client: Client, about: Description, code: str, code_verifier: str
) -> Mapping[str, Any]:
    try:
        token: Mapping[str, Any] = await http.fetch_token(
            about.endpoints["token_endpoint"],
            grant_type="authorization_code",
            code=code,
            code_verifier=code_verifier,
        )
    except AuthlibBaseError as error:
        raise trouble.not_exchanged(client.label, error.error or "") from error
    except (ValueError, TypeError, RecursionError) as error:
        raise trouble.ill_described(client.label, "token-response") from error
    return token


async def _user_information(
    http: AsyncOAuth2Client, client: Client, about: Description, access_token: str
) -> dict[str, Any]:
    bearer = {"Authorization": f"Bearer {access_token}"}
    return await document(http, client, about.endpoints["userinfo_endpoint"], bearer)


def _complete(client: Client, claims: Mapping[str, Any]) -> bool:
    has_groups = client.group_claim is None or client.group_claim in claims
    return bool(name_in(client, claims)) and "email" in claims and has_groups


def _warnings(client: Client, about: Description, claims: Claims, sources: list[dict[str, Any]]) -> list[Text]:
    """What will not be as the administrator may expect; none of it stops anybody from signing in."""
    found = []
    if not claims.name:
        found.append(_("It sends no name: people give theirs when they arrive."))
    if claims.unverified and client.is_microsoft:
        found.append(
            _(
                "It sends an e-mail address without vouching for it. In the token configuration at Microsoft,"
                " add the optional claims email and xms_edov."
            )
        )
    elif claims.unverified and client.is_google:
        found.append(
            _("It sends an e-mail address of a domain that is not in Google Workspace: nobody vouches for it.")
        )
    elif claims.unverified:
        found.append(
            _("It sends an e-mail address without vouching for it (email_verified): your domains let nobody in.")
        )
    elif claims.email is None:
        found.append(_("It sends no e-mail address: your domains let nobody in."))
    if client.group_claim is not None and claims.groups is None:
        found.append(_("It sends no claim named %(claim)s: it puts nobody into groups.", claim=client.group_claim))
    if client.group_claim is not None and any(len(said) > MAX_GROUPS for said in _lists(client.group_claim, sources)):
        found.append(_("It sends more than %(most)s groups: the others are not read.", most=MAX_GROUPS))
    # Microsoft does it and does not say so; a plain service has nowhere to say it.
    if client.plain is None and not about.binds_codes and not client.is_microsoft:
        found.append(_("It does not say that it checks who brings the code of a sign-in (PKCE); we ask it to."))
    return found


def _lists(claim: str, sources: list[dict[str, Any]]) -> list[list[Any]]:
    return [said for source in sources if isinstance(said := source.get(claim), list)]

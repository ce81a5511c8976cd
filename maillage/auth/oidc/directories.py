"""Microsoft names a directory by a number; people know the domain of their organization."""

import re
from dataclasses import replace

from maillage.auth.oidc import trouble
from maillage.auth.oidc.providers import Client, document, talk

_HOST = "https://login.microsoftonline.com/"
_ISSUER = re.compile(re.escape(_HOST) + r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/v2\.0")


async def by_number(client: Client) -> Client:
    """The same client, its issuer the one by which Microsoft knows the directory. Raises `SignInFailed`.

    `client.issuer` names the directory by a domain; only Microsoft's own host is asked, and believed.
    """
    if not client.issuer.startswith(_HOST):
        raise trouble.ill_described(client.label, "issuer")
    async with talk(client) as http:
        said = await document(http, client, f"{client.issuer}/.well-known/openid-configuration")
    issuer = said.get("issuer")
    if not isinstance(issuer, str) or not _ISSUER.fullmatch(issuer):
        raise trouble.ill_described(client.label, "issuer")
    return replace(client, issuer=issuer)

"""How an account service is described by somebody who has never described one: as few fields as its kind allows."""

import re
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from wtforms import PasswordField
from wtforms.validators import Length, Optional, ValidationError

from maillage.core.forms import Form, Line, carried, clean_line
from maillage.core.languages import Text, _

KINDS: dict[str, Text | str] = {
    "microsoft": "Microsoft",
    "google": "Google",
    "keycloak": "Keycloak",
    "oidc": _("Another OpenID Connect service"),
    "oauth2": _("A plain OAuth 2.0 service"),
}
GOOGLE = "https://accounts.google.com"
_MICROSOFT = "https://login.microsoftonline.com/{}/v2.0"
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TENANT_DOMAIN = re.compile(r"(?:[a-z0-9-]{1,63}\.)+[a-z]{2,63}")
# Directories of everybody; the number is that of personal Microsoft accounts.
_EVERYBODY = {"common", "organizations", "consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"}
_WELL_KNOWN = "/.well-known/openid-configuration"
_NOT_AN_ADDRESS = _("This should be an address that begins with https://.")


def _address(given: str, *, root: bool = False) -> str:
    """An address that can be asked, without what nobody means; raises `ValidationError`."""
    given = given if "://" in given else f"https://{given}"
    try:
        parts = urlsplit(given)
        host = parts.hostname or ""
        port_ok = parts.port is None or parts.port > 0
    except ValueError:
        raise ValidationError(carried(_NOT_AN_ADDRESS)) from None
    local = host in {"127.0.0.1", "localhost", "::1"}
    if (
        not port_ok
        or not given.isascii()
        or not re.fullmatch(r"[!-~]+", given)
        or parts.scheme not in ({"https", "http"} if local else {"https"})
        or not re.fullmatch(r"[a-z0-9.:-]+", host)
        or (not local and "." not in host)
        or parts.username is not None
        or parts.fragment
        or (root and parts.query)
    ):
        raise ValidationError(carried(_NOT_AN_ADDRESS))
    return given


class SecretLine(PasswordField):
    """Written, never shown: the page never gives it back."""

    def __init__(self, label: Text, *, limit: int, **more: Any) -> None:
        super().__init__(carried(label), [Optional(), Length(max=limit)], filters=[clean_line], **more)
        # A browser must not put somebody's own password here.
        self.render_kw = {"autocomplete": "new-password"}

    @property
    def words(self) -> str:
        return self.data or ""


class ProviderForm(Form):
    """What every kind asks for. `asked` are the fields by which the service is found."""

    kind = ""
    asked: tuple[str, ...] = ()

    label = Line(_("What your people call these accounts"), limit=120, required=True)
    client_id = Line(_("Client identifier"), limit=500, required=True)
    client_secret = SecretLine(_("Client secret"), limit=500)
    group_claim = Line(_("Name of the claim that lists groups"), limit=80)

    def __init__(self, locale: str, data: FormData | None = None, **given: Any) -> None:
        super().__init__(locale, data, **given)
        # Found out while checking: where the service is.
        self.issuer = ""

    def validate_group_claim(self, field: Line) -> None:
        _a_claim(field)

    def find(self) -> bool:
        """Check only what says where the service is: enough to ask it who it is."""
        self.validate()
        errors = any(self[name].errors for name in self.asked)
        for name in self._fields:
            if name not in self.asked:
                self[name].errors = []
        return not errors

    def columns(self) -> dict[str, Any]:
        """What of it is stored; `issuer` where the kind has one."""
        found: dict[str, Any] = {
            "label": self.label.words,
            "client_id": self.client_id.words,
            "group_claim": self.group_claim.words or None,
        }
        return found | ({"issuer": self.issuer} if self.issuer else {})


def _a_claim(field: Line) -> None:
    if field.words and not re.fullmatch(r"[!-~]+", field.words):
        raise ValidationError(carried(_("The name of a claim has no spaces and no accents.")))


class MicrosoftForm(ProviderForm):
    kind = "microsoft"
    asked = ("tenant",)

    tenant = Line(_("Directory (tenant) ID, or your organization’s domain"), limit=253, required=True)

    def validate_tenant(self, field: Line) -> None:
        tenant = field.words.lower()
        if tenant in _EVERYBODY:
            raise ValidationError(carried(_("This is a directory of everybody. Give the one of your organization.")))
        if not _GUID.fullmatch(tenant) and not _TENANT_DOMAIN.fullmatch(tenant):
            why = _("A directory ID looks like this: 8d2f6c1e-4b7a-4e0f-9c55-0a1b2c3d4e5f.")
            raise ValidationError(carried(why))
        self.issuer = _MICROSOFT.format(tenant)

    def by_domain(self) -> bool:
        """Whether the service has yet to say under which number it knows that domain."""
        return not _GUID.fullmatch(self.tenant.words.lower())


class GoogleForm(ProviderForm):
    kind = "google"

    def __init__(self, locale: str, data: FormData | None = None, **given: Any) -> None:
        super().__init__(locale, data, **given)
        self.issuer = GOOGLE


class KeycloakForm(ProviderForm):
    kind = "keycloak"
    asked = ("server", "realm")

    server = Line(_("Address of the Keycloak server"), limit=400, required=True)
    realm = Line(_("Realm"), limit=90, required=True)

    def validate_server(self, field: Line) -> None:
        address = _address(field.words, root=True).rstrip("/")
        self._server = address.partition("/realms/")[0].partition("/admin")[0]

    def validate_realm(self, field: Line) -> None:
        if not re.fullmatch(r"[A-Za-z0-9._~-]+", field.words):
            raise ValidationError(carried(_("A realm is written in letters, digits, hyphens and underscores.")))
        if not self.server.errors:
            self.issuer = f"{self._server}/realms/{field.words}"


class OidcForm(ProviderForm):
    kind = "oidc"
    asked = ("address",)

    address = Line(_("Address of the service (its “issuer”)"), limit=450, required=True)

    def validate_address(self, field: Line) -> None:
        # What some services show is the address of their description; what follows is not part of their name.
        self.issuer = _address(field.words, root=True).removesuffix(_WELL_KNOWN)


class OauthForm(ProviderForm):
    """Without a description of its own: everything is said by hand. Its issuer is a name that we make up."""

    kind = "oauth2"
    asked = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint")

    authorization_endpoint = Line(_("Authorization address"), limit=500, required=True)
    token_endpoint = Line(_("Token address"), limit=500, required=True)
    userinfo_endpoint = Line(_("User information address"), limit=500, required=True)
    subject_claim = Line(_("Name of the claim that never changes for a person"), limit=80, required=True)
    name_claim = Line(_("Name of the claim that holds a person’s name"), limit=80)
    email_claim = Line(_("Name of the claim that holds an e-mail address"), limit=80)

    def validate_authorization_endpoint(self, field: Line) -> None:
        field.data = _address(field.words)

    validate_token_endpoint = validate_authorization_endpoint
    validate_userinfo_endpoint = validate_authorization_endpoint

    def validate_subject_claim(self, field: Line) -> None:
        _a_claim(field)

    validate_name_claim = validate_subject_claim
    validate_email_claim = validate_subject_claim

    def columns(self) -> dict[str, Any]:
        return super().columns() | {
            "authorization_endpoint": self.authorization_endpoint.words,
            "token_endpoint": self.token_endpoint.words,
            "userinfo_endpoint": self.userinfo_endpoint.words,
            "subject_claim": self.subject_claim.words,
            "name_claim": self.name_claim.words or None,
            "email_claim": self.email_claim.words or None,
        }


FORMS: dict[str, type[ProviderForm]] = {
    form.kind: form for form in (MicrosoftForm, GoogleForm, KeycloakForm, OidcForm, OauthForm)
}


def given_by(kind: str, issuer: str) -> dict[str, str]:
    """The fields of that kind that an issuer was made of."""
    match kind:
        case "microsoft":
            return {"tenant": issuer.removeprefix("https://login.microsoftonline.com/").removesuffix("/v2.0")}
        case "keycloak":
            server, _realms, realm = issuer.rpartition("/realms/")
            return {"server": server, "realm": realm}
        case "oidc":
            return {"address": issuer}
    return {}

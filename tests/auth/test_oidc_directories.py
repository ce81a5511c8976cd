"""Microsoft itself, and nobody else, says by which number it knows the directory of a domain."""

from typing import Any

import pytest

from maillage.auth import oidc
from maillage.auth.oidc import SignInFailed, directories

pytestmark = pytest.mark.anyio
HOST = "https://login.microsoftonline.com"
NUMBER = "0f3b7c7e-9a55-4f0c-8f39-0c5f3a1f2b10"


def client_for(issuer: str) -> oidc.Client:
    return oidc.Client("Microsoft", issuer, "x", None, "https://maillage.example.org/retour", kind="microsoft")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What Microsoft answers, under "said"; what it was asked for, under "url"."""
    exchange: dict[str, Any] = {"said": {"issuer": f"{HOST}/{NUMBER}/v2.0"}}

    async def document(_http: Any, _client: Any, url: str) -> Any:
        exchange["url"] = url
        return exchange["said"]

    monkeypatch.setattr(directories, "document", document)
    return exchange


async def test_a_domain_leads_to_the_number_of_its_directory(asked: dict[str, Any]) -> None:
    found = await oidc.by_number(client_for(f"{HOST}/mrc.example/v2.0"))
    assert asked["url"] == f"{HOST}/mrc.example/v2.0/.well-known/openid-configuration"
    assert found == client_for(f"{HOST}/{NUMBER}/v2.0")


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"issuer": None},
        {"issuer": f"{HOST}/{{tenantid}}/v2.0"},
        {"issuer": f"https://evil.example/{NUMBER}/v2.0"},
        {"issuer": f"{HOST}/{NUMBER}/v2.0/more"},
        {"issuer": f"{HOST}.evil.example/{NUMBER}/v2.0"},
    ],
)
async def test_an_answer_that_names_no_one_directory_is_refused(asked: dict[str, Any], said: dict[str, Any]) -> None:
    asked["said"] = said
    with pytest.raises(SignInFailed) as failed:
        await oidc.by_number(client_for(f"{HOST}/mrc.example/v2.0"))
    assert failed.value.reason == "issuer"


@pytest.mark.parametrize("issuer", ["https://evil.example/x", f"{HOST}.evil.example/x", f"{HOST}@evil.example/x"])
async def test_nobody_else_is_asked(asked: dict[str, Any], issuer: str) -> None:
    with pytest.raises(SignInFailed):
        await oidc.by_number(client_for(issuer))
    assert "url" not in asked


async def test_the_directory_of_all_personal_accounts_is_nobodys(asked: dict[str, Any]) -> None:
    asked["said"] = {"issuer": f"{HOST}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"}
    found = await oidc.by_number(client_for(f"{HOST}/outlook.com/v2.0"))
    with pytest.raises(SignInFailed) as failed:
        await oidc.described(found)
    assert failed.value.reason == "tenant"

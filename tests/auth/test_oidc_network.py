"""Providers are asked on the public Internet only, at the address that was checked, and by a name that they prove."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from maillage.auth import oidc
from maillage.auth.oidc import SignInFailed, network
from tests.auth.certificates import Authority
from tests.auth.providers import CLIENT_ID, CLIENT_SECRET, HostileProvider, address, listening, served

pytestmark = pytest.mark.anyio
HOST = "provider.example"
# In these tests this stands for a public address, and any other for one that is not.
PUBLIC = "127.0.0.1"


def client_for(issuer: str, **more: Any) -> oidc.Client:
    return oidc.Client("Hostile", issuer, CLIENT_ID, CLIENT_SECRET, "https://maillage.example.org/retour", **more)


@dataclass
class Names:
    """A resolver that is told what to answer, call by call; the last answer stays."""

    answers: dict[str, list[list[str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def mean(self, host: str, *answers: list[str]) -> None:
        self.answers[host] = list(answers)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    names, real = Names(), socket.getaddrinfo

    def resolve(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        names.asked.append(name)
        answers = names.answers.get(name)
        if answers is None:
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [answer for one in found for answer in real(one, port, *args, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    oidc.forget()
    return names


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


class Stage:
    """The hostile provider behind TLS, under a name that leads to it."""

    def __init__(self, names: Names) -> None:
        self.names, self.open = names, ExitStack()

    def opened(self, certificate: Path) -> HostileProvider:
        heard = self.open.enter_context(listening())
        provider = HostileProvider(f"https://{HOST}:{heard.getsockname()[1]}")
        self.open.enter_context(served(provider.app, heard, certificate=certificate))
        self.names.mean(HOST, [PUBLIC])
        return provider


@pytest.fixture
def stage(names: Names, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    trusted = ssl.create_default_context(cafile=str(authority.file))
    monkeypatch.setattr(network, "_tls", lambda: trusted)
    monkeypatch.setattr(network, "is_public", lambda where: str(where) == PUBLIC)
    stage = Stage(names)
    with stage.open:
        yield stage


@pytest.mark.parametrize(
    "where",
    [
        "0.0.0.0",  # noqa: S104
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.1.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:10.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::a00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
    ],
)
def test_an_address_that_only_this_server_can_reach_is_not_public(where: str) -> None:
    assert not network.is_public(ip_address(where))


@pytest.mark.parametrize(
    "where", ["8.8.8.8", "142.250.69.141", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::"]
)
def test_an_address_on_the_internet_is_public(where: str) -> None:
    assert network.is_public(ip_address(where))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "[::1]",
        "10.1.2.3",
        "100.64.0.1",
        "169.254.169.254",
        "[fd00::1]",
        "[fe80::1]",
        "[::ffff:10.0.0.1]",
        "[2002:a00:1::]",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "127.1",
        "0.0.0.0",  # noqa: S104
        "localhost",
        "LOCALHOST",
        "x.localhost",
        "metadata.google.internal",
        "metadata.google.internal.",
        "printer.local",
        "router.home.arpa",
        "intranet",
        "maillage.example.org",
    ],
)
async def test_a_host_that_cannot_be_public_is_not_even_looked_up(names: Names, host: str) -> None:
    with pytest.raises(SignInFailed) as failed:
        await oidc.described(client_for(f"https://{host}"))
    assert failed.value.reason == "private-address"
    assert names.asked == []


@pytest.mark.parametrize(
    "issuer",
    [
        "https://0177.0.0.1",
        "https://user@provider.example",
        "https://provider.example/#x",
        "https://provider.example/?x=",
        "https://provider.example:port",
        "http://127.0.0.1:8000",
        "http://provider.example",
        "https://",
        "https://[",
        "microsoft",
    ],
)
@pytest.mark.parametrize("kind", ["oidc", "microsoft"])
async def test_an_issuer_that_is_no_address_to_ask_is_not_asked(names: Names, issuer: str, kind: str) -> None:
    with pytest.raises(SignInFailed):
        await oidc.described(client_for(issuer, kind=kind))
    assert names.asked == []


@pytest.mark.parametrize(
    "answer",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["fd00::1"],
        ["::ffff:10.0.0.1"],
        ["8.8.8.8", "10.0.0.1"],
    ],
)
async def test_a_name_that_means_an_inner_address_is_refused(names: Names, answer: list[str]) -> None:
    names.mean(HOST, answer)
    with pytest.raises(SignInFailed) as failed:
        await oidc.described(client_for(f"https://{HOST}"))
    assert failed.value.reason == "private-address"


async def test_a_name_that_means_nothing_is_said_not_to_answer(names: Names) -> None:
    with pytest.raises(SignInFailed) as failed:
        await oidc.described(client_for("https://nowhere.example"))
    assert failed.value.reason == "unreachable"


async def test_a_provider_with_a_good_certificate_is_asked(stage: Stage, authority: Authority) -> None:
    provider = stage.opened(authority.certificate(HOST))
    found = await oidc.described(client_for(provider.issuer))
    assert found.issuer == provider.issuer
    assert found.signs_out
    assert found.tells_of_sign_outs
    assert found.algorithms == ["RS256"]


async def test_the_connection_goes_to_the_address_that_was_checked(stage: Stage, authority: Authority) -> None:
    provider = stage.opened(authority.certificate(HOST))
    # Looked up again, the name would lead elsewhere.
    stage.names.mean(HOST, [PUBLIC], ["127.0.0.2"])
    client = client_for(provider.issuer)
    about = await oidc.departure(client, locale="fr-CA")
    assert about.url.startswith(f"{provider.issuer}/authorize?")
    assert stage.names.asked == [HOST]
    # And it is looked at again for every new request.
    with pytest.raises(SignInFailed) as failed:
        await oidc.arrival(client, {"code": "code"}, nonce=about.nonce, code_verifier=about.code_verifier)
    assert failed.value.reason == "private-address"
    assert provider.token_requests == []


async def test_another_address_of_the_host_is_tried_when_one_does_not_answer(
    stage: Stage, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "is_public", lambda _: True)
    provider = stage.opened(authority.certificate(HOST))
    stage.names.mean(HOST, ["127.0.0.2", PUBLIC])
    assert (await oidc.described(client_for(provider.issuer))).issuer == provider.issuer


@pytest.mark.parametrize("what", [{"by_itself": True}, {"days": -1}])
async def test_a_certificate_that_proves_nothing_has_its_own_sentence(
    stage: Stage, authority: Authority, what: dict[str, Any]
) -> None:
    provider = stage.opened(authority.certificate(HOST, **what))
    with pytest.raises(SignInFailed) as failed:
        await oidc.departure(client_for(provider.issuer), locale="en")
    assert failed.value.reason == "certificate"
    assert "certificate of Hostile is not valid" in str(failed.value.why)
    assert provider.asked == []


async def test_a_certificate_for_another_name_has_its_own_sentence(stage: Stage, authority: Authority) -> None:
    provider = stage.opened(authority.certificate("other.example"))
    with pytest.raises(SignInFailed) as failed:
        await oidc.departure(client_for(provider.issuer), locale="en")
    assert failed.value.reason == "certificate"
    assert provider.asked == []


async def test_a_certificate_serves_one_name_though_another_stands_at_the_same_address(
    stage: Stage, authority: Authority
) -> None:
    provider = stage.opened(authority.certificate(HOST))
    stage.names.mean("other.example", [PUBLIC])
    provider.describes["jwks_uri"] = provider.issuer.replace(HOST, "other.example") + "/jwks"
    client = client_for(provider.issuer)
    out = await oidc.departure(client, locale="en")
    provider.nonce = out.nonce
    with pytest.raises(SignInFailed) as failed:
        # The token comes over a connection to the provider; the keys would be fetched from the other name.
        await oidc.arrival(client, {"code": "code"}, nonce=out.nonce, code_verifier=out.code_verifier)
    assert failed.value.reason == "certificate"
    assert "/jwks" not in provider.asked


@pytest.mark.parametrize("name", ["token_endpoint", "userinfo_endpoint", "jwks_uri"])
async def test_a_description_that_points_inside_is_refused_before_it_is_used(
    stage: Stage, authority: Authority, name: str
) -> None:
    provider = stage.opened(authority.certificate(HOST))
    provider.describes[name] = "https://169.254.169.254/latest"
    with pytest.raises(SignInFailed) as failed:
        await oidc.described(client_for(provider.issuer))
    assert failed.value.reason == "private-address"


@pytest.mark.parametrize("name", ["token_endpoint", "userinfo_endpoint"])
async def test_a_plain_service_inside_is_refused_before_it_is_used(names: Names, name: str) -> None:
    endpoints = {
        "authorization_endpoint": f"https://{HOST}/authorize",
        "token_endpoint": f"https://{HOST}/token",
        "userinfo_endpoint": f"https://{HOST}/me",
    }
    plain = oidc.Plain(
        **{**endpoints, name: "https://10.0.0.1/x"}, subject_claim="id", name_claim=None, email_claim=None
    )
    names.mean(HOST, ["8.8.8.8"])
    with pytest.raises(SignInFailed) as failed:
        await oidc.described(client_for("oauth2:x", kind="oauth2", plain=plain))
    assert failed.value.reason == "private-address"


@pytest.mark.parametrize("mode", ["redirects", "token moved"])
async def test_no_redirect_is_followed(hostile: HostileProvider, mode: str) -> None:
    oidc.forget()
    hostile.behave(mode)
    with pytest.raises(SignInFailed):
        await oidc.arrival(client_for(hostile.issuer, private_ok=True), {"code": "x"}, nonce="n", code_verifier="v")
    assert not {"/moved", "/elsewhere"} & set(hostile.asked)


async def test_a_setting_allows_this_machine(hostile: HostileProvider) -> None:
    oidc.forget()
    client = client_for(hostile.issuer)
    with pytest.raises(SignInFailed):
        await oidc.described(client)
    assert hostile.asked == []
    assert (await oidc.described(replace(client, private_ok=True))).issuer == hostile.issuer


async def test_a_document_of_ten_megabytes_is_refused_before_it_has_come(hostile: HostileProvider) -> None:
    oidc.forget()
    hostile.behave("ten megabytes")
    with pytest.raises(SignInFailed) as failed:
        await oidc.described(client_for(hostile.issuer, private_ok=True))
    assert failed.value.reason == "oversized"
    assert hostile.chunks < 80


async def test_a_host_with_nobody_behind_is_said_not_to_answer() -> None:
    oidc.forget()
    with listening() as heard:
        nobody = address(heard)
    with pytest.raises(SignInFailed) as failed:
        await oidc.described(client_for(nobody, private_ok=True))
    assert failed.value.reason == "unreachable"

"""The demonstration's sign-in provider keeps to the protocol where a client could be wrong."""

import asyncio
import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from maillage.web.demo.provider import CLIENT_ID, CLIENT_SECRET, User, create_provider, issuer

URL, CLIENT = "http://127.0.0.1:8001", "http://127.0.0.1:8000"
PEOPLE = [User("maryse", "Maryse L.", "maryse@a.example", "a"), User("felix", "Félix <b>", "felix@b.example", "b")]
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
QUESTION = {
    "client_id": CLIENT_ID,
    "redirect_uri": f"{CLIENT}/connexion/retour",
    "response_type": "code",
    "scope": "openid profile email",
    "state": "etat",
    "nonce": "unique",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
ANSWER = {"grant_type": "authorization_code", "redirect_uri": QUESTION["redirect_uri"], "code_verifier": VERIFIER}


def ask(method: str, address: str, **options: Any) -> httpx2.Response:
    """One request to the provider, without following where it sends."""

    async def send() -> httpx2.Response:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=PROVIDER)) as client:
            return await client.request(method, address, **options)

    return asyncio.run(send())


PROVIDER = create_provider(PEOPLE, url=URL, client_origin=CLIENT)
A = issuer(URL, "a")


def picked(subject: str = "maryse", **changes: str) -> dict[str, str]:
    """What comes back to the client when `subject` is picked on the page."""
    answer = ask("POST", f"{A}/autorisation", params={**QUESTION, **changes}, data={"subject": subject})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(QUESTION["redirect_uri"] + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def exchanged(code: str, secret: str = CLIENT_SECRET, **changes: str) -> httpx2.Response:
    return ask("POST", f"{A}/jeton", data={**ANSWER, "code": code, **changes}, auth=(CLIENT_ID, secret))


def test_what_it_says_of_itself_is_true_of_each_issuer() -> None:
    for name in ("a", "b"):
        said = ask("GET", f"{issuer(URL, name)}/.well-known/openid-configuration").json()
        assert said["issuer"] == issuer(URL, name)
        assert said["code_challenge_methods_supported"] == ["S256"]
        assert ask("GET", said["jwks_uri"]).json()["keys"][0]["kid"]


def test_the_third_is_out_of_order() -> None:
    assert ask("GET", f"{issuer(URL, 'down')}/.well-known/openid-configuration").status_code == 503


def test_a_whole_exchange() -> None:
    back = picked()
    assert (back["state"], back["iss"]) == ("etat", A)
    tokens = exchanged(back["code"]).json()
    keys = KeySet.import_key_set(ask("GET", f"{A}/cles").json())
    claims = jwt.decode(tokens["id_token"], keys).claims
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (A, CLIENT_ID, "unique")
    assert (claims["sub"], claims["name"], claims["email"]) == ("maryse", "Maryse L.", "maryse@a.example")
    profile = ask("GET", f"{A}/profil", headers={"Authorization": f"Bearer {tokens['access_token']}"}).json()
    assert profile["sub"] == "maryse"


def test_the_page_offers_its_own_people_only() -> None:
    page = ask("GET", f"{issuer(URL, 'b')}/autorisation", params=QUESTION).text
    assert "Félix &lt;b&gt;" in page
    assert "Maryse" not in page


def test_whom_the_client_named_comes_first() -> None:
    assert (
        'value="maryse" autofocus' in ask("GET", f"{A}/autorisation", params={**QUESTION, "login_hint": "maryse"}).text
    )


@pytest.mark.parametrize(
    "changes",
    [{"redirect_uri": "http://ailleurs.example/connexion/retour"}, {"redirect_uri": ""}, {"client_id": "autre"}],
)
def test_nothing_is_sent_to_another_address(changes: dict[str, str]) -> None:
    answer = ask("POST", f"{A}/autorisation", params={**QUESTION, **changes}, data={"subject": "maryse"})
    assert (answer.status_code, "location" in answer.headers) == (400, False)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "email"}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_a_wrong_question_comes_back_as_an_error(changes: dict[str, str], error: str) -> None:
    assert picked(**changes)["error"] == error


@pytest.mark.parametrize("subject", ["", "felix", "inconnu"])
def test_nobody_else_signs_in(subject: str) -> None:
    back = picked(subject)
    assert (back["error"], "code" in back) == ("access_denied", False)


@pytest.mark.parametrize("changes", [{"code_verifier": "w" * 50}, {"redirect_uri": f"{CLIENT}/autre"}])
def test_a_code_is_worth_nothing_without_its_question(changes: dict[str, str]) -> None:
    assert exchanged(picked()["code"], **changes).json() == {"error": "invalid_grant"}


def test_a_code_serves_once() -> None:
    code = picked()["code"]
    assert exchanged(code).status_code == 200
    assert exchanged(code).json() == {"error": "invalid_grant"}


def test_a_wrong_client_secret_is_refused() -> None:
    assert exchanged(picked()["code"], secret="autre").status_code == 401


def test_whoever_signs_out_there_is_led_back_to_the_client_and_nowhere_else() -> None:
    asked = {"client_id": CLIENT_ID, "post_logout_redirect_uri": f"{CLIENT}/deconnexion/fait", "state": "s"}
    answer = ask("GET", f"{A}/sortie", params=asked)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{CLIENT}/deconnexion/fait?state=s")
    elsewhere = asked | {"post_logout_redirect_uri": "https://evil.example/"}
    assert "location" not in ask("GET", f"{A}/sortie", params=elsewhere).headers


def test_a_closed_account_signs_nobody_in_until_it_is_opened_again() -> None:
    assert ask("POST", f"{A}/", data={"subject": "maryse"}).status_code == 303
    assert picked()["error"] == "access_denied"
    assert "Maryse" not in ask("GET", f"{A}/autorisation", params=QUESTION).text
    ask("POST", f"{A}/", data={"subject": "maryse"})
    assert "code" in picked()


def test_its_desk_shows_what_to_enter_in_the_client_and_tells_no_other_site() -> None:
    ask("POST", f"{A}/", data={"tells": "https://evil.example/retrait"})
    assert "evil" not in ask("GET", f"{A}/").text
    ask("POST", f"{A}/", data={"tells": f"{CLIENT}/connexion/retrait/1"})
    page = ask("GET", f"{A}/").text
    for word in (A, CLIENT_ID, CLIENT_SECRET, f"{CLIENT}/connexion/retrait/1"):
        assert word in page
    ask("POST", f"{A}/", data={"tells": f"{CLIENT}/"})

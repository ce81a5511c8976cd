"""Where signing in may lead, what a name may hold, what sealing keeps closed: no server is asked."""

import re
import string
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.auth.commands.sign_in import RESERVED_HANDLES, handle_base, name_key
from maillage.auth.forms.next_path import safe_next
from maillage.auth.forms.people import NAME_LENGTH, clean_name
from maillage.core.sealing import TOKEN_LENGTH, Unreadable, new_token, seal, token_hash, unseal


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/discussions",
        "/discussions/12-a-b?page=2#m-3",
        "/moi",
        "/recherche?q=a%20b&x=%C3%A9",
        "/x?u=https://a@b//c",
    ],
)
def test_a_path_of_ours_is_kept(path: str) -> None:
    assert safe_next(path) == path


@pytest.mark.parametrize(
    "path",
    [
        *(
            None,
            "",
            "evil",
            "//evil",
            "///evil",
            "/\\evil",
            "\\\\evil",
            "/\\/evil",
            "https:evil",
            "https://evil",
        ),
        *("/%2f/evil", "/%2F%2Fevil", "/%252f/evil", "/%5cevil", "/%5C%5Cevil", "/.//evil", "/..//evil"),
        *(
            "/%0d%0aSet-Cookie:a=b",
            "/\r\nLocation: //evil",
            "/%0aevil",
            "/\tevil",
            "\t//evil",
            " //evil",
            "/ /evil",
        ),
        *("/@evil", "/user@evil", "/%40evil", "javascript:alert(1)", "/\u2028evil", "/é", "/\x00", "/%00"),
        *("/connexion", "/connexion?suite=/connexion", "/deconnexion", "/" + "a" * 2000),
    ],
)
def test_anything_else_leads_home(path: str | None) -> None:
    assert safe_next(path) == "/"


@given(st.text(alphabet=string.printable, max_size=30).map("/".__add__))
def test_no_path_ever_leaves_this_site(path: str) -> None:
    """As browsers read it: tabs and line breaks dropped, backslashes taken for slashes."""
    read = "".join(c for c in safe_next(path) if c not in "\t\r\n").replace("\\", "/")
    assert urlsplit(urljoin("https://ours.example/connexion", read)).netloc == "ours.example"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Maryse Lacombe-Dubé", "Maryse Lacombe-Dubé"),
        ("  Thuy-Linh\tNguyễn  ", "Thuy-Linh Nguyễn"),
        ("J.P. L’Écuyer-O'Neil (Jo)", "J.P. L’Écuyer-O'Neil (Jo)"),
        ("St.Jean", "St. Jean"),
        ("https://evil.tld", "evil. tld"),
        ("a\r\nBcc: b", "a Bcc b"),
        ("\u202egro.live\u2066", "gro. live"),
        ("=HYPERLINK(1)", "HYPERLINK(1)"),
        ("<img src=x>", "img src x"),
        ("javascript:alert(1)", "alert(1)"),
        ("\ud800\x00", ""),
        ("@+-=", ""),
    ],
)
def test_a_name_is_only_a_name(given: str, name: str) -> None:
    assert clean_name(given) == name


@given(st.text(max_size=600))
def test_any_name_fits_its_columns_and_is_one_line(given: str) -> None:
    name = clean_name(given)
    assert len(name) <= NAME_LENGTH
    assert name.isprintable() or "\u3000" in name
    assert not set('<>@/\\"\r\n\t\x00') & set(name)
    assert len(name_key(name)) <= 120
    name.encode()
    handle = handle_base(name)
    assert re.fullmatch("[a-z0-9][a-z0-9-]{0,38}", handle)
    assert len(handle) <= 30


def test_handles_that_are_addresses_are_nobodys() -> None:
    assert "suggestions" in RESERVED_HANDLES


def test_what_is_sealed_opens_with_the_same_key_for_the_same_purpose() -> None:
    sealed = seal("key", "purpose", b"secret")
    assert b"secret" not in sealed
    assert unseal("key", "purpose", sealed) == b"secret"
    assert unseal("new key", "purpose", sealed, older=["key"]) == b"secret"
    assert seal("key", "purpose", b"secret") != sealed


@pytest.mark.parametrize(("key", "purpose"), [("other", "purpose"), ("key", "other")])
def test_what_is_sealed_stays_closed_to_others(key: str, purpose: str) -> None:
    with pytest.raises(Unreadable):
        unseal(key, purpose, seal("key", "purpose", b"secret"))


def test_sealed_bytes_that_were_tampered_with_do_not_open() -> None:
    sealed = bytearray(seal("key", "purpose", b"secret"))
    sealed[30] ^= 1
    with pytest.raises(Unreadable):
        unseal("key", "purpose", bytes(sealed))


def test_tokens_are_long_and_never_the_same() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {TOKEN_LENGTH}
    assert len(token_hash("a")) == 32

"""Secrets: sealed before they are stored, and tokens of which only a hash is stored."""

import base64
import secrets
from collections.abc import Sequence
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Unreadable(Exception):
    """The sealed bytes were not sealed with this key for this purpose, or have been tampered with."""


def seal(secret_key: str, purpose: str, plain: bytes) -> bytes:
    """`plain` encrypted and authenticated. Only `unseal` with the same key and the same purpose opens it."""
    return _box(purpose, [secret_key]).encrypt(plain)


def unseal(secret_key: str, purpose: str, sealed: bytes, *, older: Sequence[str] = ()) -> bytes:
    """What was sealed for `purpose` with this key or, while a key is being replaced, an `older` one."""
    try:
        return _box(purpose, [secret_key, *older]).decrypt(sealed)
    except InvalidToken:
        raise Unreadable from None


def new_token() -> str:
    """An unguessable token (256 bits) that fits in a cookie and in an address."""
    return secrets.token_urlsafe(32)


# How long `new_token()` is: anything else need not be looked up.
TOKEN_LENGTH = 43


def token_hash(token: str) -> bytes:
    """What to store and look up instead of the token. Nothing slower is needed: tokens cannot be guessed."""
    return sha256(token.encode()).digest()


def _box(purpose: str, keys: Sequence[str]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key, purpose))) for key in keys])


def _derived(secret_key: str, purpose: str) -> bytes:
    info = f"maillage {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret_key.encode())

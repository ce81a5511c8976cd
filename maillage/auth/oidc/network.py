"""Connections to providers: to addresses on the public Internet only, and to the very address that was looked at.

Anybody who administers an organization writes down an address that this server then asks. Whatever only this server
can reach (the machine itself, its neighbours, a cloud's keeper of secrets) must not be asked through it. So a host's
name is resolved here, once; every address that it has is looked at; and the connection goes to one of these, not to
the name, which could mean something else a moment later. The certificate is still checked against the name.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import cast

import httpx2

MAX_DOCUMENT = 1024 * 1024
# Where a host has several addresses, seconds until the next one is tried, and how many are.
_PATIENCE, _TRIES = 1.5, 3
# Names that mean something on a network of one's own only.
_INNER = ("internal", "local", "localhost", "lan", "home.arpa")
_NOT_PUBLIC = (
    IPv6Network("64:ff9b:1::/48"),  # translated to IPv4 as the network pleases
    IPv6Network("fec0::/10"),  # site-local, of old
    IPv6Network("::/8"),  # reserved; IPv4 in disguise
)
# The last 32 bits are an IPv4 address that the network's translator connects to.
_TRANSLATED = IPv6Network("64:ff9b::/96")


class NotPublic(httpx2.ConnectError):
    """The host is, or could be, one that only this server can reach."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether that address is on the public Internet, whatever it is wrapped in."""
    if isinstance(address, IPv6Address):
        if address in _TRANSLATED:
            return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
        if any(address in network for network in _NOT_PUBLIC):
            return False
        # Pythons disagree on whether the addresses that wrap another one so are public.
        if address.sixtofour is not None:
            return is_public(address.sixtofour)
    return address.is_global and not (address.is_multicast or address.is_reserved)


async def addresses(host: str, port: int, *, ours: str, private_ok: bool) -> list[str]:
    """The addresses of `host` that may be connected to; `ours` is the host that we are reached at."""
    if not private_ok and (host == ours or not _could_be_public(host)):
        raise NotPublic(host)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpx2.ConnectError(f"{host} is not known") from error
    listed = list(dict.fromkeys(str(where[0]) for *_, where in found))
    # One address out of place is enough: whoever answers so means no good, or does not know what he is doing.
    if not private_ok and not all(is_public(ip_address(address)) for address in listed):
        raise NotPublic(host)
    return listed[:_TRIES]


def _could_be_public(host: str) -> bool:
    name = host.lower().removesuffix(".")
    try:
        return is_public(ip_address(name))
    except ValueError:
        pass
    # An IPv4 address written otherwise (octal, hexadecimal, in fewer parts) ends in a number; no domain does.
    last = name.rpartition(".")[2]
    return "." in name and not last[:1].isdigit() and not any(name.endswith(f".{inner}") for inner in _INNER)


class Guarded(httpx2.AsyncBaseTransport):
    """Goes where `addresses` lets it, follows nothing, and lets no answer grow beyond `MAX_DOCUMENT`."""

    def __init__(self, *, ours: str, private_ok: bool) -> None:
        self._ours, self._private_ok = ours, private_ok
        # By host: a connection whose certificate was checked for one name must not serve another at the same address.
        self._inner: dict[str, httpx2.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._connected(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            # We did not ask for it, and a small body could unpack into any size.
            await response.aclose()
            raise httpx2.DecodingError("compressed unasked", request=request)
        stream = cast(httpx2.AsyncByteStream, response.stream)
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_Counted(stream, request),
            extensions=response.extensions,
        )

    async def _connected(self, request: httpx2.Request) -> httpx2.Response:
        host = request.url.raw_host.decode("ascii")
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        candidates = await addresses(host, port, ours=self._ours, private_ok=self._private_ok)
        inner = self._inner.setdefault(host, httpx2.AsyncHTTPTransport(verify=_tls()))
        *others, last = candidates
        for address in others:
            try:
                return await inner.handle_async_request(_to(address, host, request, patience=_PATIENCE))
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                # Nothing of the request has been sent yet.
                continue
        return await inner.handle_async_request(_to(last, host, request))

    async def aclose(self) -> None:
        for inner in self._inner.values():
            await inner.aclose()


def _to(address: str, host: str, request: httpx2.Request, *, patience: float | None = None) -> httpx2.Request:
    """The same request, to that address of the host; its `Host` header and the certificate's name stay."""
    extensions = {**request.extensions, "sni_hostname": host}
    if patience is not None:
        extensions["timeout"] = {**extensions.get("timeout", {}), "connect": patience}
    return httpx2.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions=extensions,
    )


class _Counted(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream, request: httpx2.Request) -> None:
        self._inner, self._request = inner, request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._inner:
            size += len(chunk)
            if size > MAX_DOCUMENT:
                raise httpx2.DecodingError("too long", request=self._request)
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


@cache
def _tls() -> ssl.SSLContext:
    # Reading the machine's certificates takes tens of milliseconds: once.
    return httpx2.create_ssl_context()

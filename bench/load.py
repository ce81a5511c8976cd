"""The load: a fixed number of connections, each sending its next request when the answer to the last is whole.

`wrk` where it is installed, for pages; else, and for whatever has to be sent in many different words, a client of
our own on asyncio and httptools. Both count only answers of the expected status and length.
"""

import asyncio
import json
import re
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any

import httptools
import uvloop

# Stands in a request for a number of its own, of the same length.
NUMBER = "{number}"


@dataclass(frozen=True, slots=True)
class Order:
    """What to send: these requests in turn, whole as they go over the wire, from so many connections for so long."""

    port: int
    requests: list[str]
    status: int
    connections: int
    seconds: float
    # Length of the body that must come; None where answers differ.
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    requests_per_s: float
    p50_ms: float
    p99_ms: float
    count: int


class BadAnswer(Exception):
    """An answer of another status or length than expected, or none."""


def run(order: Order, cores: set[int] | None) -> Result:
    """Run the client of our own, in a process of its own."""
    done = subprocess.run(
        [*_on(cores), sys.executable, "-m", "bench.load"],
        input=json.dumps(asdict(order)).encode(),
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise BadAnswer(f"the load broke off: {done.stdout.decode().strip()}")
    return Result(**json.loads(done.stdout))


def pages(port: int, path: str, headers: dict[str, str], length: int, seconds: float, cores: set[int] | None) -> Result:
    """Ask for one page over 10 connections."""
    if wrk := shutil.which("wrk"):
        return _wrk(wrk, f"http://127.0.0.1:{port}{path}", headers, length, seconds, cores)
    return run(Order(port, [get(path, headers)], 200, 10, seconds, length), cores)


def get(path: str, headers: dict[str, str]) -> str:
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""])


def post(path: str, headers: dict[str, str], body: str) -> str:
    head = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(body)),
        **headers,
    }
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in head.items())]
    return "\r\n".join([*lines, "", body])


def _on(cores: set[int] | None) -> list[str]:
    taskset = shutil.which("taskset")
    return [taskset, "-c", ",".join(map(str, sorted(cores)))] if taskset and cores else []


def _wrk(wrk: str, url: str, headers: dict[str, str], length: int, seconds: float, cores: set[int] | None) -> Result:
    said = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = [*_on(cores), wrk, "-t1", "-c10", f"-d{seconds:g}s", "--latency", *said, url]
    told = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    if "Non-2xx" in told or "Socket errors" in told:
        raise BadAnswer(told)
    count, seconds_taken, read = re.findall(r"(\d+) requests in ([\d.]+)s, ([\d.]+\w+) read", told)[0]
    # wrk does not look at bodies: that so many bytes came is what it can say.
    if _bytes(read) < 0.98 * length * int(count):
        raise BadAnswer(f"{read} for {count} answers of {length} bytes each")
    of = {share: _milliseconds(value) for share, value in re.findall(r"^\s+(\d+)%\s+([\d.]+\w+)", told, re.MULTILINE)}
    return Result(int(count) / float(seconds_taken), of["50"], of["99"], int(count))


def _milliseconds(value: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", value).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]


def _bytes(value: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)([KMG]?B)", value).groups()  # type: ignore[union-attr]
    return float(number) * {"B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3}[unit]


class _Connection(asyncio.Protocol):
    """Sends, waits for the whole answer, sends the next."""

    def __init__(self, load: "_Load") -> None:
        self._load = load
        self._length = self._began = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._send()

    def _send(self) -> None:
        request = self._load.next_request()
        if request is None or self._transport is None:
            self._load.finished()
            return
        self._parser, self._length = httptools.HttpResponseParser(self), 0
        self._began = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._length += len(body)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if self._load.took(time.perf_counter() - self._began, status, int(self._length)):
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        self._load.broke(error or ConnectionError("closed"))


@dataclass(slots=True)
class _Load:
    order: Order
    done: "asyncio.Future[None]"
    took_s: list[float] = field(default_factory=list)
    sent: int = 0
    until: float = 0.0
    at_work: int = 0

    def next_request(self) -> bytes | None:
        if time.perf_counter() > self.until:
            return None
        request = self.order.requests[self.sent % len(self.order.requests)]
        self.sent += 1
        return request.replace(NUMBER, f"{self.sent:08}").encode()

    def took(self, seconds: float, status: int, length: int) -> bool:
        if status != self.order.status or (self.order.length is not None and length != self.order.length):
            self.broke(BadAnswer(f"status {status}, {length} bytes, after {len(self.took_s)} good answers"))
            return False
        self.took_s.append(seconds)
        return True

    def finished(self) -> None:
        self.at_work -= 1
        if self.at_work == 0 and not self.done.done():
            self.done.set_result(None)

    def broke(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


async def _generate(order: Order) -> Result:
    loop = asyncio.get_running_loop()
    load = _Load(order, loop.create_future(), at_work=order.connections)
    began = time.perf_counter()
    load.until = began + order.seconds
    connections = [
        await loop.create_connection(lambda: _Connection(load), "127.0.0.1", order.port)
        for _ in range(order.connections)
    ]
    try:
        await load.done
    finally:
        for transport, _ in connections:
            transport.abort()
    seconds = time.perf_counter() - began
    took = sorted(load.took_s)
    return Result(len(took) / seconds, 1000 * took[len(took) // 2], 1000 * took[int(len(took) * 0.99)], len(took))


if __name__ == "__main__":
    try:
        print(json.dumps(asdict(uvloop.run(_generate(Order(**json.load(sys.stdin)))))))
    except (BadAnswer, OSError) as error:
        print(error)
        sys.exit(1)

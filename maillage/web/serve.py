"""`maillage serve`: one supervisor that starts database, web processes and worker, and stops what it started.

The supervisor binds the address itself, so that web processes come and go behind it; it imports neither the
application nor its libraries, and its children load theirs while the database starts.
"""

import asyncio
import contextlib
import errno
import os
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Iterable

from maillage.core.config import Settings, Trouble
from maillage.core.embedded import Embedded
from maillage.web.installation import Lock, check, connect, is_current, is_empty
from maillage.web.processes.lifeline import Orders

# How long the children may take to finish what they do before they are killed.
_PATIENCE_S = 25
_QUICK_DEATH_S = 5
_MANY_DEATHS = 3


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def run(settings: Settings, workers: int) -> None:
    """Serve until Ctrl-C or SIGTERM. Raises `Trouble` when something does not start."""
    if sys.platform == "win32":
        raise Trouble("`maillage serve` runs on Linux and macOS.")
    asyncio.run(_Supervisor(settings, workers).run())


class _Child:
    """One process that must always run: started, watched, started again when it dies, stopped at the end."""

    def __init__(self, name: str, module: str, *arguments: str, inherits: tuple[int, ...] = ()) -> None:
        self.name = name
        self._command = [sys.executable, "-P", "-m", module, *arguments]
        self._inherits = inherits
        self._orders: Orders | None = None
        self._ordered = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()
        # Set once it has been seen to work; a process that dies before that will not do better later.
        self.settled = False

    def order(self, orders: Orders) -> None:
        self._orders = orders
        self._ordered.set()

    async def keep(self) -> None:
        """Run it for as long as nobody stops it. Raises `Trouble` when it never gets going."""
        deaths = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            # A session of its own: Ctrl-C in the terminal reaches the supervisor alone, who stops things in order.
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=asyncio.subprocess.PIPE, pass_fds=self._inherits, start_new_session=True
            )
            telling = asyncio.create_task(self._tell(self._process))
            code = await self._process.wait()
            telling.cancel()
            if self._stopping.is_set():
                break
            died_young = time.monotonic() - began < _QUICK_DEATH_S
            deaths = deaths + 1 if died_young else 1
            self.settled = self.settled or not died_young
            if deaths > _MANY_DEATHS and not self.settled:
                raise Trouble(f"The {self.name} process does not start; the lines above say why.")
            say(f"The {self.name} process ended unexpectedly ({_reason(code)}); starting it again.")
            await asyncio.sleep(min(0.2 * 2 ** (deaths - 1), 10))

    async def _tell(self, process: asyncio.subprocess.Process) -> None:
        await self._ordered.wait()
        if process.stdin is not None and self._orders is not None:
            with contextlib.suppress(ConnectionError):
                process.stdin.write(self._orders.line())
                await process.stdin.drain()

    async def stop(self) -> None:
        """Ask it to end, wait, and kill it only when it has had its time."""
        self._stopping.set()
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _PATIENCE_S)
        except TimeoutError:
            say(f"The {self.name} process does not end; killing it.")
            self.kill()
            await process.wait()

    def kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()


class _Supervisor:
    def __init__(self, settings: Settings, workers: int) -> None:
        self._settings = settings
        self._workers = workers
        self._embedded = None if settings.database_url else Embedded(settings.data_dir, say)
        self._children: list[_Child] = []
        self._keepers: list[asyncio.Task[None]] = []
        self._asked = asyncio.Event()
        self._first_asked = 0.0

    async def run(self) -> None:
        lock = Lock(self._settings.data_dir, "maillage serve")
        if (holder := lock.take()) is not None:
            raise Trouble(f"{holder} already runs on {self._settings.data_dir}.")
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._ask_to_stop)
        try:
            with await self._listen() as listening:
                await self._serve(listening)
        finally:
            lock.release()

    async def _serve(self, listening: socket.socket) -> None:
        try:
            provider_url = self._start_children(listening)
            if await self._unless_asked(self._ready(provider_url)):
                await self._watch()
        finally:
            # Nobody waits any more for an answer that will not come.
            listening.close()
            await self._stop()

    def _start_children(self, listening: socket.socket) -> str | None:
        """Make all of them, and start the web processes: each loads its libraries, then waits for its orders."""
        provider_url = None
        descriptor = listening.fileno()
        for _ in range(self._workers):
            self._children.append(_Child("web", "maillage.web.processes.web", str(descriptor), inherits=(descriptor,)))
        self._children.append(_Child("worker", "maillage.web.processes.worker"))
        if self._settings.env == "demo":
            beside = _bind_beside(self._settings.port)
            provider_url = f"http://127.0.0.1:{beside.getsockname()[1]}"
            number = beside.detach()
            self._children.append(
                _Child("sign-in provider", "maillage.web.processes.provider", str(number), inherits=(number,))
            )
        self._keep(child for child in self._children if child.name == "web")
        return provider_url

    def _keep(self, children: Iterable[_Child]) -> None:
        self._keepers += [asyncio.create_task(child.keep()) for child in children]

    async def _ready(self, provider_url: str | None) -> None:
        """From nothing to a page that answers."""
        if self._embedded is None:
            dsn = self._settings.dsn
            await check(dsn)
        else:
            dsn = await asyncio.to_thread(self._embedded.start)
        if not await is_current(dsn):
            await self._command("migrate", Orders(dsn))
        if self._settings.env == "demo":
            if await is_empty(dsn):
                await self._command("demo", Orders(dsn, provider_url))
            await _point_providers(dsn, str(provider_url))
        for child in self._children:
            child.order(Orders(dsn, provider_url))
        status = await self._first_page()
        for child in self._children:
            child.settled = child.name == "web"
        # The others would only have kept the processor from the first page; their sockets were open all along.
        self._keep(child for child in self._children if child.name != "web")
        say(self._welcome() if status < 500 else f"{self._settings.base_url} answers with an error ({status}).")

    async def _command(self, command: str, orders: Orders) -> None:
        """Run one of our own commands in a process of its own: it needs libraries that we can do without."""
        running = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-m", "maillage.web.manage", command),
            env={
                **os.environ,
                "MAILLAGE_DATABASE_URL": orders.database_url,
                "MAILLAGE_DEMO_PROVIDER_URL": orders.demo_provider_url or "",
            },
            start_new_session=True,
        )
        try:
            if await running.wait():
                raise Trouble(f"`maillage {command}` failed; the lines above say why.")
        finally:
            if running.returncode is None:
                running.kill()
                await running.wait()

    async def _first_page(self) -> int:
        """Ask for the front page until it comes; return its status."""
        began, told = time.monotonic(), 20.0
        host = self._settings.base_url.partition("://")[2]
        request = f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
        mine = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._settings.host, self._settings.host)  # noqa: S104
        while True:
            with contextlib.suppress(OSError, ValueError, IndexError, TimeoutError):
                async with asyncio.timeout(30):
                    reader, writer = await asyncio.open_connection(mine, self._settings.port)
                    writer.write(request)
                    line = await reader.readline()
                    await reader.read()
                    writer.close()
                    return int(line.split()[1])
            await asyncio.sleep(0.05)
            if (passed := time.monotonic() - began) > told:
                say(f"The first page has not come yet ... {passed:.0f} s")
                told += 20

    def _welcome(self) -> str:
        name, url = self._settings.name, self._settings.base_url
        if self._settings.env == "production":
            return f"\n  {name} : {url}\n"
        return (
            f"\n  {name} est prêt : {url}\n"
            "  Pour participer : « Se connecter », puis une personne de la démonstration (maryse, etienne, sofia…).\n"
            "  Ctrl-C arrête tout; « make serve » retrouve tout.\n\n"
            f"  {name} is ready: {url}/?langue=en\n"
            "  To take part: “Sign in”, then pick a person of the demonstration. Ctrl-C stops everything.\n"
        )

    async def _watch(self) -> None:
        """Until somebody asks to stop: start PostgreSQL again when it dies."""
        while not self._asked.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._asked.wait(), 0.5)
            for keeper in self._keepers:
                if keeper.done():
                    keeper.result()
            if self._embedded is not None and not self._asked.is_set() and not self._embedded.is_alive():
                say("PostgreSQL ended unexpectedly; starting it again.")
                await self._unless_asked(asyncio.to_thread(self._embedded.start))

    def _ask_to_stop(self) -> None:
        now = time.monotonic()
        if not self._asked.is_set():
            say("Stopping ...")
            self._first_asked = now
            self._asked.set()
            if self._embedded is not None:
                self._embedded.give_up()
        elif now - self._first_asked > 1:
            # Asked again by somebody impatient (a terminal may well deliver the first Ctrl-C twice).
            for child in self._children:
                child.kill()

    async def _unless_asked(self, work: Awaitable[object]) -> bool:
        """Do `work`; give it up and return False when somebody asks to stop. A keeper's `Trouble` is raised here."""
        task = asyncio.ensure_future(work)
        asked = asyncio.create_task(self._asked.wait())
        try:
            await asyncio.wait({task, asked, *self._keepers}, return_when=asyncio.FIRST_COMPLETED)
            if asked.done():
                return False
            for keeper in self._keepers:
                if keeper.done():
                    keeper.result()
            await task
            return True
        finally:
            for pending in (task, asked):
                pending.cancel()
            await asyncio.gather(task, asked, return_exceptions=True)

    async def _stop(self) -> None:
        """Web first, so that requests in flight still find everything; then the others; the database last."""
        web = [child for child in self._children if child.name == "web"]
        others = [child for child in self._children if child.name != "web"]
        for together in (web, others):
            await asyncio.gather(*(child.stop() for child in together))
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        if self._embedded is not None:
            await asyncio.to_thread(self._embedded.stop)

    async def _listen(self) -> socket.socket:
        """The socket that web processes inherit."""
        host, port = self._settings.host, self._settings.port
        # After a kill -9 the former web processes let go of the port within moments.
        until = time.monotonic() + 3
        while True:
            try:
                return _bound(host, port)
            except OSError as error:
                if time.monotonic() > until or not _is_in_use(error):
                    raise Trouble(
                        f"Port {port} is in use by another program; choose another with PORT=9000."
                        if _is_in_use(error)
                        else f"Cannot listen on {host}:{port}: {error.strerror or error}."
                    ) from error
            await asyncio.sleep(0.1)


async def _point_providers(dsn: str, url: str) -> None:
    """The demo's provider may listen on another port than last time: its organizations and identities follow."""
    connection = await connect(dsn)
    try:
        async with connection.transaction():
            for table in ("provider", "identity"):
                await connection.execute(
                    f"UPDATE {table} SET issuer = $1 || '/' || substring(issuer FROM '[a-z]+$')"  # noqa: S608
                    r" WHERE issuer ~ '^http://127\.0\.0\.1:\d+/[a-z]+$' AND NOT starts_with(issuer, $1 || '/')",
                    url,
                )
    finally:
        await connection.close()


def _bound(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(2048)
        listening.setblocking(False)
    except OSError:
        listening.close()
        raise
    return listening


def _bind_beside(port: int) -> socket.socket:
    """A socket on the port after ours, else on one nearby, else on any."""
    for candidate in (*range(port + 1, min(port + 10, 65_535) + 1), 0):
        with contextlib.suppress(OSError):
            return _bound("127.0.0.1", candidate)
    raise Trouble("No free port for the demonstration's sign-in provider.")


def _is_in_use(error: OSError) -> bool:
    return error.errno == errno.EADDRINUSE


def _reason(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"code {code}"

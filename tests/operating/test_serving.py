"""`maillage serve` in the demonstration: it starts everything, tolerates no second one, and stops everything."""

import asyncio
import json
import signal
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from tests.operating.house import House, until

pytestmark = pytest.mark.operating


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("serving") / "var", env={"MAILLAGE_ENV": "demo", "MAILLAGE_BASE_URL": ""})
    with house.serving("--workers", "2"):
        yield house


def test_it_says_where_to_click_once_the_page_answers(house: House) -> None:
    until(lambda: "est prêt" in house.log.read_text(), "it says so")
    assert f"http://127.0.0.1:{house.port}" in house.log.read_text()
    assert house.get("/")[0] == 200


def test_the_demonstration_is_loaded_and_its_provider_answers_where_the_database_says(house: House) -> None:
    assert house.asks("SELECT count(*) FROM person") > 0
    issuers = house.asks("SELECT array_agg(DISTINCT issuer) FROM provider WHERE issuer NOT LIKE '%/down'")
    assert len(issuers) == 2
    for issuer in issuers:
        with urllib.request.urlopen(f"{issuer}/.well-known/openid-configuration") as answer:  # noqa: S310
            assert json.load(answer)["issuer"] == issuer


def test_a_second_serve_says_so_in_one_sentence_and_harms_nothing(house: House) -> None:
    second = house.run("serve")
    assert second.returncode == 1
    assert "already runs on" in second.stderr
    assert len(second.stderr.strip().splitlines()) == 1
    assert house.is_ready()


def test_a_port_that_another_program_uses_is_named(house: House, tmp_path: Path) -> None:
    other = House(tmp_path / "var", port=house.port).run("serve")
    assert other.returncode == 1
    assert other.stderr.strip() == f"Port {house.port} is in use by another program; choose another with PORT=9000."


def test_other_commands_work_beside_it(house: House) -> None:
    link = house.run("sign-in-link", "sofia")
    assert link.returncode == 0, link.stderr
    assert link.stdout.startswith(f"http://127.0.0.1:{house.port}/")
    nobody = house.run("sign-in-link", "personne-de-ce-nom")
    assert (nobody.returncode, len(nobody.stderr.strip().splitlines())) == (1, 1)
    assert house.is_ready()


def test_doctor_finds_nothing_wrong(house: House) -> None:
    found = house.run("doctor")
    assert found.returncode == 0, found.stdout
    assert "WRONG" not in found.stdout


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_what_it_started_after_the_requests_in_flight(tmp_path: Path, how: int) -> None:
    house = House(tmp_path / "var")
    house.serve()
    answers: list[int] = []
    with _locked(house.dsn()):
        asking = threading.Thread(target=lambda: answers.append(house.get("/discussions")[0]))
        asking.start()
        until(lambda: house.asks(_WAITING), "the page waits for the database")
        assert house.supervisor is not None
        house.supervisor.send_signal(how)
        with pytest.raises(OSError, match=r"refused|reset"):
            until(lambda: house.get("/healthz")[0] != 200, "it takes no more requests")
    asking.join()
    assert answers == [200]
    assert house.supervisor.wait(30) == 0
    house.supervisor = None
    assert house.processes() == []


@contextmanager
def _locked(dsn: str) -> Iterator[None]:
    """Nobody can read a table for the time of the block."""
    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(dsn))
        holding = connection.transaction()
        runner.run(holding.start())
        tables = runner.run(connection.fetchval(_TABLES))
        runner.run(connection.execute(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE"))
        try:
            yield
        finally:
            runner.run(holding.rollback())
            runner.run(connection.close())


_TABLES = "SELECT string_agg(format('%I', tablename), ', ') FROM pg_tables WHERE schemaname = 'public'"
_WAITING = (
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'maillage' AND wait_event_type = 'Lock')"
)

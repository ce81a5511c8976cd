"""`kill -9` of our process, of PostgreSQL, of both: all that was acknowledged is there, and `serve` just starts."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.operating.house import House, until

pytestmark = pytest.mark.operating


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("hard") / "var")
    yield house
    house.clear_away()


@pytest.fixture
def house(home: House) -> Iterator[House]:
    with home.serving():
        yield home


def _write(house: House, words: str) -> None:
    house.asks(
        "INSERT INTO organization (slug, name, name_key) VALUES ($1, $1, $1) ON CONFLICT DO NOTHING RETURNING id",
        words,
    )


def _is_kept(house: House, words: str) -> bool:
    return bool(house.asks("SELECT EXISTS (SELECT FROM organization WHERE slug = $1)", words))


def test_killing_the_supervisor_ends_its_children_and_the_next_serve_adopts_the_database(house: House) -> None:
    _write(house, "supervisor")
    before = house.postmaster()
    house.kill()
    until(lambda: len([line for line in house.processes() if "maillage.web" in line]) == 0, "the children end")
    house.serve()
    assert house.postmaster() == before
    assert _is_kept(house, "supervisor")
    assert house.stop() == 0
    assert house.processes() == []


def test_killing_postgresql_brings_it_back_by_itself(house: House) -> None:
    _write(house, "postgresql")
    before = house.postmaster()
    os.kill(before, signal.SIGKILL)
    until(lambda: "ended unexpectedly" in house.log.read_text(), "it is noticed")
    until(lambda: house.is_ready() and house.postmaster() != before, "the database answers again")
    assert _is_kept(house, "postgresql")
    assert house.get("/a-propos")[0] == 200


def test_killing_both_loses_nothing(house: House) -> None:
    _write(house, "both")
    former = Path((house.data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[4])
    assert former.is_dir()
    os.kill(house.postmaster(), signal.SIGKILL)
    house.kill()
    house.serve()
    assert _is_kept(house, "both")
    assert not former.exists()


def test_killing_a_web_process_starts_another(house: House) -> None:
    [web] = [line for line in house.processes() if "processes.web" in line]
    os.kill(int(web.split()[0]), signal.SIGKILL)
    until(lambda: "The web process ended unexpectedly (SIGKILL)" in house.log.read_text(), "it is noticed")
    until(house.is_ready, "another answers")

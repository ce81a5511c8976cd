"""The database under an installation: refused in one sentence when it does not fit, migrated once when it does."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from maillage.core.config import Trouble
from maillage.core.embedded import Embedded, find_programs
from maillage.web.installation import MIGRATIONS, heads, refuse_unfit
from tests.operating.house import House, free_port, until

pytestmark = pytest.mark.operating


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running server with an empty database."""
    embedded = Embedded(tmp_path_factory.mktemp("databases"), print)
    yield embedded.start()
    embedded.stop()


def _refusal(tmp_path: Path, url: str) -> str:
    done = House(tmp_path / "var", env={"MAILLAGE_DATABASE_URL": url}).run("serve")
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    return done.stderr


def test_one_that_does_not_answer(tmp_path: Path) -> None:
    port = free_port()
    assert f"No database can be reached at 127.0.0.1:{port}" in _refusal(tmp_path, f"postgresql://a@127.0.0.1:{port}/b")


def test_a_wrong_password_is_not_repeated(tmp_path: Path, server: str) -> None:
    sentence = _refusal(tmp_path, server.replace("maillage:", "maillage:tout-faux"))
    assert "refuses the user 'maillage'" in sentence
    assert "tout-faux" not in sentence


def test_a_database_that_does_not_exist(tmp_path: Path, server: str) -> None:
    assert "has no database 'nulle-part'" in _refusal(tmp_path, server.replace("@/maillage?", "@/nulle-part?"))


def test_an_older_server() -> None:
    with pytest.raises(Trouble, match=r"The database is PostgreSQL 14\.9; Maillage needs 15 or newer\."):
        refuse_unfit("14.9", 140009, "UTF8")
    refuse_unfit("15.0", 150000, "UTF8")


def test_another_encoding() -> None:
    with pytest.raises(Trouble, match="encoded in LATIN1"):
        refuse_unfit("18.1", 180001, "LATIN1")


def test_data_of_a_version_that_is_not_on_this_machine() -> None:
    with pytest.raises(Trouble, match="written by PostgreSQL 11"):
        find_programs(11)


def test_many_that_start_together_migrate_once(tmp_path: Path, server: str) -> None:
    commands = []
    for number in range(4):
        house = House(tmp_path / str(number), env={"MAILLAGE_DATABASE_URL": server})
        commands.append(
            subprocess.Popen(house.maillage("migrate"), env=house.environment(), stderr=subprocess.PIPE, text=True)
        )
    said = [command.communicate(timeout=60)[1] for command in commands]
    assert [command.returncode for command in commands] == [0, 0, 0, 0], said
    assert sum("Bringing the database up to date" in words for words in said) == 1, said
    assert sum("Nothing to migrate" in words for words in said) == 3, said


def test_the_revisions_read_from_the_files_are_alembics() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    assert heads() == set(ScriptDirectory.from_config(config).get_heads())


def test_a_crash_while_the_database_is_prepared_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    house = House(tmp_path / "var")
    first = subprocess.Popen(house.maillage("migrate"), env=house.environment(), start_new_session=True)
    until(lambda: list(house.data_dir.glob("postgres.new-*/cluster/PG_VERSION")), "it has begun")
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert not (house.data_dir / "postgres").exists()
    second = house.run("migrate")
    assert second.returncode == 0, second.stderr
    assert not list(house.data_dir.glob("postgres.new-*"))
    house.clear_away()


def test_a_lost_password_file_is_named(tmp_path: Path) -> None:
    house = House(tmp_path / "var")
    assert house.run("migrate").returncode == 0
    (house.data_dir / "postgres-password").unlink()
    done = house.run("migrate")
    assert done.returncode == 1
    assert "postgres-password is missing" in done.stderr
    house.clear_away()

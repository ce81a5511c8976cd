"""No name, key or path leads out of the store: neither where it is added nor where it is asked for."""

from pathlib import Path

import pytest

from tests.cases.writing import guest, start
from tests.conftest import Site
from tests.core import made
from tests.uploads import NAME, key_of, upload

NASTY = ["../../../etc/passwd", "..\\..\\x", "/etc/passwd", "C:\\x", "x\x01y", "....//x", "%2e%2e%2fx", ". . /x", "con"]


def files_of(site: Site) -> list[str]:
    folder: Path = site.settings.data_dir
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_name_stays_a_name(site: Site, name: str) -> None:
    key = key_of(upload(site.as_("maryse"), f"{name}.pdf", made.PDF, fields={"alt": ""}))
    assert files_of(site) == [f"files/{key}/document"]
    kept = site.ask("SELECT name FROM stored_file")
    assert kept.endswith(".pdf")
    assert not set(kept) & set('/\\<>:"|?*%\x01')
    assert not kept.startswith(".")


@pytest.mark.parametrize("name", ["x.pdf.", "x.pdf ", "x.pdf\t", "x.pdf/", "x.pdf\\", "x.pdf::$DATA", "x.pdf%00.png"])
def test_a_name_with_something_behind_is_refused(site: Site, name: str) -> None:
    assert upload(site.as_("maryse"), name, made.PDF, "application/pdf").status_code == 422
    assert files_of(site) == []


@pytest.mark.parametrize(
    "where", ["{key}/../{key}/{name}", "../{key}/{name}", "{key}/..%2f{name}", "{key}/%2e%2e/{name}"]
)
def test_no_path_goes_up(site: Site, where: str) -> None:
    key = key_of(upload(site.as_("maryse")))
    path = "/fichiers/" + where.format(key=key, name=NAME)
    answer = site.as_("maryse").get(path)
    # A client that resolves the dots asks for the file itself, or for another page.
    assert answer.status_code == 404 or f"/fichiers/{key}/{NAME}" == answer.url.path


@pytest.mark.parametrize(
    "key",
    ["..", "%2e%2e", "..%5c..", "%5c", "%2fetc%2fpasswd", "x" * 32, "A" * 32, "0" * 31, "0" * 33, "%C3%A9" * 16, "*"],
)
def test_a_key_is_a_key_or_nothing(site: Site, key: str) -> None:
    for path in (f"/fichiers/{key}/{NAME}", f"/fichiers/nouveau/{key}", f"/moi/fichiers/{key}/retirer"):
        assert site.as_("maryse").get(path).status_code == 404
    assert site.as_("maryse").get(f"/fichiers/{key}%00/{NAME}").status_code == 400


@pytest.mark.parametrize("name", ["{name}.", "{name} ", "{name}%20", "x", "..", "%5c{name}", "{name}%00", "{name}/"])
def test_a_name_is_its_own_or_nothing(site: Site, name: str) -> None:
    key = key_of(upload(site.as_("maryse")))
    answer = site.as_("maryse").get(f"/fichiers/{key}/{name.format(name=NAME)}")
    assert answer.status_code in {400, 404}


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_name_stays_a_name_in_a_story(site: Site, name: str) -> None:
    number = start(site)
    helper = guest(site, number)
    to = f"/recits/{number}/fichiers/nouveau"
    key = key_of(upload(helper, f"{name}.pdf", made.PDF, fields={"alt": ""}, to=to))
    assert files_of(site) == [f"files/{key}/document"]
    for path in (f"/recits/{number}/fichiers/..%2f{key}/x.pdf", f"/recits/{number}/fichiers/{key}/..%2fx.pdf"):
        assert helper.get(path).status_code == 404

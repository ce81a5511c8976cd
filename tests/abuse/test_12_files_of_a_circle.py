"""A file of a closed circle is absent for those outside, whatever they guess, and no cache keeps it for them."""

import pytest

from tests.abuse.acts.asking import INSIDER, OUTSIDERS
from tests.abuse.conftest import browser, circle_of, plain
from tests.conftest import Site
from tests.uploads import NAME, give_to_post, key_of, upload


@pytest.mark.parametrize("who", OUTSIDERS)
def test_it_is_as_absent_as_what_never_was(site: Site, who: str) -> None:
    key = key_of(upload(site.as_(INSIDER)))
    give_to_post(site, key, circle_of(site).post)
    inside = site.as_(INSIDER).get(f"/fichiers/{key}/{NAME}")
    assert inside.status_code == 200
    headers = {"If-None-Match": inside.headers["etag"]}
    for query in ("", "?l=480", "?l=1200", "?l=9"):
        hidden = browser(site, who).get(f"/fichiers/{key}/{NAME}{query}", headers=headers)
        absent = browser(site, who).get(f"/fichiers/{'0' * 32}/{NAME}{query}", headers=headers)
        assert plain(hidden, key) == plain(absent, "0" * 32)
        assert hidden.status_code == 404


def test_no_cache_keeps_it(site: Site) -> None:
    key = key_of(upload(site.as_(INSIDER)))
    give_to_post(site, key, circle_of(site).post)
    answer = site.as_(INSIDER).get(f"/fichiers/{key}/{NAME}")
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "Cookie" in answer.headers["vary"]


def test_whoever_leaves_the_circle_loses_it_at_once(site: Site) -> None:
    key = key_of(upload(site.as_("nadege")))
    give_to_post(site, key, circle_of(site).post)
    path = f"/fichiers/{key}/{NAME}"
    etag = site.as_(INSIDER).get(path).headers["etag"]
    site.write(
        lambda db: db.connection.execute(
            "DELETE FROM space_member USING person WHERE person.id = person_id AND handle = $1", INSIDER
        )
    )
    assert site.as_(INSIDER).get(path, headers={"If-None-Match": etag}).status_code == 404

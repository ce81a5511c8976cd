"""A removed message takes its files along: at its address, in its size, with a validator from before."""

import pytest

from tests.conftest import Site
from tests.web.test_files_served import shown_in, write


@pytest.mark.parametrize("who", ["maryse", "etienne"])
def test_whoever_removes_the_message(site: Site, who: str) -> None:
    path, number = shown_in(site, "maryse")
    etag = site.stranger.get(path).headers["etag"]
    write(site, who, f"/discussions/{number}/m/1/retirer", reason="Sans accord.")
    for reader in (site.stranger, site.as_("karine"), site.as_("maryse")):
        for address in (path, f"{path}?l=480"):
            answer = reader.get(address, headers={"If-None-Match": etag})
            assert (answer.status_code, "etag" in answer.headers) == (404, False)

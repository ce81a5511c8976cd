"""After every test of the forum, what its tables say of each other still holds."""

from collections.abc import Iterator

import pytest

from tests.conftest import Site
from tests.forum import audit


@pytest.fixture(name="site")
def audited_site(site: Site) -> Iterator[Site]:
    yield site
    assert audit.faults(site) == []

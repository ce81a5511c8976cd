"""What tests of stories share."""

import pytest

from tests.conftest import Site


@pytest.fixture
def no_stories(site: Site) -> None:
    """Take the stories of the demonstration away, for tests that count."""
    site.write(lambda db: db.connection.execute("TRUNCATE practice_case CASCADE"))

"""What tests of stories share."""

import pytest

from tests.conftest import Site


@pytest.fixture
def no_stories(site: Site) -> None:
    """Take the stories of the demonstration away, for tests that count."""
    # A process that has read them already is then so many changes behind that it begins anew.
    site.write(
        lambda db: db.connection.execute(
            "TRUNCATE practice_case CASCADE; UPDATE browsing_version SET number = number + 1000"
        )
    )

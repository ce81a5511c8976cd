"""What tests of the reference lists share."""

import pytest


@pytest.fixture(autouse=True)
def no_modules(request: pytest.FixtureRequest) -> None:
    """Take the trainings of the demonstration away, and what gives them: lists are as an installation begins."""
    if "site" in request.fixturenames:
        site = request.getfixturevalue("site")
        site.write(lambda db: db.connection.execute("TRUNCATE term_change, module_interest, gathering CASCADE"))
        site.write(lambda db: db.connection.execute("DELETE FROM term WHERE taxonomy = 'module'"))

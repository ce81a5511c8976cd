"""Takes the pictures that the documentation shows: `.venv/bin/python -m tools.pictures`, from the root."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import Live, Reader

pytest_plugins = ["tests.conftest", "tests.browser.conftest"]
DOCS = Path(__file__).parent.parent / "docs"
DEBATE = "La reddition de comptes"


def take(maryse: Reader, path: str, name: str, at: str = "body") -> None:
    """One window of the page, with the element `at` on top."""
    page = maryse.goes_to(path)
    page.evaluate("document.fonts.ready")
    page.locator(at).evaluate("element => element.scrollIntoView()")
    page.screenshot(path=DOCS / f"{name}.png")


def test_take_the_pictures(live: Live, reader: Callable[..., Reader]) -> None:
    desk, phone = reader(), reader(width=360, height=760, scale=2)
    take(desk, "/", "home")
    for maryse in (desk, phone):
        maryse.has_session_of("maryse")
    take(desk, "/discussions/espaces/pratiques", "space")
    take(desk, live.thread(DEBATE), "thread-desktop", "#m-5")
    take(phone, live.thread(DEBATE), "thread-phone", "#m-13")


if __name__ == "__main__":
    raise SystemExit(
        pytest.main(
            [__file__, "-q", "-o", "python_files=pictures.py", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
        )
    )


def test_take_the_pictures_for_administrators(live: Live, reader: Callable[..., Reader]) -> None:
    karine = reader(width=900, height=1100)
    karine.has_session_of("karine")
    root = "/organisations/mrc-des-hauts-meandres"
    take(karine, f"{root}/connexion/nouveau?genre=microsoft", "sign-in-service", "main")
    take(karine, f"{root}/membres", "sign-in-members", "main")
    page = karine.goes_to(f"{root}/connexion")
    page.get_by_role("link", name="MRC des Hauts-Méandres").last.click()
    page.get_by_role("button", name="Essayer la connexion").click()
    page.get_by_role("button", name="Karine").click()
    page.wait_for_url(f"{live.url}/**")
    page.locator("main").evaluate("element => element.scrollIntoView()")
    page.screenshot(path=DOCS / "sign-in-trial.png")

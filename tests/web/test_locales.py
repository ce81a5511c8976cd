"""An instance that must speak French alone speaks French alone."""

from pathlib import Path

from starlette.testclient import TestClient

from maillage.web.app import create_app
from tests.conftest import BASE_URL, settings_for


def test_an_instance_in_french_alone_offers_no_english(world_dsn: str, tmp_path: Path) -> None:
    app = create_app(settings_for(world_dsn, tmp_path, locales="fr-CA"))
    with TestClient(app, base_url=BASE_URL, follow_redirects=False) as browser:
        for path in ("/", "/discussions", "/connexion", "/rien"):
            page = browser.get(path, headers={"Accept-Language": "en"}).text
            assert '<html lang="fr-CA">' in page
            assert "langue=en" not in page
            assert "hreflang" not in page
        # Asking for it, or having asked once, changes nothing.
        assert browser.get("/a-propos?langue=en").status_code == 200
        browser.cookies.set("langue", "en")
        assert '<html lang="fr-CA">' in browser.get("/").text


def test_an_instance_in_two_languages_offers_the_other_one(world_dsn: str, tmp_path: Path) -> None:
    app = create_app(settings_for(world_dsn, tmp_path))
    with TestClient(app, base_url=BASE_URL, follow_redirects=False) as browser:
        assert 'lang="en" hreflang="en"' in browser.get("/").text
        answer = browser.get("/discussions?page=2&langue=en")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/discussions?page=2"
        assert '<html lang="en">' in browser.get("/discussions").text

"""From nothing to a way in: an administrator connects an account service, as people do, with and without scripts."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Live, Reader


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False])
def test_an_administrator_connects_tries_and_switches_on(
    live: Live, reader: Callable[..., Reader], scripts: bool
) -> None:
    nadege = reader(scripts=scripts)
    nadege.has_session_of("nadege")
    page = nadege.goes_to("/organisations/nouvelle")
    page.get_by_label("Nom de l’organisation").fill("Ressourcerie de l’Orignal")
    page.get_by_role("button", name="Inscrire").click()
    page.get_by_role("link", name="Régler la connexion et l’adhésion").click()
    page.get_by_role("link", name="Connecter un service de comptes").click()
    page.get_by_role("link", name="Autre service OpenID Connect").click()

    redirect = page.get_by_label("Adresse de redirection").input_value()
    assert re.fullmatch(rf"{live.url}/connexion/retour/\d+", redirect)
    if scripts:
        nadege.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live.url)
        page.get_by_role("button", name="Copier").click()
        expect(page.get_by_role("button", name="Copié")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == redirect
    else:
        assert not page.get_by_role("button", name="Copier").is_visible()

    page.get_by_label("Adresse du service").fill(f"{live.provider}/nulle-part")
    if not scripts:
        page.get_by_role("button", name="Vérifier").click()
    expect(page.locator(".check-result")).to_contain_text("inutilisable")
    page.get_by_label("Adresse du service").fill(f"{live.provider}/a")
    if not scripts:
        page.get_by_role("button", name="Vérifier").click()
    expect(page.locator(".check-result")).to_contain_text("Le service répond")
    page.get_by_label("Identifiant client").fill("maillage")
    page.get_by_label("Secret client").fill("demonstration")
    page.get_by_role("button", name="Enregistrer").click()

    expect(page.get_by_role("button", name="Mettre en fonction")).to_have_count(0)
    page.get_by_role("button", name="Essayer la connexion").click()
    page.wait_for_url(f"{live.provider}/**")
    page.get_by_role("button", name="Maryse Lacombe-Dubé").first.click()
    page.wait_for_url(f"{live.url}/**")
    expect(page.locator("main")).to_contain_text("Tout fonctionne")
    expect(page.locator(".claims")).to_contain_text("email_verified")
    # She is who she was: a trial signs nobody in.
    expect(page.locator(".head")).to_contain_text("Nadège")

    page.get_by_role("button", name="Mettre en fonction").click()
    expect(page.locator("main")).to_contain_text("Le service est en fonction")
    assert live.ask("SELECT enabled FROM provider ORDER BY id DESC LIMIT 1")
    assert not live.ask("SELECT count(*) FROM arrival")

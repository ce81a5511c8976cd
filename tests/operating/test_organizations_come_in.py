"""Organizations come in with the accounts that they have: two web processes behind one address, a real provider beside.

In a real browser, from nothing to colleagues who sign in; then out again, the ways that an organization has.
"""

import email
import email.policy
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.operating.house import House, until

pytestmark = [pytest.mark.operating, pytest.mark.browser]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(
        tmp_path_factory.mktemp("organizations") / "var", env={"MAILLAGE_ENV": "demo", "MAILLAGE_BASE_URL": ""}
    )
    with house.serving("--workers", "2"):
        until(lambda: "est prêt" in house.log.read_text(), "it says so")
        yield house


@contextmanager
def somebody(browser: Browser, house: House, *, width: int = 1280) -> Iterator[Page]:
    """A window of her own, which knows nobody yet."""
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{house.port}", viewport={"width": width, "height": 900}, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()


def provider(house: House, name: str) -> str:
    """Where the demonstration's provider of that name is."""
    return str(house.asks("SELECT issuer FROM provider WHERE issuer LIKE $1 LIMIT 1", f"%/{name}"))


def letter(house: House, to: str) -> str:
    """The text of the last letter to that address, once it is there."""
    found: list[str] = []

    def arrived() -> bool:
        for path in sorted(house.data_dir.joinpath("letters").glob("*.eml"), key=lambda path: path.stat().st_mtime):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if to in message["To"] and (body := message.get_body(("plain",))) is not None:
                found.append(body.get_content())
        return bool(found)

    until(arrived, f"a letter to {to}")
    return found[-1]


def link_in(text: str) -> str:
    [link] = re.findall(r"http://127\.0\.0\.1:\d+(/\S+)", text.replace("\n-- \n", " \x00 ").partition("\x00")[0])
    return str(link)


def comes_by_letter(page: Page, house: House, address: str) -> None:
    page.goto("/connexion")
    page.get_by_role("textbox", name="Votre adresse courriel").fill(address)
    page.get_by_role("button", name="Continuer", exact=True).click()
    expect(page.get_by_text("15 minutes").first).to_be_visible()
    page.goto(link_in(letter(house, address)))
    page.locator("main").get_by_role("button", name="Se connecter").click()


def agrees(page: Page, name: str = "") -> None:
    expect(page).to_have_url(re.compile("/bienvenue$"))
    if name:
        page.get_by_label("Nom, tel qu’on le voit").fill(name)
    page.get_by_label("J’ai 14 ans ou plus").check()
    page.get_by_label("J’ai lu les conditions d’utilisation et je les accepte").check()
    page.get_by_role("button", name="Entrer").click()
    expect(page).not_to_have_url(re.compile("/bienvenue"))


def is_signed_in(page: Page, name: str) -> None:
    page.goto("/moi")
    expect(page.locator("header").get_by_text(name).first).to_be_attached()


def is_a_stranger(page: Page) -> bool:
    page.goto("/discussions")
    return page.locator("header").get_by_role("link", name="Se connecter").count() == 1


def test_from_nothing_to_a_colleague_signing_in_and_out_again(house: House, browser: Browser) -> None:
    with somebody(browser, house) as page, somebody(browser, house, width=360) as phone:
        comes_by_letter(page, house, "rosanne@comite-des-rives.example")
        agrees(page, "Rosanne Tremblay-Côté")

        # An organization, and the accounts that its people have already.
        page.goto("/organisations")
        page.get_by_role("link", name="Inscrire votre organisation").click()
        page.get_by_label("Nom", exact=False).first.fill("Comité des rives")
        page.get_by_role("button", name="Inscrire").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Comité des rives")
        root = "/organisations/comite-des-rives"
        page.goto(f"{root}/connexion/nouveau?genre=oidc")
        page.get_by_label("Comment vos collègues nomment ces comptes").fill("Comptes du comité")
        page.get_by_label("Adresse du service").fill(provider(house, "b"))
        page.get_by_label("Identifiant client").fill("maillage")
        page.get_by_label("Secret client").fill("demonstration")
        page.get_by_role("button", name="Enregistrer").click()
        tells = page.get_by_label("Adresse de déconnexion").input_value()

        # Tried before anybody sees it.
        page.get_by_role("button", name="Essayer la connexion").click()
        page.get_by_role("button", name="Théodore").click()
        expect(page.get_by_text("preferred_username")).to_be_visible()
        assert house.asks("SELECT count(*) FROM person WHERE name LIKE 'Théodore%'") == 0
        page.get_by_role("button", name="Mettre en fonction").click()

        # A colleague, on her phone.
        phone.goto("/connexion")
        phone.get_by_role("button", name="Comité des rives").click()
        phone.get_by_role("button", name="Rosalie").click()
        agrees(phone)
        is_signed_in(phone, "Rosalie Gendron-Picard")
        page.goto(f"{root}/membres")
        page.get_by_role("button", name="Accepter").click()
        member = (
            "SELECT state FROM membership JOIN person ON person.id = person_id"
            " JOIN organization ON organization.id = organization_id WHERE person.handle LIKE 'rosalie%' AND slug = $1"
        )
        assert house.asks(member, "comite-des-rives") == "active"
        # Her rights grew: she signs in again, which is two buttons and no question.
        assert is_a_stranger(phone)
        phone.goto("/connexion")
        phone.get_by_role("button", name="Comité des rives").first.click()
        phone.get_by_role("button", name="Rosalie").click()
        is_signed_in(phone, "Rosalie Gendron-Picard")

        # Her account at work is closed: she is out here too.
        with somebody(browser, house) as desk:
            desk.goto(f"{provider(house, 'b')}/")
            desk.get_by_label("Où annoncer").fill(tells)
            desk.get_by_role("button", name="Enregistrer").click()
            desk.get_by_role("button", name="Fermer le compte : Rosalie").click()
            expect(desk.get_by_role("button", name="Rouvrir le compte : Rosalie")).to_be_visible()
        assert is_a_stranger(phone)


def test_karine_lets_samuel_in_and_sees_felix_out(house: House, browser: Browser) -> None:
    with somebody(browser, house) as karine, somebody(browser, house) as felix:
        for page, name in ((karine, "Karine"), (felix, "Félix")):
            page.goto("/connexion")
            page.get_by_role("button", name=name).first.click()
            page.get_by_role("button", name=name).first.click()
        is_signed_in(felix, "Félix")
        karine.goto("/organisations/mrc-des-hauts-meandres/membres")
        karine.get_by_role("button", name="Accepter").first.click()
        state = "SELECT state FROM membership JOIN person ON person.id = person_id WHERE handle = 'samuel'"
        assert house.asks(state) == "active"
        karine.goto("/organisations/mrc-des-hauts-meandres/membres")
        karine.locator("li", has_text="Félix").get_by_role("link", name=re.compile("Changer|Modifier")).click()
        karine.get_by_role("button", name="Mettre fin à l’adhésion").click()
        assert is_a_stranger(felix)
        assert not is_a_stranger(karine)


def test_ibrahima_whose_organization_has_no_provider_comes_by_letter(house: House, browser: Browser) -> None:
    with somebody(browser, house) as page:
        comes_by_letter(page, house, "ibrahima@table-la-boussole.example")
        is_signed_in(page, "Ibrahima Sarr")


def test_a_provider_out_of_order_says_so_with_a_number_and_another_way_in(house: House, browser: Browser) -> None:
    with somebody(browser, house) as page:
        page.goto("/connexion")
        page.get_by_role("textbox", name="Votre adresse courriel").fill("josee@cisss-du-littoral-nord.example")
        page.get_by_role("button", name="Continuer", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("CISSS du Littoral-Nord")
        reference = page.get_by_role("alert").locator("code").inner_text()
        journal = (
            "SELECT count(*) FROM sign_in_event JOIN organization ON organization.id = organization_id"
            " WHERE reference = $1 AND slug = 'cisss-du-littoral-nord'"
        )
        assert house.asks(journal, reference) == 1
        page.get_by_role("textbox", name="Votre adresse courriel").fill("josee@cisss-du-littoral-nord.example")
        page.get_by_role("button", name="lien par courriel").click()
        page.goto(link_in(letter(house, "josee@cisss-du-littoral-nord.example")))
        page.locator("main").get_by_role("button", name="Se connecter").click()
        is_signed_in(page, "Josée Thibodeau-Roy")


def test_letters_are_for_those_who_can_read_them_and_the_log_holds_no_address(house: House) -> None:
    log = Path(house.log).read_text()
    assert "@" not in re.sub(r"\S*@\S*\.py", "", log)
    # The pattern of the address is there, and never what stands in its place.
    assert "/connexion/lien/{token}" in log
    assert "/connexion/lien/" not in log.replace("{token}", "").replace('/connexion/lien/"', "")

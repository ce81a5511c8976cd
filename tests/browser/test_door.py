"""At the door of a gathering, with the network gone: arrivals are kept, the page stays, and each counts once."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Live, Reader
from tests.browser.doors import gathering
from tests.events.gatherings import on_the_wall

# Chromium on a server has neither a camera nor something that reads codes: these stand in for both.
CAMERA = """
window.shown = [];
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect() { return window.shown.splice(0).map((rawValue) => ({ rawValue })); }
};
navigator.mediaDevices.getUserMedia = async () => {
  const canvas = document.createElement("canvas");
  canvas.getContext("2d").fillRect(0, 0, 10, 10);
  return canvas.captureStream(5);
};
"""
_ITS = " JOIN event_session s ON s.id = session_id JOIN occurrence o ON o.id = occurrence_id WHERE gathering_id = $1"
ARRIVED = f"SELECT count(*) FROM attendance {_ITS}"  # noqa: S608 — our own words
SCANNED = f"SELECT string_agg(outcome, ' ' ORDER BY at) FROM scan {_ITS}"  # noqa: S608


def ticket(live: Live, number: int, name: str) -> str:
    """What the code of somebody who comes says."""
    return str(
        live.ask(
            "SELECT ticket FROM registration r JOIN participant p ON p.id = participant_id"
            " JOIN occurrence o ON o.id = occurrence_id WHERE gathering_id = $1 AND p.name = $2",
            number,
            name,
        )
    )


@pytest.mark.browser
def test_without_a_network_arrivals_wait_and_count_once(live: Live, reader: Callable[..., Reader]) -> None:
    felix = reader(width=360, height=740)
    felix.forgives |= {"ERR_INTERNET_DISCONNECTED", "ERR_FAILED"}
    felix.has_session_of("felix")
    felix.context.add_init_script(CAMERA)
    path = f"{gathering(live, 'felix')}/accueil"
    number = int(path.split("/")[2])
    page = felix.goes_to(path)
    expect(page.get_by_role("heading", name="Cet appareil")).to_be_visible()
    felix.context.set_offline(True)
    page.reload()
    network, said = page.locator("[data-network]"), page.locator("[data-said]")

    page.get_by_role("button", name="Lire les codes avec l’appareil photo").click()
    page.evaluate("(code) => shown.push(code)", f"{live.url}{path}?code={ticket(live, number, 'Aline Roy')}")
    expect(said).to_have_text("Aline Roy\u00a0: arrivée notée.")
    page.evaluate("(code) => shown.push(code)", f"{live.url}{path}?code={ticket(live, number, 'Béa Côté')}")
    expect(said).to_have_text("Béa Côté\u00a0: arrivée notée.")
    code = page.get_by_label("Code", exact=True)
    for name, answer in (("Carl Gagné", "arrivée notée"), ("Aline Roy", "est déjà là")):
        code.fill(ticket(live, number, name))
        code.press("Enter")
        expect(said).to_contain_text(f"{name}")
        expect(said).to_contain_text(answer)
    expect(network).to_contain_text("4 arrivées sont gardées")
    assert live.ask(ARRIVED, number) == 0

    # Closed and opened again, the page is still there, and so is what it holds.
    page.reload()
    expect(page.locator("[data-here]")).to_have_text("3")
    expect(page.locator("#door-people li.here.unsent")).to_have_count(3)
    # Somebody else noted Béa meanwhile, at another door.
    live.ask(
        "INSERT INTO attendance (registration_id, session_id, at, source) SELECT r.id, s.id, now(), 'name'"
        " FROM registration r JOIN event_session s USING (occurrence_id) WHERE r.ticket = $1 RETURNING 1",
        ticket(live, number, "Béa Côté"),
    )

    # The first answer gets lost on its way: what it was about is sent once more.
    lost: list[int] = []

    def lose_one(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route(f"**{path}", lose_one)
    felix.context.set_offline(False)
    expect(network).to_contain_text("4 arrivées sont gardées")
    assert lost == [200]
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(network).to_have_text("Tout ce qui a été noté ici est envoyé.")
    expect(page.locator("#door-people li.here:not(.unsent)")).to_have_count(3)
    assert live.ask(ARRIVED, number) == 3
    assert live.ask(SCANNED, number) == "arrived again arrived again"
    assert page.evaluate(f"localStorage.getItem('maillage:door:{number}')") == "[]"
    # What was noted can be taken back, and the list on this device forgotten.
    page.get_by_role("button", name="Annuler – Carl Gagné").click()
    expect(page.locator("[data-here]")).to_have_text("2")
    assert live.ask(ARRIVED, number) == 2
    page.get_by_role("button", name="Oublier la liste").click()
    expect(said).to_have_text("Cet appareil a oublié la liste.")
    assert page.evaluate("caches.keys()") == []


@pytest.mark.browser
def test_without_a_network_somebody_unknown_is_kept_and_registered_once_there_is_one(
    live: Live, reader: Callable[..., Reader]
) -> None:
    felix = reader(width=360, height=740)
    felix.forgives |= {"ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "409"}
    felix.has_session_of("felix")
    path = f"{gathering(live, 'felix', starts=on_the_wall(hours=-1), seats=5)}/accueil"
    number = int(path.split("/")[2])
    page = felix.goes_to(path)
    expect(page.get_by_role("heading", name="Cet appareil")).to_be_visible()
    felix.context.set_offline(True)
    page.reload()
    said, unsent = page.locator("[data-said]"), page.locator("[data-unsent] li")
    page.get_by_text("Inscrire une personne qui est sur place").click()
    for name, email in (("Gisèle Roy", ""), ("Paul Roy", "paul@courriel.example")):
        page.get_by_label("Nom", exact=True).fill(name)
        page.get_by_label("Adresse courriel").fill(email)
        page.get_by_role("button", name="Inscrire et noter l’arrivée").click()
        expect(said).to_contain_text(f"{name}\u00a0: gardé sur cet appareil")
    expect(unsent).to_have_count(2)
    page.reload()
    expect(unsent).to_have_count(2)
    assert live.ask(ARRIVED, number) == 0

    # The room has one seat left: the first has it, the second is said to be without.
    felix.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(unsent).to_have_count(1)
    expect(unsent).to_contain_text("Paul Roy")
    expect(unsent).to_contain_text("il ne reste aucune place")
    expect(page.locator("#door-people li.here")).to_have_text(re.compile("Gisèle Roy"))
    expect(page.locator("#door-room")).to_contain_text("Aucune place")
    assert live.ask(ARRIVED, number) == 1

    # The organizers find a chair: what was kept is sent again.
    date = live.ask("SELECT id FROM occurrence WHERE gathering_id = $1", number)
    live.ask("UPDATE seat_pool SET seats = 6 WHERE occurrence_id = $1 RETURNING 1", date)
    live.ask("INSERT INTO seat SELECT $1, 'in-person', 6 RETURNING 1", date)
    page.get_by_role("button", name="Réessayer").click()
    expect(page.locator("#door-people li.here")).to_have_count(2)
    expect(unsent).to_have_count(0)
    assert live.ask(ARRIVED, number) == 2

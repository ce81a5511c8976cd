"""A practitioner's first evening: she reads, signs in, answers, edits, and finds her way back."""

from collections.abc import Callable

from tests.browser.conftest import Live, Reader


def test_maryse_reads_signs_in_and_replies_with_a_mention(live: Live, reader: Callable[..., Reader]) -> None:
    maryse = reader()
    maryse.signs_in_as("Maryse Lacombe-Dubé")
    page = maryse.goes_to(live.thread("La reddition de comptes"))
    page.get_by_label("Votre réponse").fill("Merci @ibrahima, je vais en parler lundi.")
    page.get_by_role("button", name="Envoyer la réponse").click()
    page.wait_for_url("**#m-*")
    answer = page.locator("article", has_text="je vais en parler lundi").last
    assert answer.get_by_role("link", name="@Ibrahima Sarr").is_visible()

"""axe finds nothing to say about any kind of page, in either language, in either theme, on a phone or at a desk."""

from collections.abc import Callable

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests.browser.conftest import Live, Reader
from tests.browser.pages import addresses

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(reader: Reader) -> list[str]:
    """What axe complains of on the page that is open."""
    reader.page.evaluate(AXE_SCRIPT)
    found = reader.page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})", RULES
    )
    path = reader.page.url.removeprefix(reader.live.url)
    return [
        f"{path}: {violation['id']}: {node['target']} {node.get('failureSummary', '')}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.browser
@pytest.mark.parametrize(("language", "scheme", "width"), [("fr-CA", "light", 1280), ("en", "dark", 360)])
@pytest.mark.parametrize("handle", [None, "maryse", "etienne", "karine", "sofia"])
def test_no_page_shuts_anybody_out(
    live: Live, reader: Callable[..., Reader], handle: str | None, language: str, scheme: str, width: int
) -> None:
    # Languages, themes and widths do not act on each other: each is seen once, with every kind of page.
    person = reader(width=width, scheme=scheme, language=language)
    if handle:
        person.has_session_of(handle)
    complaints = []
    for address in addresses(live, handle):
        person.goes_to(address)
        complaints += violations(person)
    assert complaints == []


@pytest.mark.browser
def test_axe_sees_what_is_wrong(live: Live, reader: Callable[..., Reader]) -> None:
    """The judge is awake: a page made worse on purpose is found out."""
    person = reader()
    person.goes_to("/")
    person.page.evaluate("document.querySelector('h1').innerHTML = '<img src=/static/img/favicon.svg>'")
    assert any("image-alt" in complaint for complaint in violations(person))

"""Reading a discussion, signed in or not."""

from tests.conftest import Site


def test_a_stranger_reads_the_thread_on_accountability(site: Site) -> None:
    page = site.stranger.get(site.thread("La reddition de comptes"))
    assert page.status_code == 200
    assert "Marc-Antoine" in page.text


def test_maryse_sees_how_much_she_has_not_read_and_in_how_many_branches(site: Site) -> None:
    page = site.as_("maryse").get(site.thread("La reddition de comptes"))
    assert page.status_code == 200
    assert "6 non lus" in page.text
    assert "dans 3 branches" in page.text

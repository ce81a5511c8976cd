"""The organizers' desk: requests answered, people taken off the list, letters to some, and lists to take away."""

import csv
import io
import re
import zipfile

from tests.conftest import Site
from tests.events.gatherings import gathering
from tests.events.post import letters, post_office
from tests.events.test_registering import sign_up, status


def ids(site: Site, number: int) -> list[int]:
    rows = site.write(
        lambda db: db.connection.fetch(
            "SELECT r.id FROM registration r JOIN occurrence o ON o.id = r.occurrence_id"
            " WHERE gathering_id = $1 ORDER BY r.id",
            number,
        )
    )
    return [row["id"] for row in rows]


def test_requests_are_answered_and_whoever_is_taken_off_leaves_her_seat_to_the_next(site: Site) -> None:
    number = gathering(site, registration="approval", seats=1)
    for handle in ("maryse", "felix", "josee"):
        sign_up(site, number, handle)
    thuy = site.as_("thuy-linh")
    desk, path = f"/rencontres/{number}/bureau", f"/rencontres/{number}/inscriptions"
    assert f"{path}?status=pending" in thuy.get(desk).text
    first, second, third = ids(site, number)
    assert thuy.post(path, data={"act": "approve"}).status_code == 422
    assert thuy.post(path, data={"act": "approve", "registration": [first, second]}).status_code == 303
    assert thuy.post(path, data={"act": "reject", "registration": third}).status_code == 303
    assert status(site, number) == ["confirmed", "waiting", "rejected"]
    # Where she stands already, nothing is done twice.
    assert thuy.post(path, data={"act": "approve", "registration": first}).status_code == 409
    assert thuy.post(path, data={"act": "remove", "registration": first}).status_code == 303
    assert status(site, number) == ["cancelled", "confirmed", "rejected"]
    page = thuy.get(desk).text
    assert "Tout est en ordre" in page
    assert f"{path}?status=pending" not in page
    # A seat that nobody accounts for is said.
    site.ask("UPDATE registration SET transition = transition + 1 WHERE id = $1 RETURNING id", second)
    assert "Tout est en ordre" not in thuy.get(desk).text


def test_the_list_is_filtered_and_sorted(site: Site) -> None:
    number = gathering(site, seats=1)
    for handle in ("maryse", "felix"):
        sign_up(site, number, handle)
    thuy, path = site.as_("thuy-linh"), f"/rencontres/{number}/inscriptions"

    def shown(**query: str) -> list[str]:
        return re.findall(r'<th scope="row">.*?/personnes/([a-z-]+)"', thuy.get(path, params=query).text)

    assert shown(sort="asked") == ["maryse", "felix"]
    assert shown(sort="asked", order="down") == ["felix", "maryse"]
    assert sorted(shown()) == sorted(shown(sort="status")) == sorted(shown(sort="organization")) == ["felix", "maryse"]
    assert shown(status="waiting") == ["felix"]
    assert shown(q="MARYSE") == ["maryse"]
    assert shown(way="online") == shown(region="nulle-part") == shown(family="x") == shown(date="999999") == []
    assert len(shown(status="nonsense", date="x", page="-1", sort="x")) == 2


def test_a_letter_goes_once_to_each_of_those_it_is_meant_for(site: Site) -> None:
    number = gathering(site, seats=2)
    for handle in ("maryse", "felix", "josee"):
        sign_up(site, number, handle)
    site.ask("UPDATE person SET locale = 'en' WHERE handle = 'maryse' RETURNING id")
    thuy = site.as_("thuy-linh")
    path = f"/rencontres/{number}/lettre?status=confirmed"
    key = re.search(r'name="request_key"[^>]*value="([^"]+)"', thuy.get(path).text)
    assert key is not None
    given = {"subject": "Le repas", "body": "Apportez\n\nun plat <b>.", "request_key": key[1]}
    wrong = thuy.post(path, data=given | {"subject": ""})
    assert wrong.status_code == 422
    assert "un plat &lt;b&gt;." in wrong.text
    assert thuy.post(f"/rencontres/{number}/lettre?status=pending", data=given).status_code == 422
    for _time in range(2):
        assert thuy.post(path, data=given).status_code == 303
    assert site.ask("SELECT recipients FROM gathering_letter WHERE gathering_id = $1", number) == 2
    # Whoever is no longer registered when it leaves is left in peace.
    third = ids(site, number)[1]
    answer = thuy.post(f"/rencontres/{number}/inscriptions", data={"act": "remove", "registration": third})
    assert answer.status_code == 303
    assert post_office(site, "gathering_letter") == 2
    (one,) = letters(site)
    assert "un plat <b>." in one
    assert "writes to those who are registered" in one
    assert "Le repas" in thuy.get(f"/rencontres/{number}/bureau").text


def test_nothing_that_somebody_wrote_is_a_formula_in_a_file(site: Site) -> None:
    number = gathering(site)
    formula = '=HYPERLINK("https://mal.example","x")'
    sign_up(site, number, name=formula, email="odile@courriel.example")
    sign_up(site, number, name=" @SUM(A1)", email="ginette@courriel.example")
    sign_up(site, number, "maryse")
    thuy, path = site.as_("thuy-linh"), f"/rencontres/{number}/inscriptions"
    answer = thuy.get(f"{path}.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows].count("Nom") == 1
    assert f"'{formula}" in [row[0] for row in rows]
    assert not [cell for row in rows for cell in row if cell.lstrip()[:1] in tuple("=+-@")]
    # The address of an account is not the organizers' to take away; one that was given to register is.
    assert sorted(row[1] for row in rows[1:]) == ["", "ginette@courriel.example", "odile@courriel.example"]
    assert answer.headers["cache-control"] == "no-store"
    book = zipfile.ZipFile(io.BytesIO(thuy.get(f"{path}.xlsx").content))
    sheet, words = book.read("xl/worksheets/sheet1.xml"), book.read("xl/sharedStrings.xml").decode()
    assert b"<f>" not in sheet
    assert b"<hyperlink" not in sheet
    assert "'=HYPERLINK" in words


def test_only_its_organizers_have_the_desk(site: Site) -> None:
    number, draft, other = gathering(site), gathering(site, state="draft"), gathering(site)
    sign_up(site, number, "maryse")
    sign_up(site, other, "maryse")
    (hers,) = ids(site, number)
    rooms = ("bureau", "inscriptions", "inscriptions.csv", "inscriptions.xlsx", "lettre")
    for browser in (site.as_("maryse"), site.as_("karine")):
        for room in rooms:
            assert browser.get(f"/rencontres/{number}/{room}").status_code == 403
            assert browser.get(f"/rencontres/{draft}/{room}").status_code == 404
        data = {"act": "remove", "registration": hers}
        assert browser.post(f"/rencontres/{number}/inscriptions", data=data).status_code == 403
        assert browser.post(f"/rencontres/{number}/lettre", data={"subject": "x"}).status_code == 403
    for room in rooms:
        assert site.stranger.get(f"/rencontres/{number}/{room}").status_code == 303
    # One's own gathering opens nobody else's registrations.
    thuy = site.as_("thuy-linh")
    assert (
        thuy.post(f"/rencontres/{other}/inscriptions", data={"act": "remove", "registration": hers}).status_code == 404
    )
    assert status(site, number) == ["confirmed"]
    assert "bureau" in thuy.get(f"/rencontres/{number}", follow_redirects=True).text

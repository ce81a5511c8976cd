"""Asking a facilitator to look at a message."""

from concurrent.futures import ThreadPoolExecutor

from tests.conftest import Site
from tests.forum import acts

REASON = "Ce message nomme une personne"


def report(site: Site, thread_id: int, seq: int = 2, who: str = "felix", reason: str = REASON) -> str:
    path = f"/discussions/{thread_id}/m/{seq}/signaler"
    return acts.done(acts.press(site, who, path, reason=reason))


def waiting(site: Site, thread_id: int) -> list[str]:
    return acts.column(
        site,
        "SELECT reason FROM report JOIN post ON post.id = post_id WHERE thread_id = $1 AND settled_at IS NULL",
        thread_id,
    )


def test_it_waits_in_the_facilitators_inbox_and_she_is_thanked(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    address = report(site, thread_id)
    assert site.as_("felix").get(address).status_code == 200
    page = site.as_("etienne").get("/moderation").text
    assert REASON in page
    assert f"/discussions/{thread_id}/m/2" in page


def test_nobody_else_learns_of_it(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    before = site.stranger.get(acts.path_of(site, thread_id)).text
    report(site, thread_id)
    assert site.stranger.get(acts.path_of(site, thread_id)).text == before
    for who in ("ibrahima", "maryse"):
        assert REASON not in site.as_(who).get(acts.path_of(site, thread_id)).text
        assert site.as_(who).get("/moderation").status_code == 404


def test_asking_twice_is_asking_once(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    report(site, thread_id)
    report(site, thread_id, reason="Encore moi")
    assert waiting(site, thread_id) == [REASON]


def test_asking_five_times_at_once_is_asking_once(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    browser = site.as_("felix")
    path = f"/discussions/{thread_id}/m/2/signaler"
    with ThreadPoolExecutor(5) as pool:
        answers = pool.map(lambda _: browser.post(path, data={"reason": REASON}).status_code, range(5))
        assert set(answers) == {303}
    assert waiting(site, thread_id) == [REASON]


def test_once_settled_it_can_be_asked_anew(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    report(site, thread_id)
    number = site.ask("SELECT max(id) FROM report")
    acts.done(acts.press(site, "etienne", f"/moderation/signalements/{number}/regler"))
    assert REASON not in site.as_("etienne").get("/moderation").text
    assert acts.press(site, "etienne", f"/moderation/signalements/{number}/regler").status_code == 409
    report(site, thread_id, reason="Il recommence")
    assert waiting(site, thread_id) == ["Il recommence"]


def test_ones_own_message_a_removed_one_and_a_line_of_history_are_not_reported(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 1)
    acts.done(acts.press(site, "etienne", f"/discussions/{thread_id}/epingler", days="3"))
    acts.done(acts.press(site, "ibrahima", f"/discussions/{thread_id}/m/3/retirer"))
    for who, seq in (("ibrahima", 2), ("felix", 3), ("felix", 4)):
        answer = acts.press(site, who, f"/discussions/{thread_id}/m/{seq}/signaler", reason=REASON)
        assert answer.status_code == 403


def test_a_reason_is_needed(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    assert acts.press(site, "felix", f"/discussions/{thread_id}/m/2/signaler", reason=" ").status_code == 422


def test_a_stranger_is_asked_to_sign_in(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    assert site.stranger.get(f"/discussions/{thread_id}/m/2/signaler").status_code == 303
    assert site.stranger.post(f"/discussions/{thread_id}/m/2/signaler", data={"reason": "x"}).status_code == 403


def test_in_a_closed_group_it_goes_to_its_own_facilitator_alone(site: Site) -> None:
    thread_id = acts.start(site, "nadege", space="cercle-du-jeudi")
    acts.reply(site, thread_id, "josee")
    report(site, thread_id)
    number = site.ask("SELECT max(id) FROM report")
    assert REASON not in site.as_("etienne").get("/moderation").text
    assert acts.press(site, "etienne", f"/moderation/signalements/{number}/regler").status_code == 404
    assert REASON in site.as_("nadege").get("/moderation").text
    acts.done(acts.press(site, "nadege", f"/moderation/signalements/{number}/regler"))


def test_a_report_that_does_not_exist_is_not_there(site: Site) -> None:
    for number in ("0", "999999", "9" * 30):
        assert acts.press(site, "etienne", f"/moderation/signalements/{number}/regler").status_code == 404

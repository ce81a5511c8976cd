"""How to do what the routes of notices do, and how to ask them about something hidden."""

from tests.abuse.acts.asking import ONES_OWN, Act, Ask, Open

ACTS: dict[str, Act] = {
    "mark_notices_read": Act("maryse", "/moi/avis/lu", {"until": "2026-01-01T00:00:00+00:00"}),
}
HIDDEN: dict[str, Ask | Open] = {
    "notices": ONES_OWN,
    "mark_notices_read": ONES_OWN,
}

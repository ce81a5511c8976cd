"""A gathering as search engines read it (schema.org)."""

from datetime import datetime
from typing import Any

from maillage.core.db import Row
from maillage.events.policies.zones import instant
from maillage.events.queries.door import gathering_path
from maillage.events.queries.shown import GatheringPage

_STATES = {"scheduled": "EventScheduled", "postponed": "EventPostponed", "cancelled": "EventCancelled"}
_MODES = {
    "in-person": "OfflineEventAttendanceMode",
    "online": "OnlineEventAttendanceMode",
    "hybrid": "MixedEventAttendanceMode",
}


def linked_data(page: GatheringPage, base_url: str) -> dict[str, Any] | None:
    """Each date is an event. None for what search engines are not to know. It names nobody, and no address to take part
    online: for that, it says the address of the page."""
    row = page.row
    if row["visibility"] != "public" or row["state"] not in ("published", "cancelled"):
        return None
    events = [_event(row, date, base_url) for date in page.dates if date["starts"]]
    return {"@context": "https://schema.org", "@graph": events} if events else None


def _event(row: Row, date: Row, base_url: str) -> dict[str, Any]:
    address = f"{base_url}{gathering_path(row['id'], row['slug'])}"
    state = "cancelled" if row["state"] == "cancelled" else date["state"]
    event: dict[str, Any] = {
        "@type": "Event",
        "@id": f"{address}#date-{date['id']}",
        "url": address,
        "name": " – ".join(filter(None, (row["title"], date["label"]))),
        "description": row["summary"],
        "inLanguage": row["language"],
        "startDate": _said(date["starts"][0], date["zone"]),
        "endDate": _said(date["ends"][-1], date["zone"]),
        "eventStatus": f"https://schema.org/{_STATES[state]}",
        "eventAttendanceMode": f"https://schema.org/{_MODES[date['mode']]}",
        "location": _places(date, address),
        "isAccessibleForFree": not row["cost"],
    }
    if row["organizations"]:
        names = zip(row["organizations"], row["organization_slugs"], strict=True)
        event["organizer"] = [
            {"@type": "Organization", "name": name, "url": f"{base_url}/organisations/{slug}"} for name, slug in names
        ]
    return event


def _said(local: datetime, zone: str) -> str:
    return instant(local, zone).isoformat()


def _places(date: Row, address: str) -> list[dict[str, Any]]:
    places: list[dict[str, Any]] = []
    if date["mode"] != "online":
        where = {"streetAddress": date["address"], "addressLocality": date["locality"], "addressRegion": "QC"}
        where = {name: words for name, words in where.items() if words} | {"addressCountry": "CA"}
        postal = {"@type": "PostalAddress", **where}
        places.append({"@type": "Place", "name": date["place"] or date["locality"], "address": postal})
    if date["mode"] != "in-person":
        places.append({"@type": "VirtualLocation", "url": address})
    return places

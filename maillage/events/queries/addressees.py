"""To whom letters about a registration go: over its participant `pa` and the account `p`, if there is one."""

ADDRESSEE = """
    coalesce(p.email, pa.email) AS email, coalesce(p.name, pa.name) AS name, coalesce(p.locale, pa.locale) AS locale
"""
# Nothing is written to an account that was closed or suspended.
ACCOUNT = "LEFT JOIN person p ON p.id = pa.person_id AND p.closed_at IS NULL AND p.suspended_at IS NULL"

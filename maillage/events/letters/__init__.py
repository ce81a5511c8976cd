"""The letters about gatherings. Their jobs and sentences are known once this is imported."""

from maillage.events.letters import afterwards, cases, desk, invitations, modules, registrations, reminders, thanks

__all__ = ["afterwards", "cases", "desk", "invitations", "modules", "registrations", "reminders", "thanks"]

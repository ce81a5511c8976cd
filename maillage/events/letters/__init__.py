"""The letters about gatherings."""

"""Gatherings: planned, registered for, held, and what comes of them."""

"""Maillage: where people who mobilize local communities talk, tell what they have done, and meet."""

__version__ = "0.1.0"

"""Core knows no domain: settings, the database, errors, words and pages that every floor above stands on."""

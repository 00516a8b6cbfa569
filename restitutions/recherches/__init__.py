"""Searches a person keeps under a name, and tells when something new matches."""

"""The national names of what the API says: they live here and nowhere else (domain model §3)."""

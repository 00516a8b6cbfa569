"""Demo data: invented, deterministic, marked « (fictif) », in real communes. Written by `manage.py seed_demo` only."""

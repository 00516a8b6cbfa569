"""Timings of the search on synthetic data. Never a test: absolute times prove nothing on a noisy machine."""

"""Closed populations: chances that differ by occasion, by person, after a capture."""

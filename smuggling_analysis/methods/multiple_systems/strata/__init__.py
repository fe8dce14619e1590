"""Estimates stratum by stratum, apart or borrowing from one another, and their sum."""

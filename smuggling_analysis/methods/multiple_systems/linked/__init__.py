"""Uncertain links: estimates from several linked versions of the same lists, and how to make such versions."""

"""Numba loops: arrays in, arrays out, shapes in the docstring; no tables and no files."""

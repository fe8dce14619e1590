"""Exact averaging over decomposable graphs of dependence between lists (Madigan and York 1997)."""

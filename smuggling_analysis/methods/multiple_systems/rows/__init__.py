"""The rows of METHODS for several lists, one module a group of methods."""

from __future__ import annotations

from smuggling_analysis.methods.multiple_systems.rows import log_linear, two_lists

ROWS = (*two_lists.ROWS, *log_linear.ROWS)

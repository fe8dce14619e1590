"""Borders with one row, for tests."""

from __future__ import annotations

import pandas as pd

from smuggling_analysis.evidence.encounters import Encounters


def counted(**counts: int) -> Encounters:
    """Return encounters of one place and period."""
    return Encounters.from_table(pd.DataFrame({"place": ["border"], "period": ["2016"],
                                               **{name: [number] for name, number in counts.items()}}))

"""What is taken of shares that nobody stated, and of shares that are not in doubt."""

from __future__ import annotations

from smuggling_analysis.methods.repeated_trials.shares import StatedShare

ALL_RECOGNISED = StatedShare.fixed(1.0, reason="everybody apprehended again is recognised by fingerprints")
UNKNOWN_GIVING_UP = StatedShare.uniform(0.0, 1.0, reason="nobody knows whom was turned back, so anything is possible")
UNSTATED = (ALL_RECOGNISED, UNKNOWN_GIVING_UP)
"""What is taken where nothing is stated."""

NOBODY_TURNED_BACK = StatedShare.fixed(0.0, reason="nobody was turned back")
RETRIES_COUNTED = StatedShare.fixed(0.0, reason="the trials are those known to have tried again")
NOT_ASKED = (NOBODY_TURNED_BACK, RETRIES_COUNTED)
"""What stands for a share that the counts leave no room for."""

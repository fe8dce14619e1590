"""What the rows for several lists have in common: the question, the assumptions, the literature, the needs."""

from __future__ import annotations

from typing import Any

from smuggling_analysis.methods.registry import Citation

QUESTION = "How many resort to smugglers?"

CLOSED = "Nobody enters or leaves the population while the lists are kept."
LINKED = "Records are linked without error: one person is one record on each list."
SAME = "Every list draws on the same population, within the same place and period."
ALIKE = "Everyone has the same chance to be on a list, or the chances on different lists are unrelated."
INDEPENDENT = "Being on one list does not change the chance of being on the other."

CHAO = Citation(
    "Chao, A. (1987). Estimating the population size for capture-recapture data with unequal catchability. "
    "Biometrics 43(4), 783-791.", "10.2307/2531532")
CORMACK_INTERVAL = Citation(
    "Cormack, R. M. (1992). Interval estimation for mark-recapture studies of closed populations. "
    "Biometrics 48(2), 567-576.")


def two_or_more_lists(histories: Any) -> str:
    """Say what is missing where there is one list only."""
    return "" if histories.n_lists >= 2 else "needs two or more lists of the same population; there is one"

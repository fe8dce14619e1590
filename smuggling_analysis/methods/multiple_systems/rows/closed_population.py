"""The rows of METHODS for closed populations: chances that differ by list, by person, after a capture."""

from __future__ import annotations

from typing import Any

from smuggling_analysis.methods.multiple_systems.rows.common import (
    CHAO,
    CLOSED,
    CORMACK_INTERVAL,
    LINKED,
    QUESTION,
    SAME,
)
from smuggling_analysis.methods.registry import Citation, Method


def _three_or_more_lists(histories: Any) -> str:
    if histories.n_lists >= 3:
        return ""
    return ("needs three or more lists of the same population, to show how people differ; there are "
            f"{histories.n_lists}")


ROWS = (
    Method(
        name="closed_population", module="multiple_systems", title="Closed population with heterogeneity",
        evidence="CaptureHistories", question=QUESTION,
        idea="If some people are caught more easily than others, those caught twice or more are more than "
             "chance would have; how many more tells how many were never caught.",
        formula=r"\log \mu_\omega = \gamma + \sum_j \beta_j \omega_j + \tau\, h(\textstyle\sum_j \omega_j), "
                r"\qquad \hat N = n + e^{\hat\gamma}",
        assumptions=(
            "How people differ has the form chosen; with Chao's form the population is a lower bound.",
            "Apart from that, being on one list does not change the chance of being on another.",
            SAME, LINKED, CLOSED),
        citations=(
            Citation("Otis, D. L., Burnham, K. P., White, G. C. and Anderson, D. R. (1978). Statistical "
                     "inference from capture data on closed animal populations. Wildlife Monographs 62, "
                     "3-135."),
            CHAO,
            Citation("Rivest, L.-P. and Baillargeon, S. (2007). Applications and extensions of Chao's moment "
                     "estimator for the size of a closed population. Biometrics 63(4), 999-1006."),
            Citation("Baillargeon, S. and Rivest, L.-P. (2007). Rcapture: Loglinear models for "
                     "capture-recapture in R. Journal of Statistical Software 19(5), 1-31.",
                     "10.18637/jss.v019.i05"),
            CORMACK_INTERVAL),
        requires=_three_or_more_lists,
        options=("model", "heterogeneity", "theta", "bias_corrected", "interval", "confidence_level"),
    ),
)

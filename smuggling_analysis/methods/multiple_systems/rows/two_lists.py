"""The rows of METHODS for two lists."""

from __future__ import annotations

from typing import Any

from smuggling_analysis.methods.multiple_systems.rows.common import (
    ALIKE,
    CHAO,
    CLOSED,
    CORMACK_INTERVAL,
    INDEPENDENT,
    LINKED,
    QUESTION,
    SAME,
)
from smuggling_analysis.methods.registry import Citation, Method


def _two_lists(histories: Any) -> str:
    return "" if histories.n_lists == 2 else f"needs exactly two lists; there are {histories.n_lists}"


def _two_lists_that_overlap(histories: Any) -> str:
    if lacking := _two_lists(histories):
        return lacking
    return "needs people who are on both lists; nobody is" if histories.empty_overlaps() else ""


_SEKAR_DEMING = Citation(
    "Sekar, C. C. and Deming, W. E. (1949). On a method of estimating birth and death rates and the extent "
    "of registration. Journal of the American Statistical Association 44(245), 101-115.")
_SADINLE = Citation(
    "Sadinle, M. (2009). Transformed logit confidence intervals for small populations in single "
    "capture-recapture estimation. Communications in Statistics - Simulation and Computation 38(9), "
    "1909-1924.",
    "10.1080/03610910903168595")

ROWS = (
    Method(
        name="lincoln_petersen", module="multiple_systems", title="Lincoln-Petersen two-list estimator",
        evidence="CaptureHistories", question=QUESTION,
        idea="The share of one list that is also on the other tells which share of everyone the other list "
             "holds.",
        formula=r"\hat N = \frac{n_1 n_2}{m}",
        assumptions=(INDEPENDENT, ALIKE, SAME, LINKED, CLOSED),
        citations=(_SEKAR_DEMING, CHAO, _SADINLE, CORMACK_INTERVAL),
        requires=_two_lists_that_overlap, options=("interval", "replicates", "confidence_level", "rng"),
    ),
    Method(
        name="chapman", module="multiple_systems", title="Chapman two-list estimator",
        evidence="CaptureHistories", question=QUESTION,
        idea="The two-list estimator corrected for its bias in small samples; it exists even where nobody "
             "is on both.",
        formula=r"\hat N = \frac{(n_1 + 1)(n_2 + 1)}{m + 1} - 1",
        assumptions=(INDEPENDENT, ALIKE, SAME, LINKED, CLOSED),
        citations=(
            Citation("Chapman, D. G. (1951). Some properties of the hypergeometric distribution with "
                     "applications to zoological sample censuses. University of California Publications in "
                     "Statistics 1(7), 131-160."),
            Citation("Seber, G. A. F. (1982). The Estimation of Animal Abundance, second edition, 59-60. London: "
                     "Griffin."),
            CHAO, _SADINLE),
        requires=_two_lists, options=("interval", "replicates", "confidence_level", "rng"),
    ),
)

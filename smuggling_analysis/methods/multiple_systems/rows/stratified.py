"""The row of METHODS for strata."""

from __future__ import annotations

from typing import Any

from smuggling_analysis.methods.multiple_systems.rows.common import (
    CLOSED,
    LINKED,
    QUESTION,
    two_or_more_lists,
)
from smuggling_analysis.methods.registry import Citation, Method


def _strata_and_lists(histories: Any) -> str:
    if lacking := two_or_more_lists(histories):
        return lacking
    if not histories.stratified_by:
        return "needs strata, such as sex or year; there are none"
    if all(histories.restratified([name]).n_not_recorded for name in histories.stratified_by):
        return (f"needs strata that were recorded of everybody; {', '.join(histories.stratified_by)} was not (a "
                "log-linear model with covariates completes it)")
    return ""


ROWS = (
    Method(
        name="stratified", module="multiple_systems", title="Sum over strata, with partial pooling",
        evidence="CaptureHistories", question=QUESTION,
        idea="Lists reach women and men, or one year and the next, differently, which biases one table of all of "
             "them. Each stratum is estimated by itself and the estimates are added; small strata can borrow from "
             "the others, by as much as the data ask for.",
        formula=r"\hat N = \sum_s \hat N_s, \qquad \theta_{st} \sim \mathcal{N}(\bar\theta_t, \tau^2)",
        assumptions=(
            "Within a stratum everyone has the same chance to be on a list, or the chances on different lists are "
            "unrelated.",
            "With pooling, the strata's parameters scatter about their mean, or walk from year to year, as a "
            "normal distribution does.",
            "Nobody is in two strata, and every record carries its stratum.",
            LINKED, CLOSED),
        citations=(
            Citation("Sutherland, J. M., Schwarz, C. J. and Rivest, L.-P. (2007). Multilist population "
                     "estimation with incomplete and partial stratification. Biometrics 63(3), 910-916."),
            Citation("Breslow, N. E. and Clayton, D. G. (1993). Approximate inference in generalized linear "
                     "mixed models. Journal of the American Statistical Association 88(421), 9-25.",
                     "10.1080/01621459.1993.10594284"),
            Citation("Coull, B. A. and Agresti, A. (1999). The use of mixed logit models to reflect "
                     "heterogeneity in capture-recapture studies. Biometrics 55(1), 294-301."),
        ),
        requires=_strata_and_lists,
        options=("by", "method", "pooling", "pooling_sd", "order", "draws", "rng", "n_jobs",
                 "confidence_level"),
    ),
)

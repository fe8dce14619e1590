"""The row of METHODS for the average over log-linear models."""

from __future__ import annotations

from typing import Any

from smuggling_analysis.methods.multiple_systems.rows.common import (
    ALIKE,
    CLOSED,
    LINKED,
    QUESTION,
    SAME,
    two_or_more_lists,
)
from smuggling_analysis.methods.registry import Citation, Method

_MOST_LISTS = 12


def _three_to_twelve_lists(histories: Any) -> str:
    if histories.n_lists == 2:
        return "with two lists there is one model and nothing to average: needs three or more"
    if histories.n_lists > _MOST_LISTS:
        return (f"the models of {histories.n_lists} lists are too many to search: merge or select lists down to "
                f"{_MOST_LISTS}")
    return two_or_more_lists(histories)


ROWS = (
    Method(
        name="model_average", module="multiple_systems", title="Average over log-linear models",
        evidence="CaptureHistories", question=QUESTION,
        idea="Several models explain the overlaps about equally well and give different numbers. Each model's "
             "number counts by how well it explains the overlaps, and the interval holds their disagreement.",
        formula=(r"\hat N = n + \sum_M w_M e^{\hat\theta_{\emptyset, M}}, \qquad "
                 r"w_M \propto e^{-\mathrm{BIC}_M / 2}"),
        assumptions=(
            "One of the models considered, or a mean of them, comes near the truth; how the lists depend on one "
            "another all at once, no data can show.",
            ALIKE, SAME, LINKED, CLOSED),
        citations=(
            Citation("Buckland, S. T., Burnham, K. P. and Augustin, N. H. (1997). Model selection: an integral "
                     "part of inference. Biometrics 53(2), 603-618.", "10.2307/2533961"),
            Citation("Hook, E. B. and Regal, R. R. (1997). Validity of methods for model selection, weighting "
                     "for model uncertainty, and small sample adjustment in capture-recapture estimation. "
                     "American Journal of Epidemiology 145(12), 1138-1144."),
            Citation("Stanley, T. R. and Burnham, K. P. (1998). Information-theoretic model selection and model "
                     "averaging for closed-population capture-recapture studies. Biometrical Journal 40(4), "
                     "475-494."),
        ),
        requires=_three_to_twelve_lists,
        options=("criterion", "max_order", "reach", "interval", "resampling", "replicates", "n_jobs", "rng",
                 "confidence_level"),
    ),
)

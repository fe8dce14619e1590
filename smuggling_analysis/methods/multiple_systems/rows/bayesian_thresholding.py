"""The row of METHODS for Bayesian thresholding."""

from __future__ import annotations

from typing import Any

from smuggling_analysis.methods.multiple_systems.rows.common import ALIKE, CLOSED, LINKED, QUESTION, SAME
from smuggling_analysis.methods.registry import Citation, Method

_LEAST_LISTS, _MOST_LISTS = 3, 10


def _three_to_ten_lists(histories: Any) -> str:
    if histories.n_lists < _LEAST_LISTS:
        return (f"needs {_LEAST_LISTS} lists or more: with two, nothing tells dependence from the people nobody saw; "
                f"there {'is one' if histories.n_lists == 1 else 'are two'}")
    if histories.n_lists > _MOST_LISTS:
        return f"takes {_MOST_LISTS} lists at most: merge or select among the {histories.n_lists}"
    return ""


ROWS = (
    Method(
        name="bayesian_thresholding", module="multiple_systems", title="Bayesian thresholding estimator",
        evidence="CaptureHistories", question=QUESTION,
        idea="Every two lists may depend on each other; a Bayesian model says how surely. Only the dependence that "
             "it tells from none is kept, and the people on no list are drawn from the model that is left.",
        formula=(r"\log \mu_c = \sum_{S \subseteq c,\; |S| \le 2} \theta_S, \qquad "
                 r"\theta_{ij} \sim N(0, \sigma^2) \text{ kept if } |E\,\theta_{ij}| \ge 2\, \mathrm{sd}\,"
                 r"\theta_{ij}, \qquad N = n + \mathrm{Poisson}(e^{\theta_\emptyset})"),
        assumptions=(
            "Three or more lists depend on one another only through pairs, and pairs whose dependence the data do "
            "not show have none.",
            ALIKE, SAME, LINKED, CLOSED),
        citations=(
            Citation("Silverman, B. W. (2020). Multiple-systems analysis for the quantification of modern slavery: "
                     "classical and Bayesian approaches. Journal of the Royal Statistical Society A 183(3), "
                     "691-736.", "10.1111/rssa.12505"),
            Citation("Chan, L., Silverman, B. W. and Vincent, K. (2021). Multiple systems estimation for "
                     "sparse capture data: inferential challenges when there are nonoverlapping lists. "
                     "Journal of the American Statistical Association 116(535), 1297-1306.",
                     "10.1080/01621459.2019.1708748"),
        ),
        requires=_three_to_ten_lists,
        options=("prior", "threshold", "prior_sd", "chains", "draws", "burn_in", "n_jobs", "confidence_level", "rng"),
    ),
)

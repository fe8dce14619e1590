"""The row of METHODS for the sample coverage approach."""

from __future__ import annotations

from typing import Any

from smuggling_analysis.methods.multiple_systems.rows.common import CHAO, CLOSED, LINKED, QUESTION, SAME
from smuggling_analysis.methods.registry import Citation, Method


def _three_lists(histories: Any) -> str:
    number = histories.n_lists
    return "" if number >= 3 else f"needs three lists or more of the same population; there are {number}"


ROWS = (
    Method(
        name="sample_coverage", module="multiple_systems", title="Sample coverage estimator",
        evidence="CaptureHistories", question=QUESTION,
        idea="How much of each list the other lists had found already says how much of everyone they have "
             "found; how far two lists share more people than chance would have it says how they depend. No "
             "model is chosen.",
        formula=(r"\hat C = 1 - \frac{1}{t}\sum_j \frac{n_{j\,\mathrm{only}}}{n_j}, \qquad "
                 r"\hat N = \frac{D}{\hat C} + \frac{1}{t \hat C}\sum_{j<k} A_{jk}\,\hat\gamma_{jk}, \qquad "
                 r"\hat\gamma_{jk} = \frac{\hat N\, n_{jk}}{n_j n_k} - 1"),
        assumptions=(
            "The lists share enough people to measure how they depend; with low coverage the estimate is a "
            "bound.",
            "Dependence between three lists at once is no more than their pairs tell.",
            SAME, LINKED, CLOSED),
        citations=(
            Citation("Chao, A. and Tsay, P. K. (1998). A sample coverage approach to multiple-system estimation "
                     "with application to census undercount. Journal of the American Statistical Association "
                     "93, 283-293."),
            Citation("Chao, A., Tsay, P. K., Lin, S. H., Shau, W. Y. and Chao, D. Y. (2001). The applications of "
                     "capture-recapture models to epidemiological data. Statistics in Medicine 20(20), "
                     "3123-3157.", "10.1002/sim.996"),
            CHAO),
        requires=_three_lists, options=("estimator", "replicates", "interval", "rng", "confidence_level"),
    ),
)

"""The row of METHODS for lists whose small counts were suppressed."""

from __future__ import annotations

from smuggling_analysis.methods.multiple_systems.rows.common import (
    ALIKE,
    CLOSED,
    CORMACK_INTERVAL,
    LINKED,
    QUESTION,
    SAME,
    two_or_more_lists,
)
from smuggling_analysis.methods.registry import Citation, Method

ROWS = (
    Method(
        name="loglinear_suppressed", module="multiple_systems",
        title="Log-linear estimator from suppressed counts",
        evidence="CensoredHistories", question=QUESTION,
        idea="Where small counts were published as a range, such as fewer than 5, the model is fitted to "
             "what is "
             "known of them, and the cost of not knowing the rest is part of the answer.",
        formula=(r"\ell(\theta) = \sum_{c\ \mathrm{published}} \log p(y_c; \mu_c) + "
                 r"\sum_{c\ \mathrm{suppressed}} \log \sum_{y=a_c}^{b_c} p(y; \mu_c), "
                 r"\qquad \hat N = \hat n + e^{\hat\theta_\emptyset}"),
        assumptions=(
            "The dependence between all lists at once, which no data can show, is none beyond the model's "
            "terms.",
            "The ranges are true: no count was rounded or changed in any other way.",
            ALIKE, SAME, LINKED, CLOSED),
        citations=(
            Citation("Dempster, A. P., Laird, N. M. and Rubin, D. B. (1977). Maximum likelihood from "
                     "incomplete data via the EM algorithm. Journal of the Royal Statistical Society Series "
                     "B "
                     "39(1), 1-38."),
            Citation("Louis, T. A. (1982). Finding the observed information matrix when using the EM "
                     "algorithm. Journal of the Royal Statistical Society Series B 44(2), 226-233."),
            Citation("Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys. New York: Wiley."),
            CORMACK_INTERVAL,
        ),
        requires=two_or_more_lists,
        options=("model", "selection", "max_order", "approach", "interval", "imputations", "threshold", "rng",
                 "confidence_level"),
    ),
)

"""The row of METHODS for the Bayesian average over decomposable graphs."""

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

_MOST_LISTS = 7


def _three_to_seven_lists(histories: Any) -> str:
    if histories.n_lists == 2:
        return "with two lists the data cannot tell dependence from people hidden: needs three or more"
    if histories.n_lists > _MOST_LISTS:
        return (f"the graphs on {histories.n_lists} lists are too many to visit each one: merge or select lists "
                f"down to {_MOST_LISTS}")
    return two_or_more_lists(histories)


ROWS = (
    Method(
        name="bayesian_graphical", module="multiple_systems", title="Bayesian average over decomposable graphs",
        evidence="CaptureHistories", question=QUESTION,
        idea="A graph joins the lists that depend on one another. Every graph of a tractable kind and every number of "
             "hidden people is given its probability in the light of the overlaps, and all of them are averaged.",
        formula=(r"P(N, G \mid n) \propto \frac{P(N)\, N!}{(N - n)!} "
                 r"\frac{\prod_{C} m_C(N)}{\prod_{S} m_S(N)}, \qquad "
                 r"m_A(N) = \frac{\Gamma(\alpha)}{\Gamma(N + \alpha)} "
                 r"\prod_i \frac{\Gamma(n_A(i) + \alpha_A)}{\Gamma(\alpha_A)}, \qquad "
                 r"\alpha_A = \delta\, 2^{k - |A|}"),
        assumptions=(
            "The prior does not decide: the prior count of each history and the prior on the population weigh little "
            "beside the people found on several lists.",
            "The dependence between lists follows a decomposable graph, or a mean of such graphs; the dependence of "
            "all lists at once no data can show.",
            ALIKE, SAME, LINKED, CLOSED),
        citations=(
            Citation("Madigan, D. and York, J. C. (1997). Bayesian methods for estimation of the size of a closed "
                     "population. Biometrika 84(1), 19-31."),
            Citation("Dawid, A. P. and Lauritzen, S. L. (1993). Hyper Markov laws in the statistical analysis of "
                     "decomposable graphical models. Annals of Statistics 21(3), 1272-1317.", "10.1214/aos/1176349260"),
        ),
        requires=_three_to_seven_lists,
        options=("delta", "prior", "least_hidden", "most_hidden", "confidence_level"),
    ),
)

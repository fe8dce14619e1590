"""The row of METHODS for latent classes."""

from __future__ import annotations

from typing import Any

from smuggling_analysis.methods.multiple_systems.rows.common import CLOSED, LINKED, QUESTION, SAME
from smuggling_analysis.methods.registry import Citation, Method

_LEAST_LISTS, _MOST_LISTS = 3, 20


def _three_to_twenty_lists(histories: Any) -> str:
    if histories.n_lists < _LEAST_LISTS:
        return (f"needs {_LEAST_LISTS} lists or more: two cannot tell classes of people from chance; "
                f"there {'is one' if histories.n_lists == 1 else 'are two'}")
    if histories.n_lists > _MOST_LISTS:
        return f"takes {_MOST_LISTS} lists at most: merge or select among the {histories.n_lists}"
    return ""


ROWS = (
    Method(
        name="latent_class", module="multiple_systems", title="Latent classes of people",
        evidence="CaptureHistories", question=QUESTION,
        idea="People fall into groups that nobody recorded: some are easily found by the police, others by a "
             "shelter, some by nobody. The overlaps of the lists tell how many groups there are, how large, and how "
             "many people of each were found by no list.",
        formula=(r"P(x) = \sum_k \pi_k \prod_j \lambda_{kj}^{x_j} (1 - \lambda_{kj})^{1 - x_j}, \qquad "
                 r"\pi_k = V_k \prod_{l<k} (1 - V_l),\; V_k \sim \mathrm{Beta}(1, \alpha),\; "
                 r"\lambda_{kj} \sim U(0, 1),\; p(N) \propto 1/N"),
        assumptions=(
            "Among people of the same group the lists are independent: being on one does not lead to another.",
            "No group is so hard to find that the lists show nothing of it.",
            SAME, LINKED, CLOSED),
        citations=(
            Citation("Manrique-Vallier, D. (2016). Bayesian population size estimation using Dirichlet process "
                     "mixtures. Biometrics 72(4), 1246-1254."),
        ),
        requires=_three_to_twenty_lists,
        options=("classes", "shape", "rate", "chains", "draws", "burn_in", "confidence_level", "n_jobs", "rng"),
    ),
)

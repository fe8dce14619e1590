"""The rows of METHODS for populations that people join and leave."""

from __future__ import annotations

from typing import Any

from smuggling_analysis.methods.multiple_systems.open.period_names import not_by_period, not_in_time
from smuggling_analysis.methods.multiple_systems.rows.common import LINKED, QUESTION
from smuggling_analysis.methods.registry import Citation, Method


def _three_periods(histories: Any) -> str:
    if lacking := not_in_time(histories):
        return lacking
    return "" if histories.n_lists >= 3 else "needs three periods or more of the same register"


_STAY_ALIKE = "Everyone present has the same chance to stay, however long they have been there."
_FOR_GOOD = "Whoever leaves does not come back."
_ONE_POPULATION = "The register draws on the same population in every period, in the same place."

_RIVEST_DAIGLE = Citation(
    "Rivest, L.-P. and Daigle, G. (2004). Loglinear models for the robust design in mark-recapture experiments. "
    "Biometrics 60, 100-107.")
_CORMACK = Citation("Cormack, R. M. (1989). Log-linear models for capture-recapture. Biometrics 45(2), 395-413.")
_BAILLARGEON_RIVEST = Citation(
    "Baillargeon, S. and Rivest, L.-P. (2007). Rcapture: Loglinear models for capture-recapture in R. Journal of "
    "Statistical Software 19(5), 1-31.", "10.18637/jss.v019.i05")

ROWS = (
    Method(
        name="open_population", module="multiple_systems", title="Jolly-Seber estimator of an open population",
        evidence="CaptureHistories", question=QUESTION,
        idea="The same register in successive years shows who is seen again and who never is: that tells what "
             "share of those present is seen, how many stay from year to year and how many come.",
        formula=(r"\log \mu_c = \gamma_0 + \sum_{i < f} \gamma_i + \sum_{i \le I - l} \gamma_{I-1+i} "
                 r"+ \sum_{i \in c} \beta_i, \qquad f = \min c,\; l = \max c"),
        assumptions=(
            "Everyone present in a period has the same chance to be seen in it, whether seen before or not.",
            _STAY_ALIKE, _FOR_GOOD, _ONE_POPULATION, LINKED),
        citations=(
            Citation("Jolly, G. M. (1965). Explicit estimates from capture-recapture data with both death and "
                     "immigration - stochastic model. Biometrika 52(1/2), 225-247."),
            Citation("Seber, G. A. F. (1965). A note on the multiple-recapture census. Biometrika 52(1/2), "
                     "249-259."),
            _CORMACK, _RIVEST_DAIGLE, _BAILLARGEON_RIVEST),
        requires=_three_periods, options=("periods", "capture", "excluded", "confidence_level"),
    ),
    Method(
        name="robust_design", module="multiple_systems", title="Robust design: several lists in several periods",
        evidence="CaptureHistories", question=QUESTION,
        idea="Within a year several lists tell what share of those present is seen; between years, who is seen "
             "again tells how many stay and how many come.",
        formula=(r"\log \mu_c = \gamma_0 + \sum_{i < f} \gamma_i + \sum_{i \le I - l} \gamma_{I-1+i} "
                 r"+ \sum_i x_i(c_i)^\top \beta_i"),
        assumptions=(
            "Within a period nobody comes or leaves, and the period's model of its lists is right.",
            "Whoever is present in a period can be seen in it: nobody is away for a time.",
            _STAY_ALIKE, _FOR_GOOD, _ONE_POPULATION, LINKED),
        citations=(_RIVEST_DAIGLE, _CORMACK, _BAILLARGEON_RIVEST),
        requires=not_by_period,
        options=("periods", "models", "heterogeneity", "theta", "response", "confidence_level"),
    ),
)

"""The rows of METHODS for several lists."""

from __future__ import annotations

from typing import Any

from smuggling_analysis.methods.registry import Citation, Method

QUESTION = "How many resort to smugglers?"


def _two_lists(histories: Any) -> str:
    return "" if histories.n_lists == 2 else f"needs exactly two lists; there are {histories.n_lists}"


def _two_lists_that_overlap(histories: Any) -> str:
    if lacking := _two_lists(histories):
        return lacking
    return "needs people who are on both lists; nobody is" if histories.empty_overlaps() else ""


def _two_or_more_lists(histories: Any) -> str:
    return "" if histories.n_lists >= 2 else "needs two or more lists of the same population; there is one"


_CLOSED = "Nobody enters or leaves the population while the lists are kept."
_LINKED = "Records are linked without error: one person is one record on each list."
_SAME = "Every list draws on the same population, within the same place and period."
_ALIKE = "Everyone has the same chance to be on a list, or the chances on different lists are unrelated."
_INDEPENDENT = "Being on one list does not change the chance of being on the other."

_SEKAR_DEMING = Citation(
    "Sekar, C. C. and Deming, W. E. (1949). On a method of estimating birth and death rates and the extent "
    "of registration. Journal of the American Statistical Association 44(245), 101-115.",
    "10.1080/01621459.1949.10483294")
_CHAO = Citation(
    "Chao, A. (1987). Estimating the population size for capture-recapture data with unequal catchability. "
    "Biometrics 43(4), 783-791.", "10.2307/2531532")
_SADINLE = Citation(
    "Sadinle, M. (2009). Transformed logit confidence intervals for small populations in single "
    "capture-recapture estimation. Communications in Statistics - Simulation and Computation 38(9), "
    "1909-1924.",
    "10.1080/03610910903168595")
_CORMACK_INTERVAL = Citation(
    "Cormack, R. M. (1992). Interval estimation for mark-recapture studies of closed populations. "
    "Biometrics 48(2), 567-576.")

ROWS = (
    Method(
        name="lincoln_petersen", module="multiple_systems", title="Lincoln-Petersen two-list estimator",
        evidence="CaptureHistories", question=QUESTION,
        idea="The share of one list that is also on the other tells which share of everyone the other list "
             "holds.",
        formula=r"\hat N = \frac{n_1 n_2}{m}",
        assumptions=(_INDEPENDENT, _ALIKE, _SAME, _LINKED, _CLOSED),
        citations=(_SEKAR_DEMING, _CHAO, _SADINLE, _CORMACK_INTERVAL),
        requires=_two_lists_that_overlap, options=("interval", "confidence_level"),
    ),
    Method(
        name="chapman", module="multiple_systems", title="Chapman two-list estimator",
        evidence="CaptureHistories", question=QUESTION,
        idea="The two-list estimator corrected for its bias in small samples; it exists even where nobody "
             "is on both.",
        formula=r"\hat N = \frac{(n_1 + 1)(n_2 + 1)}{m + 1} - 1",
        assumptions=(_INDEPENDENT, _ALIKE, _SAME, _LINKED, _CLOSED),
        citations=(
            Citation("Chapman, D. G. (1951). Some properties of the hypergeometric distribution with "
                     "applications to zoological sample censuses. University of California Publications in "
                     "Statistics 1(7), 131-160."),
            Citation("Seber, G. A. F. (1970). The effects of trap response on tag recapture estimates. "
                     "Biometrics 26(1), 13-22."),
            _CHAO, _SADINLE),
        requires=_two_lists, options=("interval", "confidence_level"),
    ),
    Method(
        name="loglinear", module="multiple_systems", title="Log-linear multiple systems estimator",
        evidence="CaptureHistories", question=QUESTION,
        idea="A model of how the lists overlap, with the dependence between them that the counts show, is "
             "carried on to the one cell nobody counted: the people on no list.",
        formula=(r"\log \mu_c = \sum_{S \subseteq c,\; S \in M} \theta_S, "
                 r"\qquad \hat N = n + e^{\hat\theta_\emptyset}"),
        assumptions=(
            "The dependence between all lists at once, which no data can show, is none beyond the model's "
            "terms.",
            _ALIKE, _SAME, _LINKED, _CLOSED),
        citations=(
            Citation("Fienberg, S. E. (1972). The multiple recapture census for closed populations and "
                     "incomplete 2^k contingency tables. Biometrika 59(3), 591-603.",
                     "10.1093/biomet/59.3.591"),
            Citation("Cormack, R. M. (1989). Log-linear models for capture-recapture. Biometrics 45(2), "
                     "395-413.", "10.2307/2531485"),
            _CORMACK_INTERVAL,
            Citation("Baillargeon, S. and Rivest, L.-P. (2007). Rcapture: Loglinear models for "
                     "capture-recapture in R. Journal of Statistical Software 19(5), 1-31.",
                     "10.18637/jss.v019.i05"),
            Citation("Fienberg, S. E. and Rinaldo, A. (2012). Maximum likelihood estimation in log-linear "
                     "models. Annals of Statistics 40(2), 996-1023.", "10.1214/12-AOS986"),
            Citation("Chan, L., Silverman, B. W. and Vincent, K. (2021). Multiple systems estimation for "
                     "sparse capture data: inferential challenges when there are nonoverlapping lists. "
                     "Journal of the American Statistical Association 116(535), 1297-1306.",
                     "10.1080/01621459.2019.1708748"),
            Citation("Silverman, B. W., Chan, L. and Vincent, K. (2024). Bootstrapping multiple systems "
                     "estimates to account for model selection. Statistics and Computing 34, 44.",
                     "10.1007/s11222-023-10346-9"),
            Citation("Efron, B. (1987). Better bootstrap confidence intervals. Journal of the American "
                     "Statistical Association 82(397), 171-185.", "10.1080/01621459.1987.10478410"),
        ),
        requires=_two_or_more_lists,
        options=("model", "selection", "max_order", "interval", "resampling", "replicates", "threshold",
                 "n_jobs", "rng", "confidence_level"),
    ),
)

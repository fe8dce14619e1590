"""The rows of METHODS for estimators from frequency counts alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smuggling_analysis.methods.registry import Citation, Method
from smuggling_analysis.methods.single_register.taken_for_granted import (
    CLOSED,
    INDEPENDENT,
    LINKED,
    QUESTION,
    needs_anyone_again,
)

if TYPE_CHECKING:
    from smuggling_analysis.evidence.repeat_counts import RepeatCounts

BURNHAM_1978 = Citation("Burnham, K. P. & Overton, W. S. (1978). Estimation of the size of a closed population when "
                        "capture probabilities vary among animals. Biometrika 65, 625-633.")
BURNHAM_1979 = Citation("Burnham, K. P. & Overton, W. S. (1979). Robust estimation of population size when capture "
                        "probabilities vary among animals. Ecology 60, 927-936.")
CHAO_LEE_1992 = Citation("Chao, A. & Lee, S.-M. (1992). Estimating the number of classes via sample coverage. Journal "
                         "of the American Statistical Association 87, 210-217.")
CHAO_1993 = Citation("Chao, A., Ma, M.-C. & Yang, M. C. K. (1993). Stopping rules and estimation for recapture "
                     "debugging with unequal failure rates. Biometrika 80, 193-201.")
CHAO_BUNGE_2002 = Citation("Chao, A. & Bunge, J. (2002). Estimating the number of species in a stochastic abundance "
                           "model. Biometrics 58, 531-539.")
NORRIS_1996 = Citation("Norris, J. L. & Pollock, K. H. (1996). Nonparametric MLE under two closed capture-recapture "
                       "models with heterogeneity. Biometrics 52, 639-649.")
NORRIS_1998 = Citation("Norris, J. L. & Pollock, K. H. (1998). Non-parametric MLE for Poisson species abundance "
                       "models allowing for heterogeneity between species. Environmental and Ecological Statistics 5, "
                       "391-402.")
WANG_2005 = Citation("Wang, J.-P. Z. & Lindsay, B. G. (2005). A penalized nonparametric maximum likelihood approach to "
                     "species richness estimation. Journal of the American Statistical Association 100, 942-959.")
MAO_2007 = Citation("Mao, C. X. & Lindsay, B. G. (2007). Estimating the number of classes. Annals of Statistics 35, "
                    "917-930.", "10.1214/009053606000001280")


def _needs_once_and_again(counts: RepeatCounts) -> str:
    return needs_anyone_again(counts) or ("" if counts.seen(1).sum() else "nobody was seen exactly once")


ROWS = (
    Method(
        name="jackknife", module="single_register", title="Jackknife", evidence="RepeatCounts", question=QUESTION,
        idea="How the number of people seen would shrink had some occasions been taken away says how it would grow "
             "with more of them. A test chooses how far to carry that on.",
        formula=r"\hat N_k = n + \sum_{i=1}^{k} (-1)^{i+1} \binom{k}{i} f_i",
        assumptions=("The number seen grows with the occasions as a polynomial of low order. Where most were seen once "
                     "the estimate is far too low, however narrow its interval.", CLOSED, INDEPENDENT, LINKED),
        citations=(BURNHAM_1978, BURNHAM_1979), requires=_needs_once_and_again,
        options=("order", "max_order", "interpolated", "occasions", "interval", "confidence_level"),
    ),
    Method(
        name="abundance_coverage", module="single_register", title="Abundance coverage (ACE)",
        evidence="RepeatCounts", question=QUESTION,
        idea="Those seen once say what share of the next sightings would be of somebody new; how unevenly people "
             "were seen says how many more are hard to see.",
        formula=r"\hat N = n_{\mathrm{often}} + \frac{n_{\mathrm{rare}}}{\hat C} + \frac{f_1}{\hat C}\hat\gamma^2, "
                r"\quad \hat C = 1 - \frac{f_1}{\sum_{k \le \kappa} k f_k}",
        assumptions=("People differ in how easily they are seen no more than their coefficient of variation tells. "
                     "Where the coverage is low the estimate is a lower bound.", CLOSED, INDEPENDENT, LINKED),
        citations=(CHAO_LEE_1992, CHAO_1993), requires=_needs_once_and_again,
        options=("estimator", "cutoff", "interval", "confidence_level"),
    ),
    Method(
        name="chao_bunge", module="single_register", title="Chao and Bunge's estimator", evidence="RepeatCounts",
        question=QUESTION,
        idea="The share of all people who are seen twice or more can be estimated without those never seen. The "
             "number seen twice or more, over that share, is everybody.",
        formula=r"\hat N = n_{\mathrm{often}} + \sum_{k=2}^{\kappa} f_k \Big/ "
                r"\Big(1 - f_1 \frac{\sum_k k^2 f_k}{(\sum_k k f_k)^2}\Big)",
        assumptions=("People's rates of being seen follow a gamma distribution. Where they differ more than that, "
                     "there is no estimate.", CLOSED, INDEPENDENT, LINKED),
        citations=(CHAO_BUNGE_2002,), requires=_needs_once_and_again,
        options=("cutoff", "interval", "confidence_level"),
    ),
    Method(
        name="mixture_likelihood", module="single_register", title="Most likely mixture of rates",
        evidence="RepeatCounts", question=QUESTION,
        idea="The likelihood itself chooses which rates of being seen there are and how many people have each. It "
             "cannot tell how many have rates next to zero, so it gives a lower limit and no upper one.",
        formula=r"\max_{N, Q} \binom{N}{n} p_0^{N-n} \prod_k p_k^{f_k}, \quad "
                r"p_k = \int \frac{e^{-\lambda} \lambda^k}{k!} \, dQ(\lambda)",
        assumptions=("Each person's sightings follow a Poisson distribution with a rate of their own.",
                     "Few have rates next to zero: how many cannot be known from the register.",
                     CLOSED, INDEPENDENT, LINKED),
        citations=(NORRIS_1996, NORRIS_1998, WANG_2005, MAO_2007), requires=_needs_once_and_again,
        options=("likelihood", "cutoff", "interval", "replicates", "rng", "confidence_level"),
    ),
)

"""The rows of METHODS for one register."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smuggling_analysis.methods.registry import Citation, Method
from smuggling_analysis.methods.single_register.frequency_counts.rows import ROWS as FREQUENCY_ROWS
from smuggling_analysis.methods.single_register.taken_for_granted import CLOSED as _CLOSED
from smuggling_analysis.methods.single_register.taken_for_granted import INDEPENDENT as _INDEPENDENT
from smuggling_analysis.methods.single_register.taken_for_granted import LINKED as _LINKED
from smuggling_analysis.methods.single_register.taken_for_granted import QUESTION as _QUESTION
from smuggling_analysis.methods.single_register.taken_for_granted import needs_anyone_again

if TYPE_CHECKING:
    from smuggling_analysis.evidence.repeat_counts import RepeatCounts

CHAO_1987 = Citation("Chao, A. (1987). Estimating the population size for capture-recapture data with "
                     "unequal catchability. Biometrics 43, 783-791.", "10.2307/2531532")
ZELTERMAN_1988 = Citation("Zelterman, D. (1988). Robust estimation in truncated discrete distributions with "
                          "application to capture-recapture experiments. Journal of Statistical Planning and "
                          "Inference 18, 225-237.", "10.1016/0378-3758(88)90007-9")
VAN_DER_HEIJDEN_2003 = Citation(
    "van der Heijden, P. G. M., Bustami, R., Cruyff, M. J. L. F., Engbersen, G. & van Houwelingen, H. C. "
    "(2003). Point and interval estimation of the population size using the truncated Poisson regression "
    "model. Statistical Modelling 3, 305-322.", "10.1191/1471082X03st057oa")
BOEHNING_2009 = Citation(
    "Böhning, D. & van der Heijden, P. G. M. (2009). A covariate adjustment for zero-truncated approaches to "
    "estimating the size of hidden and elusive populations. Annals of Applied Statistics 3, 595-610.",
    "10.1214/08-AOAS214")
BOEHNING_2013 = Citation(
    "Böhning, D., Vidal-Diez, A., Lerdsuwansri, R., Viwatwongkasem, C. & Arnold, M. (2013). A generalization "
    "of Chao's estimator for covariate information. Biometrics 69, 1033-1042.", "10.1111/biom.12082")

ROCCHETTI_2011 = Citation(
    "Rocchetti, I., Bunge, J. & Böhning, D. (2011). Population size estimation based upon ratios of recapture "
    "probabilities. Annals of Applied Statistics 5, 1512-1533. arXiv:1107.5423")
BOEHNING_2021 = Citation(
    "Böhning, D. & Friedl, H. (2021). Population size estimation based upon zero-truncated, one-inflated and sparse "
    "count data. Statistical Methods & Applications.", "10.1007/s10260-021-00556-8")

GODWIN_2017 = Citation(
    "Godwin, R. T. & Böhning, D. (2017). Estimation of the population size by using the one-inflated positive Poisson "
    "model. Journal of the Royal Statistical Society Series C 66, 425-448.", "10.1111/rssc.12192")
BOEHNING_2019 = Citation(
    "Böhning, D. & van der Heijden, P. G. M. (2019). The identity of the zero-truncated, one-inflated likelihood and "
    "the zero-one-truncated likelihood for general count densities with an application to drink-driving in Britain. "
    "Annals of Applied Statistics 13, 1198-1211.", "10.1214/18-AOAS1232")
BOEHNING_2019_ONES = Citation(
    "Böhning, D., Kaskasamkul, P. & van der Heijden, P. G. M. (2019). A modification of Chao's lower bound estimator "
    "in the case of one-inflation. Metrika 82, 361-384.", "10.1007/s00184-018-0689-5")
CHLEBICKI_2025 = Citation(
    "Chlebicki, P. & Beręsewicz, M. (2025). singleRcapture: an R package for single-source capture-recapture models. "
    "Vignette of the package.")

_INTERVAL = ("interval", "resampling", "replicates", "confidence_level", "rng")
_BOUND_OPTIONS = ("formula", "exposure", "covariance", *_INTERVAL)
_ONES = "Something keeps some people from being seen again after the first time, and nothing else makes ones many."


def _needs_repeats(counts: RepeatCounts) -> str:
    if not counts.seen(1).sum():
        return "nobody was seen exactly once"
    if not counts.seen(2).sum():
        return "nobody was seen exactly twice"
    return ""


def _needs_twos_and_threes(counts: RepeatCounts) -> str:
    for times, words in ((2, "twice"), (3, "three times")):
        if not counts.seen(times).sum():
            return f"nobody was seen exactly {words}"
    return ""


ROWS = (
    Method(
        name="chao", module="single_register", title="Chao's lower bound", evidence="RepeatCounts",
        question=_QUESTION,
        idea="Those seen once and twice tell most about those never seen. Where people differ in how easily "
             "they are seen, at least this many were missed.",
        formula=r"\hat N = n + \frac{f_1^2}{2 f_2}; \quad \text{with covariates } "
                r"\hat N = n + \sum_{i: y_i \le 2} \frac{1}{\lambda_i + \lambda_i^2 / 2}",
        assumptions=(_CLOSED, _INDEPENDENT, _LINKED,
                     "Each person's sightings follow a Poisson distribution with a rate of their own."),
        citations=(CHAO_1987, BOEHNING_2013), requires=_needs_repeats, options=_BOUND_OPTIONS,
    ),
    Method(
        name="zelterman", module="single_register", title="Zelterman's estimator", evidence="RepeatCounts",
        question=_QUESTION,
        idea="The rate of being seen is judged from those seen once and twice alone, who are most like those "
             "never seen, and applied to everybody seen.",
        formula=r"\hat N = \sum_i \frac{1}{1 - e^{-\lambda_i}}, "
                r"\quad \lambda = 2 f_2 / f_1 \text{ without covariates}",
        assumptions=(_CLOSED, _INDEPENDENT, _LINKED,
                     "Those never seen have the rate of those seen once or twice with the same covariates. "
                     "Where rates differ strongly, the estimate can be too high."),
        citations=(ZELTERMAN_1988, BOEHNING_2009), requires=_needs_repeats, options=_BOUND_OPTIONS,
    ),
    Method(
        name="one_inflated_chao", module="single_register", title="Chao's lower bound, ones set apart",
        evidence="RepeatCounts", question=_QUESTION,
        idea="Where something keeps people from being seen again, those seen once are too many for any distribution. "
             "They are counted as they are, and those seen twice and three times tell of those never seen.",
        formula=r"\hat N = n + \frac{2}{9} \frac{f_2^3}{f_3^2}",
        assumptions=(_ONES, "Each person's sightings follow a Poisson distribution with a rate of their own.", _CLOSED,
                     _LINKED),
        citations=(BOEHNING_2019_ONES,), requires=_needs_twos_and_threes, options=_BOUND_OPTIONS,
    ),
    Method(
        name="truncated_count", module="single_register", title="Truncated count regression",
        evidence="RepeatCounts", question=_QUESTION,
        idea="How often people were seen follows a distribution whose zero is missing: Poisson, geometric or negative "
             "binomial, with those seen once among the others, inflated, behind a hurdle or left out. Fitted to those "
             "seen, with covariates and the time each was at risk, it says how many were seen zero times.",
        formula=r"\hat N = \sum_i \frac{1}{1 - p_i(0)}, \quad \log \lambda_i = x_i^\top \beta + \log t_i",
        assumptions=("The distribution assumed holds for those never seen, too: nothing that was seen can say so.",
                     "People with the same covariates have the same rate of being seen (Poisson), or rates that differ "
                     "as the distribution says. Where they differ more, the estimate is too low.",
                     "Where those seen once are set apart: " + _ONES[0].lower() + _ONES[1:],
                     _CLOSED + " Where people leave, the time each was at risk is known.", _INDEPENDENT, _LINKED),
        citations=(VAN_DER_HEIJDEN_2003, GODWIN_2017, BOEHNING_2019, CHLEBICKI_2025), requires=needs_anyone_again,
        options=("formula", "family", "dispersion", "inflation", "hurdle", "links", "exposure",
                 "ends_when_seen", "covariance", *_INTERVAL),
    ),
    Method(
        name="ratio_regression", module="single_register", title="Ratio regression",
        evidence="RepeatCounts", question=_QUESTION,
        idea="How the numbers of people seen once, twice, three times fall from one to the next shows how people "
             "differ. The line through these ratios is carried one step back, to those never seen.",
        formula=r"\hat N = n + \frac{f_1}{\hat r_0}, \quad \log \left\{(x + 1) \frac{f_{x+1}}{f_x}\right\} = "
                r"\beta_0 + \beta_1 \log(x + 1)",
        assumptions=("The line holds back to those never seen: nothing in the counts can show that it does.",
                     _CLOSED, _INDEPENDENT, _LINKED),
        citations=(ROCCHETTI_2011, BOEHNING_2021), requires=_needs_repeats,
        options=("model", "start", "neighbours", "interval", "confidence_level", "draws", "rng"),
    ),
    *FREQUENCY_ROWS,
)

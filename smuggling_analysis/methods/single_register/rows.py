"""The rows of METHODS for one register."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smuggling_analysis.methods.registry import Citation, Method

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

_QUESTION = "How many resort to smugglers?"
_CLOSED = ("Nobody joins or leaves the population during the period: "
           "nobody is expelled, imprisoned, dies or arrives.")
_INDEPENDENT = ("Being seen once does not change the chance of being seen again: "
                "no deterrence, no closer watch.")
_LINKED = "The register recognises a person it has seen before."


def _needs_repeats(counts: RepeatCounts) -> str:
    if not counts.seen(1).sum():
        return "nobody was seen exactly once"
    if not counts.seen(2).sum():
        return "nobody was seen exactly twice"
    return ""


def _needs_anyone_again(counts: RepeatCounts) -> str:
    return "" if counts.times.max() > 1 else "nobody was seen more than once"


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
        citations=(CHAO_1987, BOEHNING_2013), requires=_needs_repeats,
        options=("formula", "interval", "resampling", "replicates", "confidence_level", "rng"),
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
        citations=(ZELTERMAN_1988, BOEHNING_2009), requires=_needs_repeats,
        options=("formula", "interval", "resampling", "replicates", "confidence_level", "rng"),
    ),
    Method(
        name="truncated_count", module="single_register", title="Zero-truncated count regression",
        evidence="RepeatCounts", question=_QUESTION,
        idea="How often people were seen follows a distribution whose zero is missing. Fitted to those seen, "
             "with covariates, it says how many were seen zero times.",
        formula=r"\hat N = \sum_i \frac{1}{1 - e^{-\lambda_i}}, \quad \log \lambda_i = x_i^\top \beta",
        assumptions=("People with the same covariates have the same rate of being seen. Where they differ, "
                     "the estimate is too low.", _CLOSED, _INDEPENDENT, _LINKED),
        citations=(VAN_DER_HEIJDEN_2003,), requires=_needs_anyone_again,
        options=("formula", "family", "interval", "resampling", "replicates", "confidence_level", "rng"),
    ),
)

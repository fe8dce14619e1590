"""The row of METHODS for registers against a reference population."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smuggling_analysis.methods.registry import Citation, Method

if TYPE_CHECKING:
    from smuggling_analysis.evidence.reference_counts import ReferenceCounts

ZHANG_2008 = Citation("Zhang, L.-C. (2008). Developing methods for determining the number of unauthorized foreigners "
                      "in Norway. Documents 2008/11, Statistics Norway.")
BERESEWICZ_2020 = Citation("Beręsewicz, M. & Pawlukiewicz, K. (2020). Estimation of the number of irregular "
                           "foreigners in Poland using non-linear count regression models. arXiv:2008.09407.")
SANTOS_SILVA_2006 = Citation("Santos Silva, J. M. C. & Tenreyro, S. (2006). The log of gravity. Review of Economics "
                             "and Statistics 88, 641-658.")
XU_2020 = Citation("Xu, L., Gotwalt, C., Hong, Y., King, C. B. & Meeker, W. Q. (2020). Applications of the "
                   "fractional-random-weight bootstrap. The American Statistician 74, 345-358.",
                   "10.1080/00031305.2020.1731599")


def _needs_a_second_source(counts: ReferenceCounts) -> str:
    rates = counts.auxiliary / counts.reference
    if not rates.any():
        return "nobody is in the second source"
    if rates.max() - rates.min() <= 1e-12 * rates.max():
        return "the second source has the same rate in every row"
    return "" if (counts.reference > 1).any() else "one person is registered in every row"


ROWS = (
    Method(
        name="hidden_population", module="reference_population", evidence="ReferenceCounts",
        question="How many resort to smugglers?", title="Registers against a reference population",
        idea="Where more people of a country are registered, more live without a permit; where more of them come to "
             "the notice of a second source, more of those without a permit are apprehended. From how apprehensions "
             "go with both, the model says how many there are.",
        formula=r"E(m_i) = N_i^{\alpha_i} \left(\gamma + \frac{n_i}{N_i}\right)^{\beta_i}, "
                r"\qquad \hat\xi = \sum_i N_i^{\hat\alpha_i}",
        assumptions=("The hidden population of a country is its registered population to some power, with nothing "
                     "else to it: no count of hidden people enters, and the scale of the number rests on this form "
                     "alone.",
                     "Given n / N, people of a country are apprehended as often as the second source has it: the two "
                     "sources do not find the same people more often than others.",
                     "Countries differ in their chance of being apprehended only by n / N, or by what goes with "
                     "neither N nor n / N.",
                     "The registered are counted alike in all countries, and nobody is apprehended twice."),
        citations=(ZHANG_2008, BERESEWICZ_2020, SANTOS_SILVA_2006, XU_2020), requires=_needs_a_second_source,
        options=("method", "alpha", "beta", "gamma", "link", "covariance", "where", "bias_corrected", "interval",
                 "replicates", "confidence_level", "rng"),
    ),
)

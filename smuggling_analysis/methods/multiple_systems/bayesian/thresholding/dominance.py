"""Does the prior decide, or one pair that barely stayed or barely went? Answered by the normal approximation.

The whole procedure, thresholding included, is repeated at the posterior's mode for other priors and with one pair
taken out or put in. Only ratios of such answers are used: what the approximation gets wrong, it gets wrong alike.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.multiple_systems.bayesian.thresholding.models import PairModels
from smuggling_analysis.methods.multiple_systems.bayesian.thresholding.selection import Selection
from smuggling_analysis.methods.multiple_systems.bayesian.under_priors import DECIDING_FACTOR

OTHER_PRIORS = (0.5, 2.0)
"""By what the prior's standard deviation is multiplied, to see whether it decides."""
_NEAR_THRESHOLD = 0.5
_MOST_LOG = 300.0


@dataclass(frozen=True)
class Dominance:
    """What the people not seen are multiplied by under other choices.

    Parameters
    ----------
    by_prior : dict of float to float
        By the standard deviation of the prior.
    by_pair : dict of int to float
        By the pair that is taken out, or put in; only those near the threshold.
    """

    by_prior: dict[float, float]
    by_pair: dict[int, float]

    def spread(self, observed: float, unseen: float) -> float:
        """Return the largest of the populations by prior over the smallest, from `unseen` people under the own one."""
        populations = [observed + unseen * factor for factor in (1.0, *self.by_prior.values())]
        return max(populations) / min(populations)


def dominance(models: PairModels, chosen: Selection, threshold: float) -> Dominance:
    """Repeat the procedure at the mode: with the prior half and twice as wide, and with each doubtful pair changed.

    Raises
    ------
    NoEstimate
        If the prior decides.
    """
    retained = frozenset(chosen.retained)
    base = _log_unseen(models, retained)
    found = Dominance({} if math.isinf(models.prior_sd) else dict(_by_prior(models, threshold)),
                      {pair: _factor(_log_unseen(models, retained ^ {pair}) - base)
                       for pair, value in chosen.statistics.items() if abs(value - threshold) < _NEAR_THRESHOLD
                       and _stands(models, retained ^ {pair})})
    spread = found.spread(float(models.cells.sum()), _factor(base))
    if spread > DECIDING_FACTOR:
        raise NoEstimate("the prior decides: with its standard deviation halved and doubled, the population changes "
                         f"{spread:.1f}-fold, more than {DECIDING_FACTOR:g}-fold", "lists that share more people")
    return found


def _by_prior(models: PairModels, threshold: float) -> Iterator[tuple[float, float]]:
    base = _log_unseen_under(models, models.prior_sd, threshold)
    for factor in OTHER_PRIORS:
        sd = factor * models.prior_sd
        yield sd, _factor(_log_unseen_under(models, sd, threshold) - base)


def _log_unseen_under(models: PairModels, sd: float, threshold: float) -> float:
    whole = models.at_mode(models.pairs, sd)
    first = whole.terms.size - len(models.pairs)
    told = abs(whole.mode[first:]) / whole.error[first:]
    return _log_unseen(models, frozenset(whole.terms[first:][told >= threshold].tolist()), sd)


def _factor(logarithm: float) -> float:
    return math.exp(min(logarithm, _MOST_LOG))


def _log_unseen(models: PairModels, pairs: frozenset[int], sd: float | None = None) -> float:
    return float(models.at_mode(pairs, sd).mode[0])


def _stands(models: PairModels, pairs: frozenset[int]) -> bool:
    try:
        models.require_likelihood(pairs)
    except NoEstimate:
        return False
    return True

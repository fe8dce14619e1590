"""The profile likelihood of a population's size as a curve: what a profile interval was read from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats, fit
from smuggling_analysis.methods.multiple_systems.log_linear.marginal_cone import existence
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model
from smuggling_analysis.methods.multiple_systems.log_linear.profile_likelihood import Profile, ProfileInterval

_POINTS = 121
# How far the curve is followed: where the log-likelihood has fallen by so much, a little below 99.9 %.
_LOWEST = 6.0
# A limit that does not exist is drawn as if it were so many times the unseen.
_OPEN = 50.0


@dataclass(frozen=True, eq=False, kw_only=True)
class LikelihoodCurve:
    """How likely each size of the population is under one model.

    Parameters
    ----------
    sizes : (points,) array
        Populations, ascending, the largest likelihood and the limits among them.
    loglikelihood : (points,) array
        Multinomial profile log-likelihood less its largest value: 0 at `value`, negative elsewhere.
    value, lower, upper : float
        The most likely size and the limits of the profile interval; `upper` may be infinite.
    confidence_level : float
        The interval's level.
    observed : int
        People on at least one list.
    model : str
        The model, in notation.
    fingerprint : str
        Fingerprint of the histories.
    simulated : bool
        Whether the people are simulated.
    """

    sizes: Floats
    loglikelihood: Floats
    value: float
    lower: float
    upper: float
    confidence_level: float
    observed: int
    model: str
    fingerprint: str
    simulated: bool = False

    @property
    def cut(self) -> float:
        """How far the log-likelihood may fall within the interval: half a chi-squared quantile, negative."""
        return -0.5 * NormalDist().inv_cdf(0.5 + self.confidence_level / 2) ** 2


def likelihood_curve(histories: CaptureHistories, model: str | Iterable[str | Sequence[str]] | Model, *,
                     confidence_level: float = 0.95) -> LikelihoodCurve:
    """Return the profile likelihood of the population under one model, to be drawn.

    Parameters
    ----------
    histories : CaptureHistories
        Two lists or more; strata are added together.
    model : str, generators or Model
        As for `loglinear`; that of an estimate is `estimate.diagnostics["model"]`.
    confidence_level : float
        The level of the interval whose limits are marked.

    Raises
    ------
    ValueError
        If the model cannot be read or the level makes no sense.
    NoEstimate
        If the model has no estimate on this table.

    References
    ----------
    Cormack, R. M. (1992). Interval estimation for mark-recapture studies of closed populations. Biometrics
    48(2), 567-576.

    Examples
    --------
    >>> histories = CaptureHistories.from_counts({"a": 60, "b": 40, ("a", "b"): 12}, lists=["a", "b"])
    >>> curve = likelihood_curve(histories, "[1,2]")
    >>> round(curve.value), round(curve.lower), round(curve.upper)
    (307, 209, 521)
    >>> float(curve.loglikelihood.max())
    0.0
    """
    if not 0 < confidence_level < 1:
        raise ValueError(f"confidence_level is a share between 0 and 1, got {confidence_level}")
    asked = Model.parse(model, histories.lists)
    existence(histories, asked).require()
    cells = histories.dense().astype(float)
    profile = Profile(cells, asked)
    found = profile.interval(float(fit(cells, [asked]).unseen[0]), confidence_level)
    sizes = _sizes(profile, found)
    height = profile(found.value)
    heights = np.minimum(np.array([profile(size) for size in sizes]) - height, 0.0)
    heights[sizes == found.value] = 0.0
    sizes.flags.writeable = heights.flags.writeable = False
    return LikelihoodCurve(
        sizes=sizes, loglikelihood=heights, value=found.value, lower=found.lower, upper=found.upper,
        confidence_level=confidence_level, observed=histories.n_observed, model=asked.notation,
        fingerprint=histories.fingerprint, simulated=histories.simulated)


def _sizes(profile: Profile, found: ProfileInterval) -> Floats:
    """Return sizes evenly spaced in the logarithm of the unseen, over all that is at all likely."""
    observed = profile.observed
    unseen = max(found.value - observed, 1e-3)
    open_above = math.isinf(found.upper)
    below = max((found.value - observed) / max(found.lower - observed, 1e-3 * unseen), 1.001)
    above = _OPEN if open_above else max((found.upper - observed) / unseen, 1.001)
    lowest, height = unseen / below, profile(found.value)
    while lowest > 1e-2 and profile(observed + lowest) > height - _LOWEST:
        lowest /= below**0.25
    highest = unseen * above
    while not open_above and profile(observed + highest) > height - _LOWEST:
        highest *= above**0.25
    ends = [size for size in (found.value, found.lower, found.upper) if math.isfinite(size)]
    return np.unique(np.concatenate([observed + np.geomspace(lowest, highest, _POINTS), ends]))

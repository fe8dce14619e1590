"""The multinomial profile likelihood of the population's size (Cormack 1992).

For a size N the people on no list are N - n; the model is fitted to the completed table, and the likelihood
of N is the multinomial likelihood at that fit. No normal approximation enters but the chi-squared limit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.multiple_systems.log_linear.careful_fits import careful_fit
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats, stirling_remainder
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model, term_table

# An upper limit this many times the estimated unseen, or more, says that there is none.
_FURTHEST = math.log(1e9)
_FIRST_STEP = 1e-3
# A millionth of a person stands for nobody: at nobody itself some parameters may run off.
_NOBODY = math.log(1e-6)
# The log-likelihood of a size so far off that the model cannot be fitted in double precision.
_BEYOND_REACH = -1e100


@dataclass(frozen=True)
class ProfileInterval:
    """A profile-likelihood interval.

    Parameters
    ----------
    value : float
        The size with the largest multinomial likelihood.
    lower, upper : float
        The sizes whose likelihood is just not too low; `upper` is infinite if it never is.
    """

    value: float
    lower: float
    upper: float


@dataclass(frozen=True, eq=False)
class Profile:
    """The profile log-likelihood of the population's size under one model.

    Parameters
    ----------
    cells : (2**lists,) array
        The table; cell 0 is not counted.
    model : Model
        The log-linear model.

    Examples
    --------
    >>> profile = Profile(np.array([0.0, 60.0, 40.0, 12.0]), Model(2, (1, 2)))
    >>> bool(profile(311) > profile(400))
    True
    """

    cells: Floats
    model: Model

    @property
    def observed(self) -> float:
        """People on at least one list."""
        return float(self.cells[1:].sum())

    @cached_property
    def terms(self) -> NDArray[np.int64]:
        """The model's terms as the kernel takes them: (1, terms) array."""
        return term_table([self.model])

    def __call__(self, size: float) -> float:
        """Return the profile log-likelihood of a population of `size`, up to a constant."""
        return self._at(math.log(max(size - self.observed, math.exp(_NOBODY))))

    def _at(self, log_unseen: float) -> float:
        from smuggling_analysis.kernels.loglinear import fit_models

        unseen = math.exp(log_unseen)
        completed = self.cells.astype(np.float64)
        completed[0] = unseen
        deviance = float(fit_models(completed, self.terms, True)[2][0])
        if math.isnan(deviance):
            found = careful_fit(completed, self.terms[0], complete=True)
            if found is None:
                return _BEYOND_REACH
            deviance = found.deviance
        return -0.5 * deviance + stirling_remainder(self.observed + unseen) - stirling_remainder(unseen)

    def interval(self, unseen: float, confidence_level: float) -> ProfileInterval:
        """Return the likelihood's top and the limits at which it has fallen too far.

        Parameters
        ----------
        unseen : float
            A first estimate of the people on no list.
        confidence_level : float
            The level, between 0 and 1.

        Raises
        ------
        NoEstimate
            If the likelihood cannot be computed where it is largest.
        """
        from scipy.optimize import brentq

        start = math.log(max(unseen, 0.01))
        best, height = self._top(start)
        level = height - 0.5 * NormalDist().inv_cdf(0.5 + confidence_level / 2) ** 2
        below, above = self._outwards(best, -1.0, level), self._outwards(best, 1.0, level)

        def excess(log_unseen: float) -> float:
            return self._at(log_unseen) - level

        # Where even nobody unseen is likely enough, the lower limit is the observed number.
        lower = -math.inf if excess(below) >= 0.0 else brentq(excess, below, best, xtol=1e-12)
        upper = math.inf if excess(above) >= 0.0 else brentq(excess, best, above, xtol=1e-12)
        return ProfileInterval(self.observed + math.exp(best), self.observed + math.exp(lower),
                               self.observed + math.exp(upper) if math.isfinite(upper) else math.inf)

    def _top(self, start: float) -> tuple[float, float]:
        from scipy.optimize import minimize_scalar

        here = self._at(start)
        if here <= _BEYOND_REACH:
            raise NoEstimate("the likelihood cannot be computed on this table, whose counts differ too much in size",
                             "another interval, or a model with fewer terms")
        around = (self._outwards(start, -1.0, here), self._outwards(start, 1.0, here))
        found = minimize_scalar(lambda x: -self._at(x), bounds=around, method="bounded",
                                options={"xatol": 1e-11})
        return float(found.x), float(-found.fun)

    def _outwards(self, start: float, direction: float, level: float) -> float:
        """Go outwards in doubling steps until the likelihood is below the level, or to the end."""
        step = _FIRST_STEP
        while True:
            reached = min(max(start + direction * step, _NOBODY), start + _FURTHEST)
            if self._at(reached) < level or reached in (_NOBODY, start + _FURTHEST):
                return reached
            step *= 2.0

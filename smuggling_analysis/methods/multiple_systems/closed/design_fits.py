"""Maximum likelihood for a design: the maximum, its existence, the bounds on Chao's parameters, the profile.

Where the likelihood has no maximum inside, a linear programme finds the cells that it pushes to zero. If the
people never caught are untouched by that, the other cells are fitted (the extended maximum likelihood of
Fienberg and Rinaldo 2012); if they are pushed to nobody or to infinity there is no estimate.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.multiple_systems.closed.designs import Design
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats, stirling_remainder

BEYOND_REACH = -1e100
"""The log-likelihood of a number of unseen people to which the model cannot be fitted."""

_RANK = 1e-9
_ENTERS = 1e-6
_DOUBTFUL = -18.0
_MORE = "lists that share more people, or a model with fewer parameters"


class NotIdentified(NoEstimate):
    """Different populations fit the counts equally well."""

    def __init__(self, reason: str = "the counts do not determine the population: different populations fit "
                                     "them equally well", needed: str = _MORE):
        super().__init__(reason, needed)


@dataclass(frozen=True, eq=False)
class DesignFit:
    """A fitted design.

    Parameters
    ----------
    design : Design
        What was fitted.
    theta : (parameters,) array
        Parameters; NaN where they are not determined, 0 where a bound holds them.
    log_unseen, error : float
        Logarithm of the expected number of people never caught, and its standard error.
    means : (cells,) array
        Fitted counts.
    deviance : float
        Over all histories.
    parameters : int
        Parameters that the counts determine, without those held at their bound.
    held : tuple of str
        Parameters held at zero because the form allows no less.
    emptied : int
        Cells that the likelihood pushes to zero and that were left out.
    """

    design: Design
    theta: Floats
    log_unseen: float
    error: float
    means: Floats
    deviance: float
    parameters: int
    held: tuple[str, ...] = ()
    emptied: int = 0

    @property
    def unseen(self) -> float:
        """Estimated people never caught."""
        return math.exp(self.log_unseen)

    @property
    def value(self) -> float:
        """Estimated population."""
        return self.design.observed + self.unseen

    @property
    def se(self) -> float:
        """Standard error: Poisson variation of the unseen, and that of the fit."""
        return math.sqrt(self.unseen + (self.unseen * self.error) ** 2)

    @property
    def df(self) -> int:
        """Residual degrees of freedom."""
        return self.design.histories - self.parameters

    @property
    def loglikelihood(self) -> float:
        """Poisson log-likelihood, constants included."""
        return self.design.saturated - 0.5 * self.deviance


def fit_design(design: Design) -> DesignFit:
    """Fit a design by maximum likelihood.

    Raises
    ------
    NoEstimate
        If the likelihood has no maximum, or more than one population fits equally well.

    Examples
    --------
    >>> from smuggling_analysis.evidence.capture_histories import CaptureHistories
    >>> from smuggling_analysis.methods.multiple_systems.closed.designs import apart
    >>> from smuggling_analysis.methods.multiple_systems.log_linear.models import Model
    >>> histories = CaptureHistories.from_counts({"a": 60, "b": 40, ("a", "b"): 12}, lists=["a", "b"])
    >>> round(fit_design(apart(histories, Model(2, ()), None, 0.0)).value, 9)
    312.0
    """
    if not design.constrained:
        return _fit(design, np.arange(len(design.names)))
    return _fit_within_bounds(design)


def _fit_within_bounds(design: Design) -> DesignFit:
    """Climb with the bounded parameters at zero; free the one that gains most until none gains."""
    size = len(design.names)
    bounded = range(size - design.constrained, size)
    free: list[int] = []
    current = _fit(design, np.arange(size - design.constrained))
    for _ in range(4 * size):
        rest = [place for place in bounded if place not in free]
        pull = [_pull(design, current, place) for place in rest]
        if not rest or max(pull) < _ENTERS:
            break
        free = sorted([*free, rest[int(np.argmax(pull))]])
        found = _fit(design, np.r_[: size - design.constrained, free])
        while min(found.theta[free], default=0.0) < 0.0:
            # As far towards the unbounded maximum as the bounds allow; whoever reaches its bound stays there.
            before, after = np.nan_to_num(current.theta[free]), found.theta[free]
            shares = np.where(after < 0.0, before / np.where(after < 0.0, before - after, 1.0), 1.0)
            first = int(np.argmin(shares))
            current = replace(current, theta=current.theta.copy())
            current.theta[free] = before + shares[first] * (after - before)
            current.theta[free[first]] = 0.0
            free.pop(first)
            found = _fit(design, np.r_[: size - design.constrained, free].astype(int))
        current = found
    return replace(current, held=tuple(design.names[place] for place in bounded if place not in free))


def _pull(design: Design, fit: DesignFit, place: int) -> float:
    """How strongly the likelihood rises as a parameter leaves zero, in units of its own noise."""
    column = design.columns[:, place]
    noise = math.sqrt(float((column**2 * fit.means).sum()))
    return float((column * (design.counts - fit.means)).sum()) / noise if noise > 0.0 else 0.0


def _fit(design: Design, used: NDArray[np.int64], emptied: NDArray[np.bool_] | None = None,
         rank: int = 0) -> DesignFit:
    from smuggling_analysis.kernels.poisson_designs import fit_poisson

    kept = np.ones(design.counts.size, dtype=bool) if emptied is None else ~emptied
    columns = design.columns[:, used]
    scale = np.abs(columns).max(axis=0)
    scale[scale == 0.0] = 1.0
    basis, unseen, back = _basis(columns[kept] / scale, design.unseen[used] / scale)
    parameters = basis.shape[1] if emptied is None else rank
    if unseen is None:
        raise _refusal(design, columns / scale, design.unseen[used] / scale, kept)
    solution, factor, eta, settled = fit_poisson(np.ascontiguousarray(basis), design.offset[kept],
                                                 design.counts[kept])
    log_unseen = float(unseen @ solution)
    lost = not settled or not abs(log_unseen) < 300.0
    if emptied is None and (lost or log_unseen < _DOUBTFUL or (eta[design.counts == 0.0] < _DOUBTFUL).any()):
        # A mean next to nothing may be on its way to nothing, too slowly to be seen in double precision.
        pushed = _pushed_to_zero(design.counts, columns / scale)
        if pushed.any():
            return _fit(design, used, pushed, parameters)
    if lost:
        raise NoEstimate("the likelihood could not be climbed to a maximum on this table, whose counts "
                         "differ too much in size", _MORE)
    means = np.zeros(design.counts.size)
    means[kept] = np.exp(eta)
    theta = np.zeros(len(design.names))
    theta[used] = np.nan if back is None else (back @ solution) / scale
    half = np.linalg.solve(factor * np.tri(len(factor)), unseen)
    return DesignFit(design, theta, log_unseen, float(np.sqrt(half @ half)), means,
                     _deviance(design.counts[kept], eta) + design.within, int(parameters),
                     emptied=int((~kept).sum()))


def _basis(columns: Floats, unseen: Floats) -> tuple[Floats, Floats | None, Floats | None]:
    """Return orthonormal columns, the unseen cell's row in them (None if they do not determine it), and the
    way back to the parameters (None if the columns are dependent).
    """
    from smuggling_analysis.kernels.poisson_designs import orthonormal_columns

    basis, triangle, kept = orthonormal_columns(np.ascontiguousarray(columns), _RANK)
    rank = kept.size
    within = np.linalg.solve(triangle[:rank, kept].T, unseen[kept])
    # A column that depends on others must do so in the unseen cell too.
    if np.abs(within @ triangle[:rank] - unseen).max() > 1e-7 * max(1.0, float(np.abs(unseen).max())):
        return basis[:, :rank], None, None
    back = np.linalg.inv(triangle) if rank == columns.shape[1] else None
    return basis[:, :rank], within, back


def _deviance(counts: Floats, eta: Floats) -> float:
    # From the logarithms: a mean may be too small for a number while its cell holds somebody.
    held = counts > 0.0
    return 2.0 * float((counts[held] * (np.log(counts[held]) - eta[held])).sum() - (counts - np.exp(eta)).sum())


def _pushed_to_zero(counts: Floats, columns: Floats) -> NDArray[np.bool_]:
    """Return the empty cells that some direction pushes to zero while no full cell moves: (cells,) array."""
    from scipy.optimize import linprog

    full, empty = counts > 0.0, counts <= 0.0
    pushed = np.zeros(counts.size, dtype=bool)
    if not empty.any():
        return pushed
    programme = linprog(columns[empty].sum(axis=0), A_eq=columns[full], b_eq=np.zeros(full.sum()),
                        A_ub=np.vstack([columns[empty], -columns[empty]]),
                        b_ub=np.repeat([0.0, 1.0], empty.sum()), bounds=(None, None), method="highs")
    if programme.status != 0:
        raise ArithmeticError("the linear programme for existence ended without an answer: "
                              f"{programme.message}")
    pushed[empty] = columns[empty] @ programme.x < -1e-6
    return pushed


def _refusal(design: Design, columns: Floats, unseen: Floats, kept: NDArray[np.bool_]) -> NoEstimate:
    """Say where the people never caught are driven: up, down, or nowhere in particular."""
    from scipy.optimize import linprog

    if kept.all():
        pushed = _pushed_to_zero(design.counts, columns)
        if not pushed.any():
            return NotIdentified()
        kept = ~pushed
    reach = []
    for sign in (-1.0, 1.0):
        programme = linprog(sign * unseen, A_eq=columns[kept], b_eq=np.zeros(kept.sum()),
                            A_ub=np.vstack([columns[~kept], unseen, -unseen]),
                            b_ub=np.r_[np.zeros((~kept).sum()), 1.0, 1.0], bounds=(None, None),
                            method="highs")
        reach.append(sign * programme.fun if programme.status == 0 else 0.0)
    up, down = reach[0] > 1e-6, reach[1] < -1e-6
    if up and not down:
        return NoEstimate("the likelihood keeps rising as the population grows: it has no maximum", _MORE)
    if down and not up:
        return NoEstimate("the likelihood keeps rising as the people never caught become nobody: the model "
                          "takes it that everyone was caught", _MORE)
    return NotIdentified()


def profile_height(fit: DesignFit) -> Callable[[float], float]:
    """Return the multinomial profile log-likelihood of the number of unseen people, up to a constant.

    The cells that the fit left out stay out; Chao's bounds hold at every number.
    """
    design = fit.design if not fit.emptied else _without(fit.design, fit.means > 0.0)
    counted = float(design.counts.sum())

    def height(unseen: float) -> float:
        completed = replace(design, counts=np.r_[unseen, design.counts], offset=np.r_[0.0, design.offset],
                            captures=np.r_[0.0, design.captures], within=0.0,
                            columns=np.vstack([design.unseen, design.columns]))
        try:
            deviance = fit_design(completed).deviance
        except NoEstimate:
            return BEYOND_REACH
        return -0.5 * deviance + stirling_remainder(counted + unseen) - stirling_remainder(unseen)

    return height


def _without(design: Design, kept: NDArray[np.bool_]) -> Design:
    return replace(design, counts=design.counts[kept], offset=design.offset[kept],
                   captures=design.captures[kept], columns=design.columns[kept])

"""One method asked about tables of expected counts, which need not be whole numbers of people.

Log-linear models and the two-list estimators take such counts as they are: their likelihood and formulas hold for
them. Every other method is given whole numbers of people, stratum by stratum (`in_whole_people`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats
from smuggling_analysis.methods.multiple_systems.log_linear.intervals import BOOTSTRAPS
from smuggling_analysis.methods.multiple_systems.log_linear.overlap_cautions import fit_cautions
from smuggling_analysis.methods.multiple_systems.log_linear.profile_likelihood import Profile
from smuggling_analysis.methods.multiple_systems.log_linear.selection import Choice, Chooser, chooser
from smuggling_analysis.methods.multiple_systems.log_linear.stepwise import THRESHOLD
from smuggling_analysis.methods.multiple_systems.log_normal import log_normal_limits
from smuggling_analysis.methods.multiple_systems.sensitivity.asked import Asked
from smuggling_analysis.problems import BadInput

Change = Callable[[Floats], Floats]
"""Takes a table, (2**lists,) counts by history, and returns it as it would be; may raise NoEstimate."""

_TWO_LISTS = ("lincoln_petersen", "chapman")
# What adding up may lose of a half: equal tables must be rounded alike, whatever the order of their lists.
_HAIR = 1e-7
_NOBODY = NoEstimate("nobody is left on any list", "rates that leave some of the people observed")


@dataclass(frozen=True, eq=False)
class Answering:
    """A method, the table it is asked about, and its answer there.

    Parameters
    ----------
    asked : Asked
        The method and its options.
    histories : CaptureHistories
        The table as it was counted.
    original : Estimate
        The method's answer to it.
    rule : Chooser, optional
        How a log-linear model is chosen for a table of expected counts: of more than 1,024 models, among the 200 that
        are best on the table as it was counted.
    """

    asked: Asked
    histories: CaptureHistories
    original: Estimate
    rule: Chooser | None = None

    @property
    def exact(self) -> bool:
        """Whether fractions of people are taken as they are, and asking is cheap."""
        closed = (self.asked.row.name in _TWO_LISTS and self.histories.n_lists == 2
                  and self.asked.options.get("interval", "log-normal") == "log-normal")
        return self.rule is not None or closed

    @property
    def cells(self) -> Floats:
        """The table as it was counted, strata added together: (2**lists,) array."""
        return self.histories.dense().astype(float)

    @property
    def parts(self) -> Floats:
        """What is changed at once: (1, 2**lists) where fractions are taken, else (strata, 2**lists)."""
        return self.cells[None, :] if self.exact else self._by_stratum

    @property
    def _by_stratum(self) -> Floats:
        held = dict(self.histories.by_stratum())
        return np.array([held[label].dense().astype(float) if label in held else np.zeros(1 << self.histories.n_lists)
                         for label in self.histories.strata])

    def after(self, change: Change) -> Estimate | NoEstimate:
        """Answer for the table after a change; a refusal is an answer."""
        try:
            if not self.exact:
                return self._in_whole_people(change)
            cells = change(self.cells)
            if np.array_equal(cells[1:], self.cells[1:]):
                return self.original
            if not cells[1:].any():
                return _NOBODY
            return self._loglinear(cells, self.rule) if self.rule else self._two_lists(cells)
        except NoEstimate as refusal:
            return refusal

    def sizes(self, tables: Floats) -> Floats:
        """Estimate each of many tables: (tables,) array, NaN where there is no estimate.

        Parameters
        ----------
        tables : (tables, parts, 2**lists) array
            Counts by history, of parts as in `parts`.
        """
        if self.rule is not None:
            return np.asarray(self.rule.sizes(tables[:, 0])[0])
        answers = [self.after(_constant(table[0])) if self.exact else self._of_people(table) for table in tables]
        return np.array([answer.value if isinstance(answer, Estimate) else math.nan for answer in answers])

    def _in_whole_people(self, change: Change) -> Estimate | NoEstimate:
        parts = self._by_stratum
        changed = in_whole_people(np.array([change(part) for part in parts]), self.histories.lists)
        return self.original if np.array_equal(changed[:, 1:], parts[:, 1:]) else self._of_people(changed)

    def _of_people(self, parts: Floats) -> Estimate | NoEstimate:
        """Answer for people, (strata, 2**lists), rounded; of one part only, strata are added together."""
        n_lists, table = self.histories.n_lists, self.histories
        patterns = (np.arange(1, 1 << n_lists)[:, None] >> np.arange(n_lists) & 1).astype(bool)
        counts = in_whole_people(parts, table.lists).astype(np.int64)[:, 1:]
        try:
            changed = replace(table if len(parts) == len(table.strata) else table.pooled(), patterns=patterns,
                              counts=counts)
        except BadInput:
            return _NOBODY
        found = self.asked.attempt(changed)
        return found if isinstance(found, NoEstimate) else replace(found, fingerprint=self.histories.fingerprint)

    def _loglinear(self, cells: Floats, rule: Chooser) -> Estimate | NoEstimate:
        choice = rule.choose(cells)
        fits = choice.fits
        if not fits.estimable[0]:
            return NoEstimate(f"the model {choice.model.notation} has no single estimate on the table so changed",
                              "a model with fewer terms")
        kind = self.asked.options.get("interval") or "profile"
        lower, upper = _LIMITS[kind](cells, choice, self.original.confidence_level)
        told = {"model": choice.model.notation, "deviance": float(fits.deviance[0]), "df": int(fits.df[0]),
                "unseen": float(fits.unseen[0])}
        return replace(self.original, value=float(fits.value[0]), lower=lower, upper=upper, se=float(fits.se[0]),
                       method=f"loglinear {choice.model.notation}", observed=fits.observed, identity="",
                       unbounded=math.isinf(upper), diagnostics=told,
                       cautions=tuple(fit_cautions(self.histories, choice.model, fits)))

    def _two_lists(self, cells: Floats) -> Estimate | NoEstimate:
        one, other, both = (float(cell) for cell in cells[1:])
        if min(one, other, both) <= 0:
            # There the standard error is zero, or there is none: the method itself knows what to say.
            return self._of_people(cells[None, :])
        added = 1.0 if self.asked.row.name == "chapman" else 0.0
        first, second, observed = one + both + added, other + both + added, one + other + both
        value = first * second / (both + added) - added
        se = math.sqrt(first * second * one * other / ((both + added) ** 2 * (both + 2.0 * added)))
        lower, upper = log_normal_limits(value, se, observed, self.original.confidence_level)
        told = {"on_first": one + both, "on_second": other + both, "on_both": both}
        return replace(self.original, value=value, lower=lower, upper=upper, se=se, observed=observed, identity="",
                       unbounded=math.isinf(upper), diagnostics=told)


def answering(histories: CaptureHistories, method: str, options: Mapping[str, Any],
              original: Estimate | None = None, rng: int | np.random.Generator | None = 0) -> Answering:
    """Ask a method about a table, unless its answer is given, and be ready to ask it about others.

    Where chance plays a part in the method, its seed is made from `rng` if the options have none.

    Raises
    ------
    ValueError
        If there is no such method, an option makes no sense, or the answer given is of another table.
    NoEstimate
        If the method refuses the table as it was counted.

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {"police": 60, "ngo": 40, ("police", "ngo"): 12}, lists=["police", "ngo"])
    >>> asked = answering(histories, "lincoln_petersen", {})
    >>> round(asked.after(lambda cells: cells * np.array([1.0, 1.0, 0.5, 1.0])).value, 9)
    192.0
    """
    asked = Asked.of(method, options, rng)
    original = asked.original(histories, original)
    if method != "loglinear" or not _takes_fractions(options):
        return Answering(asked, histories, original)
    rule = chooser(histories.lists, options.get("model"), options.get("selection", "bic"), options.get("max_order"),
                   options.get("threshold", THRESHOLD))
    if rule.selection in ("bic", "aic"):
        rule = rule.narrowed(rule.choose(histories.dense().astype(float)))
    return Answering(asked, histories, original, rule)


def in_whole_people(parts: Floats, lists: Sequence[str]) -> Floats:
    """Round counts so that nobody is lost in many small ones: (parts, 2**lists) array.

    Histories are added up, those on one list first, then on two and so on, by the lists' names; it is the running sums
    that are rounded. So many people on so many lists are then right to within a person, where rounding each history by
    itself would undo any small change of a sparse table.

    Examples
    --------
    >>> in_whole_people(np.array([[0.0, 59.5, 39.5, 12.5]]), ["police", "ngo"]).tolist()
    [[0.0, 59.0, 40.0, 13.0]]
    """
    named = [sorted(name for place, name in enumerate(lists) if cell >> place & 1) for cell in range(1 << len(lists))]
    order = sorted(range(len(named)), key=lambda cell: (len(named[cell]), named[cell]))
    sums = np.floor(np.cumsum(parts[:, order], axis=1) + 0.5 + _HAIR)
    whole = np.empty_like(sums)
    whole[:, order] = np.diff(sums, axis=1, prepend=0.0)
    return whole


def without_entries(n_lists: int, place: int, share: float) -> Change:
    """Return the change that takes a share of one list's entries away, whatever other lists the people are on.

    The expected table: of the people with each history on that list, the share goes over to the history without it;
    those on no other list are no longer observed.

    Examples
    --------
    >>> without_entries(2, 0, 0.25)(np.array([0.0, 60.0, 40.0, 12.0]))
    array([ 0., 45., 43.,  9.])
    """
    on = (np.arange(1 << n_lists) >> place & 1).astype(bool)

    def change(cells: Floats) -> Floats:
        left = np.where(on, (1.0 - share) * cells, cells)
        left[~on] += share * cells[on]
        left[0] = 0.0
        return left

    return change


def one_after_other(changes: Sequence[Change]) -> Change:
    """Return several changes as one, made in their order."""
    def change(cells: Floats) -> Floats:
        for one in changes:
            cells = one(cells)
        return cells

    return change


def _constant(table: Floats) -> Change:
    return lambda cells: table


def _takes_fractions(options: Mapping[str, Any]) -> bool:
    average = options.get("selection") == "average" and options.get("model") is None
    return not options.get("covariates") and not average and options.get("interval") not in BOOTSTRAPS


def _profile(cells: Floats, choice: Choice, level: float) -> tuple[float, float]:
    found = Profile(cells, choice.model).interval(float(choice.fits.unseen[0]), level)
    return found.lower, found.upper


def _log_normal(cells: Floats, choice: Choice, level: float) -> tuple[float, float]:
    unseen, observed = float(choice.fits.unseen[0]), choice.fits.observed
    factor = math.exp(min(_normal_quantile(level) * float(choice.fits.error[0, 0]), 700.0))
    return observed + unseen / factor, observed + unseen * factor


def _wald(cells: Floats, choice: Choice, level: float) -> tuple[float, float]:
    value, half = float(choice.fits.value[0]), _normal_quantile(level) * float(choice.fits.se[0])
    return value - half, value + half


def _normal_quantile(level: float) -> float:
    return NormalDist().inv_cdf(0.5 + level / 2)


_LIMITS: dict[str, Callable[[Floats, Choice, float], tuple[float, float]]] = {
    "profile": _profile, "log-normal": _log_normal, "wald": _wald}

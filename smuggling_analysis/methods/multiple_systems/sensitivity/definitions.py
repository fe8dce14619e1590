"""Lists whose definition of a person to be counted differs: the estimate under each, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats
from smuggling_analysis.methods.multiple_systems.sensitivity.asked import Asked
from smuggling_analysis.methods.multiple_systems.sensitivity.error_rates import (
    ErrorSensitivity,
    error_row,
    rates_in,
    require_lists,
    tip,
    tipping_frame,
)
from smuggling_analysis.methods.multiple_systems.sensitivity.expected_tables import (
    Answering,
    Change,
    answering,
    without_entries,
)
from smuggling_analysis.methods.multiple_systems.sensitivity.result import Conclusion, Sensitivity
from smuggling_analysis.numerals import number

SHARES = (1.0, 0.95, 0.9, 0.8, 0.5)
LEAVES = ("entry", "person")


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class DefinitionSensitivity(Sensitivity):
    """Estimates by each definition of who is counted.

    Its `frame` has the columns `definition, observed, value, lower, upper, change, turned` and `refusal`; the first
    definition with an estimate is the original.
    """

    @property
    def sentence(self) -> str:
        """What to print."""
        answered = self.frame.dropna(subset=["value"])
        refused = len(self.frame) - len(answered)
        ranked = answered.sort_values("value", kind="stable")
        least, most = ranked.iloc[0], ranked.iloc[-1]
        told = (f"By definition the estimate ranges from {number(least['value'])} ({least['definition']}) to "
                f"{number(most['value'])} ({most['definition']})")
        turning = answered.loc[answered["turned"].astype(bool), "definition"].tolist()
        told += f"; it {self.conclusion.told} by {', '.join(turning)}" if turning else ""
        return told + (f"; {refused} without an estimate." if refused else ".")


def list_definitions(histories_by_definition: Mapping[str, CaptureHistories], *, method: str = "loglinear",
                     against: float | None = None, **options: Any) -> DefinitionSensitivity:
    """Estimate the population by each definition of who is counted, side by side.

    Parameters
    ----------
    histories_by_definition : mapping from str to CaptureHistories
        The lists by each definition: "potential and confirmed victims", "confirmed victims only", "without the
        doubtful entries of the police". The first is the original.
    method : str
        A method of METHODS that takes capture histories.
    against : float, optional
        A size: the conclusion is then that the population lies on the original estimate's side of it; by default that
        it lies in the original's interval.
    **options
        Options of the method; where chance plays a part and no `rng` is among them, its seed is 0.

    Returns
    -------
    DefinitionSensitivity
        A definition the method refuses is a row with the reason.

    Raises
    ------
    ValueError
        If no definition was given, or the method or an option makes no sense.
    NoEstimate
        If the method refuses every definition.

    Examples
    --------
    >>> every = CaptureHistories.from_counts({"police": 60, "ngo": 40, ("police", "ngo"): 12}, lists=["police", "ngo"])
    >>> sure = CaptureHistories.from_counts({"police": 40, "ngo": 36, ("police", "ngo"): 12}, lists=["police", "ngo"])
    >>> list_definitions({"potential": every, "confirmed": sure}, method="lincoln_petersen").sentence
    'By definition the estimate ranges from 208 (confirmed) to 312 (potential); it leaves the interval of the \
original by confirmed.'
    """
    if not histories_by_definition:
        raise ValueError("list_definitions needs the lists by one definition or more, got none")
    asked = Asked.of(method, options)
    answers = {name: asked.attempt(histories) for name, histories in histories_by_definition.items()}
    original = next((answer for answer in answers.values() if isinstance(answer, Estimate)), None)
    if original is None:
        first = next(answer for answer in answers.values() if isinstance(answer, NoEstimate))
        raise NoEstimate(f"by no definition is there an estimate: {first.reason}", first.needed)
    conclusion = Conclusion.of(original, against)
    rows = []
    for name, answer in answers.items():
        row = error_row(name, 0.0, answer, original, conclusion, observed=histories_by_definition[name].n_observed)
        rows.append({"definition": row.pop("of"), **{key: held for key, held in row.items() if key != "rate"}})
    return DefinitionSensitivity(original=original, frame=pd.DataFrame(rows), what="definitions of who is counted",
                                 conclusion=conclusion)


def definition_share(histories: CaptureHistories, list_name: str, *, shares: float | Sequence[float] = SHARES,
                     leaves: str = "entry", method: str = "loglinear", against: float | None = None,
                     original: Estimate | None = None, **options: Any) -> ErrorSensitivity:
    """Estimate the population as if only a share of one list's entries met the definition, whoever they are.

    The entries that do not are spread at random over the histories with that list. The expected table has a closed
    form: with the share s kept, a history with the list keeps s of its people; the others go over to the same history
    without the list, if their entries on other lists stand ("entry"), or are no people of the population at all
    ("person"). Counts are expected ones; log-linear models and two lists take fractions of people as they are, any
    other method is given whole numbers of people.

    Parameters
    ----------
    histories : CaptureHistories
        Two lists or more.
    list_name : str
        The list.
    shares : float or sequence of float
        The shares of its entries that meet the definition.
    leaves : {"entry", "person"}
        What leaves the table where an entry does not meet the definition.
    original : Estimate, optional
        The method's answer to the table as it was counted, where it is at hand: it is not asked again.
    method, against, **options
        As in `list_definitions`.

    Returns
    -------
    ErrorSensitivity
        Rows from the largest share to the smallest; `rate` is the share that does not meet the definition, `share`
        the one that does.

    Raises
    ------
    ValueError
        If a share, list, method or option makes no sense.
    NoEstimate
        If the method refuses the table as it was counted. A share it refuses is a row with the reason.

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {"police": 60, "ngo": 40, ("police", "ngo"): 12}, lists=["police", "ngo"])
    >>> for leaves in ("entry", "person"):
    ...     found = definition_share(histories, "police", shares=[1, 0.5], leaves=leaves, method="lincoln_petersen")
    ...     print(found.frame["value"].tolist())
    [312.0, 312.0]
    [312.0, 276.0]
    """
    require_lists([list_name], histories.lists)
    if leaves not in LEAVES:
        raise ValueError(f"leaves is one of {', '.join(map(repr, LEAVES))}, got {leaves!r}")
    kept = sorted(rates_in(shares, "shares"), reverse=True)
    asked = answering(histories, method, options, original)
    conclusion = Conclusion.of(asked.original, against)
    ask = _Thinned(asked, histories.lists.index(list_name), leaves)
    path = [(1.0 - share, ask(1.0 - share)) for share in kept]
    rows = [error_row(list_name, rate, answer, asked.original, conclusion, share=share)
            for share, (rate, answer) in zip(kept, path, strict=True)]
    turning = tip(list_name, path, asked.original, conclusion, ask if asked.exact else None)
    return ErrorSensitivity(original=asked.original, frame=pd.DataFrame(rows), conclusion=conclusion,
                            what=f"entries of {list_name} that do not meet the definition",
                            tipping=tipping_frame([turning]))


@dataclass(frozen=True, eq=False)
class _Thinned:
    """Answers where a share of a list's entries does not meet the definition."""

    asked: Answering
    place: int
    leaves: str

    def __call__(self, rate: float) -> Estimate | NoEstimate:
        made = without_entries if self.leaves == "entry" else _without_people
        return self.asked.after(made(self.asked.histories.n_lists, self.place, rate))


def _without_people(n_lists: int, place: int, share: float) -> Change:
    on = (np.arange(1 << n_lists) >> place & 1).astype(bool)

    def change(cells: Floats) -> Floats:
        return np.where(on, (1.0 - share) * cells, cells)

    return change

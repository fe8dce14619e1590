"""What a border's counts say of repeated trials, and what they cannot say."""

from __future__ import annotations

from dataclasses import dataclass

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.encounters import Encounters

_RECOGNISED = "apprehensions with the person's fingerprint or number, so that repeats are recognised"


@dataclass(frozen=True)
class Counted:
    """The sums that the model of repeated trials needs.

    Parameters
    ----------
    apprehended, repeats : int
        Apprehensions, and those at which the person was recognised as apprehended before.
    trials : int
        Times that somebody apprehended could try again: those who did, those returned, or everybody apprehended.
    basis : {"retried", "returned", "apprehended"}
        Which of these.
    turned_back, got_away : int or None
        Attempts turned back and entries seen; None where they are not recorded.
    """

    apprehended: int
    repeats: int
    trials: int
    basis: str
    turned_back: int | None
    got_away: int | None

    @classmethod
    def of(cls, encounters: Encounters, *, retried: bool = False) -> Counted:
        """Take the sums; with `retried` the trials are those known to have tried again.

        Raises
        ------
        NoEstimate
            If repeats are not recorded, there is none, or there are more than could be.

        Examples
        --------
        >>> import pandas as pd
        >>> Counted.of(Encounters.from_table(pd.DataFrame({"place": ["East"], "period": ["2016"],
        ...     "apprehended": [100], "returned": [90], "repeats": [30]}))).basis
        'returned'
        """
        apprehended, repeats = encounters.total("apprehended") or 0, encounters.total("repeats")
        if not apprehended:
            raise NoEstimate("nobody was apprehended", "a period or a place with apprehensions")
        if repeats is None:
            raise NoEstimate("it is not recorded who had been apprehended before", _RECOGNISED)
        if not repeats:
            raise NoEstimate(f"of {apprehended:,} apprehensions none is a repeat, so that any number of people may "
                             "have passed unseen", f"a longer period, or {_RECOGNISED}")
        if repeats >= apprehended:
            raise NoEstimate(f"all {apprehended:,} apprehensions are repeats, so that nobody was apprehended for the "
                             "first time", "a period that holds the first apprehensions, too")
        basis = "retried" if retried else "returned" if encounters.returned is not None else "apprehended"
        trials = encounters.total(basis)
        if trials is None:
            raise NoEstimate("it is not recorded how many of those returned tried again", NEEDED_OF_DETERRENCE)
        if repeats > trials:
            raise NoEstimate(f"{repeats:,} repeat apprehensions, but only {trials:,} could have been ({basis})",
                             "counts of the same place, period and people")
        return cls(apprehended, repeats, trials, basis, encounters.total("turned_back"), encounters.total("got_away"))

    @classmethod
    def at(cls, place: str, encounters: Encounters, *, retried: bool = False) -> Counted:
        """Take the sums of one place; a refusal names it.

        Raises
        ------
        NoEstimate
            As `of`.
        """
        try:
            return cls.of(encounters, retried=retried)
        except NoEstimate as refusal:
            raise NoEstimate(f"{place}: {refusal.reason}", f"{refusal.needed}; or all places together") from refusal

    @property
    def known(self) -> int:
        """Attempts that were seen, however they ended."""
        return self.apprehended + (self.turned_back or 0) + (self.got_away or 0)

    @property
    def share_again(self) -> float:
        """Share of the trials that ended in a recognised apprehension."""
        return self.repeats / self.trials


_PARTS = {"attempts": ("apprehended", "turned_back", "got_away"), "entries": ("got_away",), "persons": ("first_time",)}


def counted_of(encounters: Encounters, quantity: str) -> float | None:
    """Return how many of the attempts, entries or persons were counted; None where none were.

    Of persons first apprehensions are, if everybody is recognised who is apprehended again.

    Examples
    --------
    >>> import pandas as pd
    >>> seen = Encounters.from_table(pd.DataFrame({"place": ["East"], "period": ["2016"], "apprehended": [100],
    ...                                            "repeats": [30], "got_away": [20]}))
    >>> counted_of(seen, "persons"), counted_of(seen, "attempts"), counted_of(seen, "entries")
    (70.0, 120.0, 20.0)
    """
    counts = [encounters.total(name) for name in _PARTS.get(quantity, ())]
    return float(sum(number for number in counts if number is not None)) or None


NEEDED_OF_DETERRENCE = ("a survey of people returned that asks whether they will try again, or the share of them that "
                        "does, stated with its reason")

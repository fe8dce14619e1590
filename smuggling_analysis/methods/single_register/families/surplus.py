"""How much more often than the least number people were seen: what starting values are made from."""

from __future__ import annotations

from smuggling_analysis.methods.single_register.jets import Array


def surplus(times: Array, persons: Array, least: int) -> float:
    """Return the mean number of times beyond `least`, of those seen so often; never quite zero.

    Parameters
    ----------
    times : (columns,) array
        Numbers of times seen.
    persons : (columns,) array
        People seen so often.
    least : int
        The fewest times that count.
    """
    among = persons * (times >= least)
    people = float(among.sum())
    return max(float((among * (times - least)).sum()) / people, 1e-6) if people else 1e-6

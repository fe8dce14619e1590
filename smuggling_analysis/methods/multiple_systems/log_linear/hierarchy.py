"""Every hierarchical model on so many lists.

There are 1, 8, 113 and 6,893 of them on two to five lists (with every list's own term, without the term that
holds all lists, which no data can show), 1,024 two-list models on five lists and 32,768 on six.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations
from math import comb

from smuggling_analysis.methods.multiple_systems.log_linear.models import Model

# So many models can be visited one by one; of more, a search finds the best.
MOST_LISTS_OF_ANY_ORDER, MOST_LISTS_OF_PAIRS = 5, 6
MOST_LISTS_SEARCHED, MOST_TERMS_SEARCHED = 12, 512


def default_order(n_lists: int) -> int:
    """Return the largest term considered unless told otherwise: all but one list up to five, two from six."""
    return max(1, n_lists - 1) if n_lists <= MOST_LISTS_OF_ANY_ORDER else 2


def resolve_order(n_lists: int, max_order: int | None) -> int:
    """Return the order to search up to.

    Raises
    ------
    ValueError
        If the order makes no sense, or there are more lists or terms than can be searched.
    """
    if max_order is not None and max_order < 1:
        raise ValueError(f"max_order is the number of lists in the largest term, 1 or more, got {max_order}")
    order = default_order(n_lists) if max_order is None else min(max_order, max(1, n_lists - 1))
    if order > 1 and n_lists > MOST_LISTS_SEARCHED:
        raise ValueError(f"there are too many models on {n_lists} lists to search: use selection='stepwise', or merge "
                         f"lists down to {MOST_LISTS_SEARCHED}")
    if number_of_terms(n_lists, order) > MOST_TERMS_SEARCHED:
        raise ValueError(f"there are too many terms of up to {order} lists on {n_lists} lists to search: set "
                         f"max_order={highest_order(n_lists)}, or merge lists")
    return order


def highest_order(n_lists: int) -> int:
    """Return the most lists in a term with which a search is possible."""
    fit = [order for order in range(1, n_lists) if number_of_terms(n_lists, order) <= MOST_TERMS_SEARCHED]
    return max(fit, default=1)


def number_of_terms(n_lists: int, order: int) -> int:
    """Return the number of terms of two lists up to `order`."""
    return sum(comb(n_lists, size) for size in range(2, order + 1))


def can_visit_all(n_lists: int, order: int) -> bool:
    """Say whether there are few enough models to visit each one."""
    if n_lists <= MOST_LISTS_OF_ANY_ORDER or order == 1:
        return True
    return n_lists <= MOST_LISTS_OF_PAIRS and order == 2


@lru_cache(maxsize=16)
def hierarchical_models(n_lists: int, max_order: int | None = None) -> tuple[Model, ...]:
    """Return every hierarchical model, in a fixed order.

    Parameters
    ----------
    n_lists : int
        Number of lists, 2 or more.
    max_order : int, optional
        The most lists in one term: by default all but one up to five lists, two for six.

    Raises
    ------
    ValueError
        If there are too many to visit.

    Examples
    --------
    >>> [model.notation for model in hierarchical_models(3)]
    ['[1,2,3]', '[12,3]', '[13,2]', '[12,13]', '[23,1]', '[12,23]', '[13,23]', '[12,13,23]']
    >>> len(hierarchical_models(4)), len(hierarchical_models(5)), len(hierarchical_models(5, 2))
    (113, 6893, 1024)
    """
    order = resolve_order(n_lists, max_order)
    if not can_visit_all(n_lists, order):
        most = MOST_LISTS_OF_ANY_ORDER if order > 2 else MOST_LISTS_OF_PAIRS
        raise ValueError(
            f"there are too many models of terms up to {order} lists on {n_lists} lists to visit each one: use "
            f"search_models or selection='stepwise', merge lists down to {most}, or set "
            f"max_order={2 if n_lists <= MOST_LISTS_OF_PAIRS else 1}")
    return tuple(Model(n_lists, terms) for terms in _closed_families(n_lists, 2, order, ()))


def _closed_families(n_lists: int, size: int, order: int,
                     below: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Yield the families of terms of `size` lists and more that stay closed on top of the terms `below`."""
    allowed = [term for term in _terms_of(n_lists, size) if size <= order and _is_covered(term, size, below)]
    for choice in range(1 << len(allowed)):
        chosen = tuple(term for place, term in enumerate(allowed) if choice >> place & 1)
        if not chosen or size == order:
            yield below + chosen
        else:
            yield from ((below + rest) for rest in _closed_families(n_lists, size + 1, order, chosen))


def _terms_of(n_lists: int, size: int) -> list[int]:
    return sorted(sum(1 << place for place in places) for places in combinations(range(n_lists), size))


def _is_covered(term: int, size: int, below: tuple[int, ...]) -> bool:
    if size == 2:
        return True
    return all(term ^ (1 << place) in below for place in range(term.bit_length()) if term >> place & 1)

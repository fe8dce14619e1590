"""Every hierarchical model on so many lists.

There are 1, 8, 113 and 6,893 of them on two to five lists (with every list's own term, without the term that
holds all lists, which no data can show), 1,024 two-list models on five lists and 32,768 on six.
"""

from __future__ import annotations

from functools import lru_cache
from math import comb

import numpy as np

from smuggling_analysis.methods.multiple_systems.log_linear.models import Models
from smuggling_analysis.methods.multiple_systems.search.term_space import every_family, term_space

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
    if max_order is not None and (not isinstance(max_order, (int, np.integer)) or max_order < 1):
        raise ValueError(f"max_order is the number of lists in the largest term, 1 or more, got {max_order!r}")
    order = default_order(n_lists) if max_order is None else min(int(max_order), max(1, n_lists - 1))
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
def hierarchical_models(n_lists: int, max_order: int | None = None) -> Models:
    """Return every hierarchical model, in a fixed order, each made when asked for.

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
    space = term_space(n_lists, order)
    families = every_family(space)
    # The pairs count up fastest last: all models of one set of pairs stand together.
    sizes = np.array([term.bit_count() for term in space.candidates.tolist()])
    masks = [families[:, sizes == size] @ (1 << np.arange((sizes == size).sum())) for size in range(order, 1, -1)]
    return Models(n_lists, space.table(families[np.lexsort(masks)] if masks else families))

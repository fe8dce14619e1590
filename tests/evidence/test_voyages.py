"""Held to: the rules a clerk is told, each with its message."""

from __future__ import annotations

import numpy as np
import pytest

from smuggling_analysis.evidence.voyages import Voyages
from smuggling_analysis.problems import BadInput


@pytest.mark.parametrize(("numbers", "message"), [
    ({"deaths": -1}, 'column "deaths": found -1, allowed are whole numbers from 0'),
    ({"deaths": 2.5}, 'column "deaths": found 2.5, allowed are whole numbers'),
    ({"deaths": float("nan")}, 'column "deaths": found nan'),
    ({"deaths": "many"}, "found 'many', which is not a number"),
    ({"deaths": None}, "found None, which is not a number"),
    ({"departures": 0}, 'column "departures": found 0, allowed are whole numbers from 1'),
    ({"boats": 0}, 'column "boats": found 0'),
    ({"deaths": 200}, "200 deaths among 100 departures"),
    ({"boats": 101}, "101 boats for 100 departures"),
])
def test_nonsense_is_refused(numbers, message):
    with pytest.raises(BadInput, match=message):
        Voyages(**{"deaths": 3, "departures": 100, **numbers})


def test_all_problems_are_told_at_once():
    with pytest.raises(BadInput) as refusal:
        Voyages(deaths=-1, departures=0, boats=0)
    assert len(refusal.value.problems) == 3


def test_whole_numbers_of_any_type_become_integers():
    voyages = Voyages(deaths=np.int64(3), departures=100.0, boats=np.float64(4))
    assert (voyages.deaths, voyages.departures, voyages.boats) == (3, 100, 4)
    assert voyages.fingerprint == Voyages(deaths=3, departures=100, boats=4).fingerprint


def test_the_fingerprint_tells_places_apart():
    here, nowhere = Voyages(deaths=3, departures=100, place="A"), Voyages(deaths=3, departures=100)
    assert here.fingerprint != nowhere.fingerprint

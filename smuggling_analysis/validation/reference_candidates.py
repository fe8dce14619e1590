"""What is validated of the methods for reference counts, in the ways the panel uses them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

OF_REFERENCE: Mapping[str, tuple[dict[str, Any], ...]] = {
    "hidden_population": (
        {"key": "hidden-population", "label": "Reference population, Poisson pseudo-likelihood"},
        {"key": "hidden-population-negative-binomial", "label": "Reference population, negative binomial",
         "options": {"method": "negative-binomial"}, "effort": 0.5},
        {"key": "hidden-population-nls", "label": "Reference population, least squares of counts",
         "options": {"method": "nls"}},
        {"key": "hidden-population-ols", "label": "Reference population, least squares of logarithms",
         "options": {"method": "ols"}},
        {"key": "hidden-population-bootstrap", "label": "Reference population, bootstrap by random weights",
         "options": {"interval": "bootstrap", "replicates": 200}, "effort": 0.25},
    ),
}

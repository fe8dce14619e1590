"""The rows of METHODS for several lists, one module a group of methods."""

from __future__ import annotations

from smuggling_analysis.methods.multiple_systems.rows import (
    bayesian_graphical,
    bayesian_loglinear,
    bayesian_thresholding,
    closed_population,
    doubly_robust,
    latent_class,
    log_linear,
    model_averaging,
    open_population,
    sample_coverage,
    stratified,
    suppressed,
    two_lists,
)

ROWS = (*two_lists.ROWS, *log_linear.ROWS, *closed_population.ROWS, *model_averaging.ROWS, *stratified.ROWS,
        *suppressed.ROWS, *sample_coverage.ROWS, *doubly_robust.ROWS, *open_population.ROWS,
        *bayesian_thresholding.ROWS,
        *bayesian_loglinear.ROWS, *latent_class.ROWS,
        *bayesian_graphical.ROWS)

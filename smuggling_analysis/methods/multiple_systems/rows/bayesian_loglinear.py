"""The row of METHODS for Bayesian averaging over hierarchical log-linear models."""

from __future__ import annotations

from smuggling_analysis.methods.multiple_systems.rows.common import (
    ALIKE,
    CLOSED,
    LINKED,
    QUESTION,
    SAME,
    two_or_more_lists,
)
from smuggling_analysis.methods.registry import Citation, Method

ROWS = (
    Method(
        name="bayesian_loglinear", module="multiple_systems",
        title="Bayesian averaging over hierarchical log-linear models", evidence="CaptureHistories",
        question=QUESTION,
        idea="No one model of how the lists overlap is chosen: each is weighed by how well it foretells the counts, "
             "and the interval holds what is not known of the model as well as what is not known of its numbers.",
        formula=(r"p(N \mid y) = \sum_m p(m \mid y) \int p(N \mid \beta, m)\, p(\beta \mid y, m)\, d\beta, \qquad "
                 r"\beta \mid m \sim N\left(0, \sigma^2 c\, (X_m' X_m)^{-1}\right)"),
        assumptions=(
            "The dependence between all lists at once, which no data can show, is none.",
            "Every hierarchical model is as probable beforehand as every other, and its coefficients are seldom "
            "large.",
            ALIKE, SAME, LINKED, CLOSED),
        citations=(
            Citation("King, R. and Brooks, S. P. (2001). On the Bayesian analysis of population size. Biometrika "
                     "88(2), 317-336."),
            Citation("Overstall, A. M. and King, R. (2014). conting: an R package for Bayesian analysis of complete "
                     "and incomplete contingency tables. Journal of Statistical Software 58(7), 1-27."),
            Citation("Overstall, A. M., King, R., Bird, S. M., Hutchinson, S. J. and Hay, G. (2014). Incomplete "
                     "contingency tables with censored cells with application to estimating the number of people who "
                     "inject drugs in Scotland. Statistics in Medicine 33(9), 1564-1579.", "10.1002/sim.6047"),
            Citation("Sabanes Bove, D. and Held, L. (2011). Hyper-g priors for generalized linear models. Bayesian "
                     "Analysis 6(3), 387-410."),
        ),
        requires=two_or_more_lists,
        options=("prior", "max_order", "covariates", "over_covering", "chains", "draws", "burn_in", "n_jobs", "rng",
                 "confidence_level"),
    ),
)

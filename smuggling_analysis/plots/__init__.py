"""Figures: every function takes and returns matplotlib axes, and makes its own when given none.

    ax = sa.plots.forest(estimates, published=values)
    ax.figure.savefig("forest.svg")

Colours are told apart by colour-blind readers and in grey print; texts are 8 points or more at 6.5 inches;
matplotlib is loaded on first use.
"""

from __future__ import annotations

from smuggling_analysis.plots.captures import first_captures as first_captures
from smuggling_analysis.plots.captures import heterogeneity as heterogeneity
from smuggling_analysis.plots.chains import ranks as ranks
from smuggling_analysis.plots.chains import trace as trace
from smuggling_analysis.plots.comparison import contradictions as contradictions
from smuggling_analysis.plots.comparison import forest as forest
from smuggling_analysis.plots.comparison import rates as rates
from smuggling_analysis.plots.encounters import border_flow as border_flow
from smuggling_analysis.plots.encounters import deterrence_sensitivity as deterrence_sensitivity
from smuggling_analysis.plots.lists import observed_and_hidden as observed_and_hidden
from smuggling_analysis.plots.lists import overlap as overlap
from smuggling_analysis.plots.models import model_space as model_space
from smuggling_analysis.plots.money import decomposition as decomposition
from smuggling_analysis.plots.money import density as density
from smuggling_analysis.plots.money import fees as fees
from smuggling_analysis.plots.open_population import abundance_by_period as abundance_by_period
from smuggling_analysis.plots.priors import posterior as posterior
from smuggling_analysis.plots.priors import prior_sensitivity as prior_sensitivity
from smuggling_analysis.plots.registers import ratio_plot as ratio_plot
from smuggling_analysis.plots.registers import register_influence as register_influence
from smuggling_analysis.plots.registers import register_residuals as register_residuals
from smuggling_analysis.plots.registers import rootogram as rootogram
from smuggling_analysis.plots.sensitivity import dependence as dependence
from smuggling_analysis.plots.sensitivity import trajectory as trajectory
from smuggling_analysis.plots.series import monthly as monthly
from smuggling_analysis.plots.series import series as series
from smuggling_analysis.plots.sources import capacity as capacity
from smuggling_analysis.plots.sources import completeness as completeness
from smuggling_analysis.plots.uncertainty import bootstrap as bootstrap
from smuggling_analysis.plots.uncertainty import profile_likelihood as profile_likelihood
from smuggling_analysis.plots.validation import calibration_ranks as calibration_ranks
from smuggling_analysis.plots.validation import validation_coverage as validation_coverage
from smuggling_analysis.plots.variants import held_out as held_out
from smuggling_analysis.plots.variants import left_out as left_out
from smuggling_analysis.plots.variants import tornado as tornado
from smuggling_analysis.plots.verdicts import panel_forest as panel_forest

__all__ = ["abundance_by_period", "bootstrap", "border_flow", "calibration_ranks", "capacity",
           "completeness", "contradictions", "decomposition", "density", "dependence",
           "deterrence_sensitivity", "fees", "first_captures", "forest", "held_out", "heterogeneity",
           "left_out", "model_space", "monthly", "observed_and_hidden", "overlap", "panel_forest",
           "posterior", "prior_sensitivity", "profile_likelihood", "ranks", "rates", "ratio_plot",
           "register_influence", "register_residuals", "rootogram", "series", "tornado", "trace",
           "trajectory", "validation_coverage"]

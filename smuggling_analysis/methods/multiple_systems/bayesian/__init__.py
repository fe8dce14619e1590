"""Bayesian estimates of a population from several lists."""

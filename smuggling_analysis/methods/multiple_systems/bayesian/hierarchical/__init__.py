"""Bayesian averaging over hierarchical log-linear models."""

"""Bayesian thresholding: two-list terms that the posterior cannot tell from nought are left out (Silverman 2020)."""

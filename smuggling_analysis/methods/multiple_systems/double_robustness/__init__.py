"""Estimates from people whose covariates are known."""

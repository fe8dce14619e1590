"""Log-linear models of lists and covariates in one table."""

"""A population from the numbers of people seen once, twice, ... alone: one file an estimator."""

"""Latent classes: a mixture of groups of people, each with its own chance to be on each list."""

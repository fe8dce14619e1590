"""Populations that people join and leave, followed over several periods."""

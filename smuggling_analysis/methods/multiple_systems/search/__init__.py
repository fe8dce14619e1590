"""The search for the good models where there are too many to visit."""

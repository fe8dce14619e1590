"""Estimates where small counts were withheld."""

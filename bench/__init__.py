"""Measurements, in ratios against the lower bound of the same run."""

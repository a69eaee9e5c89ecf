"""Benchmarks: shares of what the machine could do, taken in one run."""

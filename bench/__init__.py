"""Benchmarks: the product beside what the machine and its peers can do."""

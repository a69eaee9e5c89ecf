"""Finds, prepares, runs and checks Rill."""

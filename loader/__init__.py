"""Keeps PostgreSQL populated from Bonzo CRM; Rill computes the metrics."""

__version__ = "0.1.0"

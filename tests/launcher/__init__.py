"""Tests of the set-up: database server, Rill, make targets, documents."""

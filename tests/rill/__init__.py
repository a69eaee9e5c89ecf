"""Tests of every measure, through the same SQL that Rill executes."""

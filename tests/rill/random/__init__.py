"""Random raw tables for comparing the SQL with the reference."""

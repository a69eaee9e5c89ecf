"""The Rill project executed in DuckDB, without Rill."""

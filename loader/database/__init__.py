"""PostgreSQL: connecting, writing rows, and the loader's own state."""

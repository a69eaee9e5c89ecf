"""From Bonzo's records to rows: pure functions, no network, no database."""

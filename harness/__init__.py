"""A real Rill and a real browser, for tests, benches and pictures to look at."""

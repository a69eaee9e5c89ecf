"""Commands of the launcher, one module each."""

"""A made-up Bonzo account over HTTP, and its year of data."""

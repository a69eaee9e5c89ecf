"""What only tests need of the made-up Bonzo: random accounts and their truth."""

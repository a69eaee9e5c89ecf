"""First contact with an account: look at a sample, propose a mapping, write it."""

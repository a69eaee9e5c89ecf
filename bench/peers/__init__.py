"""What others would use instead, each a program in .venv-bench."""

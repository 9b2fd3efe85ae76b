"""Operators that plant one mistake in a correct actor module, by subject."""

"""Names, and what is published under them."""

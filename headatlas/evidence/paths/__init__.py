"""One edge between two heads: what of one's effect goes through the other."""

"""Passes of a model with some of its heads taken out, and what is read off them."""

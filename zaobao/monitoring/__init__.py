"""A run held against what such runs used to give, and who is told."""

"""Which pages exist, and in which order they are asked for."""

"""How a host is asked: where requests may go, how fast, and which answers are fit to be read."""

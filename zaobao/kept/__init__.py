"""Story pages kept as they came, quarantined or raw, and read again without a request."""

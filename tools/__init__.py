"""Long-running tools for whoever works on the code: `python -m tools.NAME --help`."""

"""The other side of each ratio: one small program a tool, run in the tool's own environment."""

"""Signals of this project, sent through `crawler.signals` as Scrapy's own are."""

story_written = object()
"""A story, new or edited, is in the archive and known: `extraction`."""

story_unchanged = object()
"""A re-check found a story as the archive has it: `extraction`, `is_suspect`."""

text_repeated = object()
"""A story was refused, since another one has its text: `extraction`, `other` (the other's number),
`is_other_suspect`."""

run_ending = object()
"""A run is over and about to be judged, its folder still open: `spider`, `archive`, `start` (where
the run's lines begin in articles.jsonl)."""

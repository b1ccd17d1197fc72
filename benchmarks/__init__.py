"""Benchmarks: what a crawl costs, as ratios to other tools on the same pages. See docs/performance.md."""

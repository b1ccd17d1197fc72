"""What a crawl costs, as ratios to other tools on the same pages; see docs/performance.md."""

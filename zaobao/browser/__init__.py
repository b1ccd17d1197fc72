"""Pages drawn by a browser that has no network of its own (`ZAOBAO_BROWSER=on`).

In a browser nothing of Scrapy's guards holds: Chromium followed redirects to
other hosts and into paths that robots.txt forbids, past every route handler,
which sees the first hop only. So the page that plain HTTP gave is handed to it,
and whatever its scripts ask for is asked by the crawler, by the rules of every
other request. Name resolution inside the browser always fails.

Only `handler` imports Playwright, and only the setting imports `handler`.
"""

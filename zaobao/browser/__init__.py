"""Pages rendered by a browser that has no network of its own (`ZAOBAO_BROWSER=on`).

Nothing of Scrapy's guards holds inside a browser: Chromium followed redirects to
other hosts and into paths that robots.txt forbids, past every route handler,
which sees the first hop only. So the browser is given the page that plain HTTP
gave, and whatever its scripts ask for is asked by the crawler, under the rules of
every other request. Name resolution inside the browser always fails.

- `rendering`: how a spider has a page rendered.
- `chromium`: which browser is started, and with which arguments.
- `handler`: the download handler, scrapy-playwright's; the only module that imports it.
- `renderedpage`, `network`: one page while it is rendered, and what it asks for.
"""

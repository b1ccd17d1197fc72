"""Every setting that differs from Scrapy's default, in the order a story travels, with its reason.

The `ZAOBAO_*` settings are the user's; each can also come from the environment
under the same name. `-s NAME=value` wins over the environment.
"""

import os

from zaobao import __version__

# --- what users set ---------------------------------------------------------

# The origin to ask: scheme, host, port. Any host but the paper's is a mirror or
# a test site, and then no request leaves it.
ZAOBAO_SITE = os.environ.get("ZAOBAO_SITE", "https://www.zaobao.com")

# An address or URL at which the site's operators can reach you; part of the User-Agent.
ZAOBAO_CONTACT = os.environ.get("ZAOBAO_CONTACT", "")

# Where everything is written.
ZAOBAO_OUTPUT = os.environ.get("ZAOBAO_OUTPUT", "output")

# true: real instants. legacy: times as the 2021 archives have them, eight hours late.
ZAOBAO_TIMES = os.environ.get("ZAOBAO_TIMES", "true")

# source: `tags: [ 联合早报 ]`. keywords: the story's keywords follow it.
ZAOBAO_TAGS = os.environ.get("ZAOBAO_TAGS", "source")

# Further front matter keys for every post: updated, authors, story, edition,
# access, image, layout_seen.
ZAOBAO_FRONT_MATTER = os.environ.get("ZAOBAO_FRONT_MATTER", "")

# full, or excerpt: title, times, link and the first 200 characters.
ZAOBAO_TEXT = os.environ.get("ZAOBAO_TEXT", "full")

# on: a page that no layout can read over plain HTTP is fetched once more in a browser.
ZAOBAO_BROWSER = os.environ.get("ZAOBAO_BROWSER", "off")

# on: every story page is kept as it came, for `scrapy reextract`.
ZAOBAO_RAW = os.environ.get("ZAOBAO_RAW", "off")

# link: posts show pictures from the paper's hosts. keep: they are fetched with the story
# and shown from the archive; where they are put is Scrapy's FILES_STORE.
ZAOBAO_IMAGES = os.environ.get("ZAOBAO_IMAGES", "link")

# List pages and new stories in one run; reaching one is `degraded` and named.
ZAOBAO_MAX_PAGES = os.environ.get("ZAOBAO_MAX_PAGES", "40")
ZAOBAO_MAX_NEW = os.environ.get("ZAOBAO_MAX_NEW", "1000")

# mail, slack, telegram, discord, sentry: who is told when a run is not `ok`. Where to
# is in Spidermon's own settings (docs/alerts.md).
ZAOBAO_ALERTS = os.environ.get("ZAOBAO_ALERTS", "")

# --- the project ------------------------------------------------------------

BOT_NAME = "zaobao"
SPIDER_MODULES = ["zaobao.spiders"]
NEWSPIDER_MODULE = "zaobao.spiders"
COMMANDS_MODULE = "zaobao.commands"

# --- identity and pace ------------------------------------------------------

# An honest name. Conduct: one request at a time, seconds apart, never on the beat.
USER_AGENT = f"zaobao/{__version__}" + (f" (+{ZAOBAO_CONTACT})" if ZAOBAO_CONTACT else "")
ROBOTSTXT_OBEY = True
CONCURRENT_REQUESTS = 1
CONCURRENT_REQUESTS_PER_DOMAIN = 1
# A fifth up and down: two to three seconds. With Scrapy's half it would be one to four.
DOWNLOAD_DELAY = 2.5
DOWNLOAD_DELAY_JITTER = 0.2
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 2.5
AUTOTHROTTLE_MAX_DELAY = 30

# Seconds before a failed request is sent again; doubled each time.
RETRY_BACKOFF = 2
# The longest Retry-After that a run waits for; a host that asks for more is left alone.
RETRY_AFTER_MAX = 15 * 60
# robots.txt's Crawl-delay is kept up to here; one of an hour would end no run.
CRAWL_DELAY_MAX = 60
RETRY_GIVE_UP_LOG_LEVEL = "WARNING"
# Scrapy's, but for the error of its handler for tunnels, which would be imported for it at the
# start; ours gives DownloadFailedError in its place.
RETRY_EXCEPTIONS = [
    "scrapy.exceptions.CannotResolveHostError",
    "scrapy.exceptions.DownloadConnectionRefusedError",
    "scrapy.exceptions.DownloadFailedError",
    "scrapy.exceptions.DownloadTimeoutError",
    "scrapy.exceptions.ResponseDataLossError",
    "twisted.internet.error.ConnectionDone",
    "twisted.internet.error.ConnectError",
    "twisted.internet.error.ConnectionLost",
    OSError,
]
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    # One public tool says that the site needs it.
    "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8",
    # What `zaobao.decoding.unpack` reads strictly.
    "Accept-Encoding": "gzip, br",
}

# --- what may be asked, and how much of it ----------------------------------

# News needs no cookie, and the paper's hosts need no Referer.
COOKIES_ENABLED = False
REFERER_ENABLED = False
METAREFRESH_ENABLED = False
# A proxy resolves names itself, past the resolver below, and a loopback
# ZAOBAO_SITE would be asked through it. True: the environment's proxies are used.
HTTPPROXY_ENABLED = False
# Refuses names that lead into a private network; asked for every host.
TWISTED_DNS_RESOLVER = "zaobao.downloadermiddlewares.resolver.PublicResolver"
REDIRECT_MAX_TIMES = 3
RETRY_TIMES = 2
DOWNLOAD_TIMEOUT = 30
# A story page has 70 to 100 KB. Four bombs took 1,900 MiB of memory without this.
DOWNLOAD_MAXSIZE = 4 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
# Bytes of one picture (ZAOBAO_IMAGES=keep): a press photo as it was taken may have 10 MB.
IMAGE_MAXSIZE = 16 * 1024 * 1024
# Redirects of pictures are followed: those within the paper's hosts, as of pages.
MEDIA_ALLOW_REDIRECTS = True
# Seconds for one page in the browser. Its scripts are asked for at the pace above.
BROWSER_PAGE_TIMEOUT = 120
# Scrapy's default does not check certificates.
DOWNLOAD_VERIFY_CERTIFICATES = True
# `file:` gave the content of a local file to the spider. Ours ends with the run.
DOWNLOAD_HANDLERS = {
    "http": "zaobao.downloadermiddlewares.handler.CancellableDownloadHandler",
    "https": "zaobao.downloadermiddlewares.handler.CancellableDownloadHandler",
    **dict.fromkeys(("file", "data", "ftp", "s3")),
}
# Both open a local port in every crawl.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

# A lean crawl takes 120 MB.
MEMUSAGE_LIMIT_MB = 512
# A day. The slowest run with the bounds above, 1,040 requests 75 s apart and an hour of
# Retry-After, takes 23 hours; one that lasts longer would hold up every later run.
CLOSESPIDER_TIMEOUT = 24 * 3600

# --- the way through the engine ---------------------------------------------

# What Scrapy runs of its own. It asks to leave the three lists that end in _BASE alone, and imports
# all that is named in one of them or in the user's, also what is set to None: cookies, with
# tldextract and requests, and aiohttp's server, for RemoteControl, took a fifth of a start.
DOWNLOADER_MIDDLEWARES_BASE = {
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    # The next ones are off, above or by default, until a setting turns them on.
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": 580,
    "zaobao.downloadermiddlewares.cookies.LateCookies": 700,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": 850,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": 900,
    # Left out are five in whose place ours stand below, and HttpAuth: the site asks for no
    # password.
}
DOWNLOADER_MIDDLEWARES = {
    # OffsiteMiddleware is blind to start requests, `dont_filter` and ports; this follows
    # redirects, too.
    "zaobao.downloadermiddlewares.bounds.BoundsMiddleware": 50,
    # Scrapy's lets forbidden start addresses through.
    "zaobao.downloadermiddlewares.robotstxt.StrictRobotsTxtMiddleware": 100,
    # HttpCompressionMiddleware takes half a gzip stream for a page.
    "zaobao.downloadermiddlewares.responsechecks.ResponseCheckMiddleware": 540,
    # Scrapy's tries again at once, whatever Retry-After says.
    "zaobao.downloadermiddlewares.retry.PoliteRetryMiddleware": 550,
}
SPIDER_MIDDLEWARES_BASE = {
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": 50,
    "scrapy.spidermiddlewares.referer.RefererMiddleware": 700,  # off, above
    # Left out are StartSpider, which marks start requests in `meta`, where nobody reads the mark;
    # UrlLength: BoundsMiddleware keeps URLLENGTH_LIMIT, for redirects too; Depth: bounds are in
    # list pages and stories, not in links from a start; MetaCopyDetection, which warns spiders
    # that copy `meta` from a response: ours do not.
}
# DownloaderStats composes each request again, to count its bytes; the handler counts what the
# report has.
DOWNLOADER_STATS = False
# Scrapy's looks at each access to it for an argument of older versions.
STATS_CLASS = "zaobao.extensions.StatsCollector"
# Stories in the order of the list, not the last one first.
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"
# Scrapy starts this many tasks for every response; ours yield one item.
CONCURRENT_ITEMS = 1
# For every answer Scrapy reads and parses the source of the callback again, to warn
# of a `return` with a value: a quarter of a crawl's CPU time. mypy warns too.
WARN_ON_GENERATOR_RETURN_VALUE = False
# Left out are TelnetConsole and RemoteControl, off above; SpiderState, which keeps `spider.state`
# in a JOBDIR; LogStats, pages a minute; MemoryUsage and FeedExporter, for which ours stand below.
EXTENSIONS_BASE = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.logcount.LogCount": 0,
    "scrapy.extensions.memdebug.MemoryDebugger": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,
    "scrapy.extensions.throttle.AutoThrottle": 0,
    # Scrapy's counts memory of the program that started the crawl.
    "zaobao.extensions.MemoryUsage": 0,
}
EXTENSIONS = {
    "zaobao.extensions.CrawlRun": 0,
    "zaobao.extensions.ErrorWatch": 0,
    "zaobao.extensions.Progress": 0,
    # Compares the run with earlier ones, and tells.
    "zaobao.monitoring.review.RunReview": 0,
    # Scrapy's logs a feed that cannot be written, and goes on; ours fails the run.
    "zaobao.feedexport.StrictFeedExporter": 0,
}

# --- what becomes of a story ------------------------------------------------

ITEM_PIPELINES = {
    "zaobao.pipelines.Exclude": 50,
    "zaobao.pipelines.Validate": 200,
    "zaobao.pipelines.Deduplicate": 300,
    "zaobao.pipelines.KeepRaw": 350,
    "zaobao.pipelines.Keep": 400,
}
# A page counts as long as its story waits to be kept, and 64 wait together: Scrapy's 5 MB,
# 50 to 70 pages, would stop the crawl until their time has come.
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 20_000_000
# `-O -:jekyll` prints posts; `-O file.jsonl` gives the lines of articles.jsonl, and every
# other format the same keys and values.
FEED_EXPORTERS = {
    "jekyll": "zaobao.exporters.JekyllPostExporter",
    "jsonl": "zaobao.exporters.ArticleLinesExporter",
    "jsonlines": "zaobao.exporters.ArticleLinesExporter",
    "jl": "zaobao.exporters.ArticleLinesExporter",
    "csv": "zaobao.exporters.ArticleCsvExporter",
    "xml": "zaobao.exporters.ArticleXmlExporter",
}
# Without it, `-O file.json` would write every Chinese character as an escape.
FEED_EXPORT_ENCODING = "utf-8"

# --- log --------------------------------------------------------------------

LOG_LEVEL = "INFO"
# The closing table and the report in runs/ say it shorter.
STATS_DUMP = False
# A story's whole body in the log helps nobody.
LOG_FORMATTER = "zaobao.logs.LogFormatter"

# --- alerts -----------------------------------------------------------------

# Further suites of Spidermon's monitors may stand here.
SPIDERMON_SPIDER_CLOSE_MONITORS = ["zaobao.monitoring.monitors.RunSuite"]
_MESSAGE = "{{ data.alert.text }}"
SPIDERMON_EMAIL_SUBJECT = "{{ data.alert.subject }}"
SPIDERMON_BODY_TEXT, SPIDERMON_BODY_HTML = "{{ data.alert.mail }}", "{{ data.alert.html }}"
# The longest that they take: 4,096 characters in Telegram, 2,000 in Discord.
SPIDERMON_TELEGRAM_MESSAGE = "{{ data.alert.text[:4000] }}"
SPIDERMON_DISCORD_MESSAGE = "{{ data.alert.text[:1900] }}"
# Slack reads these three characters as its own marks.
SPIDERMON_SLACK_MESSAGE = (
    "{{ data.alert.text | replace('&', '&amp;') | replace('<', '&lt;') | replace('>', '&gt;') }}"
)
# Tokens do not belong on a command line: every SPIDERMON_ setting may be in the environment.
# An unknown ZAOBAO_ name gets here too; `zaobao.options` refuses it.
_OURS = ("SPIDERMON_", "ZAOBAO_")
globals().update({k: v for k, v in os.environ.items() if k.startswith(_OURS)})

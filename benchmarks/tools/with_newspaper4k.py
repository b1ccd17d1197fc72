"""newspaper4k: ORIGIN PAGES OUT HOW. Downloads and parses each story of a sitemap."""

import re
import sys
from urllib.request import urlopen

from durable import keeper
from newspaper import Article

origin, pages, *kept = sys.argv[1:]
keep = keeper(*kept)
sitemap = urlopen(f"{origin}/sitemap/{pages}", timeout=60).read().decode()
for url in re.findall("<loc>([^<]+)", sitemap):
    article = Article(url, language="zh", fetch_images=False)
    article.download()
    article.parse()
    keep(
        {
            "url": url,
            "title": article.title,
            "published": str(article.publish_date),
            "keywords": article.meta_keywords,
            "image": article.top_image,
            "text": article.text,
        }
    )

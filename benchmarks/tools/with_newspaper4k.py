"""newspaper4k: ORIGIN PAGES OUT. Downloads and parses each story of a sitemap."""

import json
import re
import sys
from pathlib import Path
from urllib.request import urlopen

from newspaper import Article

origin, pages, out = sys.argv[1:]
sitemap = urlopen(f"{origin}/sitemap/{pages}", timeout=60).read().decode()
with Path(out).open("w", encoding="utf-8") as lines:
    for url in re.findall("<loc>([^<]+)", sitemap):
        article = Article(url, language="zh", fetch_images=False)
        article.download()
        article.parse()
        line = {
            "url": url,
            "title": article.title,
            "published": str(article.publish_date),
            "keywords": article.meta_keywords,
            "image": article.top_image,
            "text": article.text,
        }
        lines.write(json.dumps(line, ensure_ascii=False) + "\n")

"""crawlee with its Parsel crawler, queue in memory: ORIGIN PAGES OUT HOW."""

import asyncio
import sys

from crawlee.crawlers import ParselCrawler, ParselCrawlingContext
from crawlee.storage_clients import MemoryStorageClient
from durable import keeper


async def main(origin: str, pages: int, *kept: str) -> None:
    crawler = ParselCrawler(storage_client=MemoryStorageClient())
    keep = keeper(*kept)

    @crawler.router.default_handler
    async def read_list(context: ParselCrawlingContext) -> None:
        await context.enqueue_links(
            selector=".card-listing .content-header a", label="story", strategy="all"
        )

    @crawler.router.handler("story")
    async def read_story(context: ParselCrawlingContext) -> None:
        page = context.selector
        body = page.css(".articleBody, #article-body")
        keep(
            {
                "url": context.request.url,
                "title": page.css("h1::text").get(),
                "published": page.xpath("//span[starts-with(., '发布')]/text()").get(),
                "keywords": page.css('meta[name="keywords"]::attr(content)').get(),
                "image": page.css('meta[property="og:image"]::attr(content)').get(),
                "text": "\n".join(p.xpath("string()").get() for p in body.css("p, h2, li, td")),
            }
        )

    await crawler.run([f"{origin}/realtime/china?page={n}" for n in range(1, pages + 1)])


asyncio.run(main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:]))

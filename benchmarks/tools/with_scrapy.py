"""What `scrapy startproject` and a short tutorial give: lists, stories, one dict a story.

`scrapy runspider with_scrapy.py -a origin=ORIGIN -a pages=PAGES`; with `-a asked=FILE` nothing is
read of a story's page, and the file gets a line for each at the end.
"""

from pathlib import Path

import scrapy


class NewsSpider(scrapy.Spider):
    name = "news"
    asked = None
    answers = 0

    async def start(self):
        yield scrapy.Request(f"{self.origin}/realtime/china?page=1", self.parse_list)

    def parse_list(self, response):
        for href in response.css(".card-listing .content-header a::attr(href)").getall():
            # The project checks an answer by what was asked for.
            yield response.follow(href, self.parse_story, meta={"zaobao_kind": "story"})
        number = int(response.url.rpartition("=")[2]) + 1
        if number <= int(self.pages):
            yield response.follow(f"?page={number}", self.parse_list)

    def parse_story(self, response):
        self.answers += 1
        if self.asked:
            return
        body = response.css(".articleBody, #article-body")
        yield {
            "url": response.url,
            "title": response.css("h1::text").get(),
            "published": response.xpath("//span[starts-with(., '发布')]/text()").get(),
            "keywords": response.css('meta[name="keywords"]::attr(content)').get(),
            "image": response.css('meta[property="og:image"]::attr(content)').get(),
            "text": "\n".join(p.xpath("string()").get() for p in body.css("p, h2, li, td")),
        }

    def closed(self, reason):
        if self.asked:
            Path(self.asked).write_text("\n" * self.answers)

"""What `scrapy startproject` and a short tutorial give: lists, stories, one dict a story."""

import scrapy


class NewsSpider(scrapy.Spider):
    name = "news"

    async def start(self):
        yield scrapy.Request(f"{self.origin}/realtime/china?page=1", self.parse_list)

    def parse_list(self, response):
        for href in response.css(".card-listing .content-header a::attr(href)").getall():
            yield response.follow(href, self.parse_story)
        number = int(response.url.rpartition("=")[2]) + 1
        if number <= int(self.pages):
            yield response.follow(f"?page={number}", self.parse_list)

    def parse_story(self, response):
        body = response.css(".articleBody, #article-body")
        yield {
            "url": response.url,
            "title": response.css("h1::text").get(),
            "published": response.xpath("//span[starts-with(., '发布')]/text()").get(),
            "keywords": response.css('meta[name="keywords"]::attr(content)').get(),
            "image": response.css('meta[property="og:image"]::attr(content)').get(),
            "text": "\n".join(p.xpath("string()").get() for p in body.css("p, h2, li, td")),
        }

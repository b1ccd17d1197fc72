"""`scrapy audit`: what was listed in a month against what the archive holds."""

"""`scrapy site`: the archive as a Jekyll site, built in parts of a month each."""

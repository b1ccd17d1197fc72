"""Keeps a story as the project does: a line, a post and a row, all on the disk before the next."""

import hashlib
import json
import logging
import os
import sqlite3
from pathlib import Path


class Keep:
    """out: the file of lines; the rest stands beside it. Scrapy's pipeline has it from KEEP."""

    def __init__(self, out):
        self.folder = Path(out).with_suffix("")
        self.folder.mkdir()
        self.lines = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.posts = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        self.state = sqlite3.connect(self.folder / "state.sqlite", isolation_level=None)
        self.state.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
            "CREATE TABLE stories (url TEXT UNIQUE, title TEXT, published TEXT, file TEXT,"
            "digest TEXT)"
        )

    @classmethod
    def from_crawler(cls, crawler):
        return cls(crawler.settings["KEEP"])

    def process_item(self, item):
        self._write(self.lines, json.dumps(item, ensure_ascii=False) + "\n")
        name = item["url"].rpartition("/")[2] + ".md"
        new = self.folder / ".new"
        post = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        head = "".join(f"{key}: {json.dumps(item.get(key), ensure_ascii=False)}\n" for key in HEAD)
        self._write(post, f"---\n{head}---\n\n{item['text'].replace(chr(10), chr(10) * 2)}\n")
        os.close(post)
        new.rename(self.folder / name)
        os.fsync(self.posts)
        digest = hashlib.sha256(item["text"].encode()).hexdigest()
        row = item["url"], item["title"], item["published"], name, digest
        self.state.execute("INSERT OR REPLACE INTO stories VALUES (?, ?, ?, ?, ?)", row)
        return item

    @staticmethod
    def _write(file, text):
        os.write(file, text.encode())
        os.fsync(file)


HEAD = ("title", "published", "url", "keywords", "image")


def keeper(out, how="lines"):
    """What a tool gives each story to; how: `lines`, JSON lines alone, or `durable`."""
    logging.basicConfig(level=logging.INFO)
    if how == "durable":
        return Keep(out).process_item
    lines = Path(out).open("w", encoding="utf-8")  # noqa: SIM115 (until the end)
    return lambda item: lines.write(json.dumps(item, ensure_ascii=False) + "\n")

"""Posts of an older archive, and taking them over."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from scrapy.settings import Settings

from zaobao.archive.adopt import Summary, adopt
from zaobao.archive.recovery import open_archive
from zaobao.options import Options

BODY = "<p>第一段。</p><p>第二段{甲}。</p>"
COPIED = '<p>第一段。</p><section id="imu"><div id="dfp-ad-imu1">  </div></section>'


def old_post(
    number: int | str = 1189718,
    day: str = "2021-09-02",
    title: str = "一个标题",
    *,
    date: str | None = None,
    comment: str = "NaN",
    comments: bool = False,
    body: str = COPIED,
    section: str = "realtime/china",
) -> bytes:
    """A post as the older producer wrote it: only `"` escaped, body as it came."""
    url = f"https://www.zaobao.com/{section}/story{day.replace('-', '')}-{number}"
    quoted = title.replace('"', '\\"')
    return (
        f'---\nlayout: post\ntitle: "{quoted}"\ndate: {date or day + "T15:41:04.832Z"}\n'
        f"author: 联合早报\nfrom: {url}\ntags: [ 联合早报 ]\n"
        + ("comments: True\n" if comments else "")
        + f"categories: [ 联合早报 ]\n---\n<!--{comment}-->\n[{title.strip()}]({url})\n------\n\n"
        f"<div>\n{body}\n</div>\n"
    ).encode()


def millis(moment: str) -> str:
    return str(round(datetime.fromisoformat(moment).timestamp() * 1000))


def options(output: Path, times: str = "true") -> Options:
    settings = Settings({"ZAOBAO_SITE": "https://www.zaobao.com", "ZAOBAO_OUTPUT": str(output)})
    defaults = {"ZAOBAO_TIMES": times, "ZAOBAO_TAGS": "source", "ZAOBAO_TEXT": "full"}
    defaults["ZAOBAO_IMAGES"] = "link"
    bounds = {"ZAOBAO_MAX_PAGES": 40, "ZAOBAO_MAX_NEW": 1000}
    settings.setdict(defaults | bounds)
    return Options.from_settings(settings)


def take_over(output: Path, path: Path) -> Summary:
    with open_archive(options(output), "scrapy adopt") as archive:
        return adopt(archive, path)


def lines(output: Path) -> list[dict[str, Any]]:
    text = (output / "articles.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(("state.sqlite", ".lock"))
    }

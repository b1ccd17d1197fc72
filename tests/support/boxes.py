"""What tests of cleaning put into a box, and what comes of it."""

from __future__ import annotations

from zaobao.cleaning.clean import clean
from zaobao.dom import fragment

STORY = "https://www.zaobao.com/news/china/story20261120-10004000"
PHOTO = "https://static.zaobao.com/s3fs-public/"
FOREIGN = '<img src="https://cdn.example/dot.svg">'
EMOJI = "https://abs.twimg.com/emoji/v2/72x72/1f64f.png"


def body(html: str) -> str:
    return clean(fragment(html), STORY).html


def figure(name: str, caption: str = "", alt: str = "") -> str:
    printed = f"<figcaption>{caption}</figcaption>" if caption else ""
    image = f'<img src="{PHOTO}{name}.jpg" alt="{alt}" referrerpolicy="no-referrer" loading="lazy">'
    return f"<figure>{image}{printed}</figure>"

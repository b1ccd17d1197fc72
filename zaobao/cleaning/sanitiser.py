"""The last step of cleaning: HTML by an allow-list, so that nothing else can reach a post."""

from __future__ import annotations

import re

import nh3

from zaobao.cleaning.elements import ATTRIBUTES, KEPT

MOST_ENTITIES = 20_000
"""In one body. The sanitiser's time grows with the square of their number: 400,000 took 39 s."""

_SANITISER = nh3.Cleaner(
    tags={*KEPT},
    clean_content_tags=set(),
    attributes=ATTRIBUTES,
    link_rel="noopener nofollow",
    url_schemes={"https", "http", "mailto"},
    url_relative="deny",
)

_WORDS = r"[^<>&\r\x00\xa0]*+(?:&(?:amp|lt|gt);[^<>&\r\x00\xa0]*+)*+"
_LINE = (
    rf"{_WORDS}(?:(?:<br>|<strong>{_WORDS}</strong>|<em>{_WORDS}</em>|<b>{_WORDS}</b>){_WORDS})*+"
)
_ADDRESS = r"https://(?:[a-z][a-z0-9]*\.)+[a-z]+/[\w./~=+:!$*?-]*+(?:&amp;[\w./~=+:!$*?-]*+)*+"
_FIGURE = (
    rf'<figure><img src="{_ADDRESS}" alt="[^"<>&\r\x00\xa0]*+" referrerpolicy="no-referrer"'
    rf' loading="lazy">(?:<figcaption>{_WORDS}</figcaption>)?+</figure>'
)
_PLAIN = re.compile(
    "(?:"
    + "".join(f"<{tag}>{_LINE}</{tag}>|" for tag in ("p", "h2", "h3", "h4", "blockquote"))
    + f"<blockquote>(?:<p>{_LINE}</p>)++</blockquote>|"
    + "".join(f"<{tag}>(?:<li>{_LINE}</li>)*+</{tag}>|" for tag in ("ul", "ol"))
    + f"<table><tbody>(?:<tr>(?:<td>{_LINE}</td>|<th>{_LINE}</th>)*+</tr>)*+</tbody></table>|"
    + f"{_FIGURE})*+",
    re.A,
)
"""A body that the sanitiser gives back as it is, nothing but plain blocks: 97 of 100. Matching it
takes a tenth of the time."""


def sanitised(html: str) -> str:
    """HTML by the allow-list, on one line, every brace as an entity.

    The braces come after the sanitiser: an HTML parser turns entities back.
    Entities are the only escape from Liquid that held in Jekyll 3.10, 4.3 and 4.4.
    """
    safe = html if _PLAIN.fullmatch(html) else _SANITISER.clean(html)
    safe = safe.replace("\n", " ")
    return safe.replace("{", "&#123;").replace("}", "&#125;")

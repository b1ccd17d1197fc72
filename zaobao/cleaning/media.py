"""Pictures: their address, their caption, and whether they are editorial."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from zaobao import dom, text
from zaobao.cleaning import links
from zaobao.cleaning.elements import BLOCKS
from zaobao.cleaning.rules import NOT_EDITORIAL
from zaobao.urls import PAPER_HOSTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zaobao.dom import Node

CAPTIONS = frozenset({"figure-caption", "article-pic-title"})
"""Classes of printed captions that are no `figcaption`."""
CAPTION = ", ".join(["figcaption", *sorted(f".{name}" for name in CAPTIONS)])
"""Selects them all."""
CAPTION_MARKS = ("<figcaption", *CAPTIONS)
"""What stands in the HTML of a box that has any."""
PICTURES = frozenset({"img", "picture", "amp-img"})
IMAGES = "img, amp-img"
"""Selects the elements that have a picture's address."""

_NO_ADDRESS = frozenset({"alt", "title", "class", "id", "style", "data-caption", "aria-label"})
"""Attributes of a picture that never have its address."""
_PLAIN = ("data-src", "data-original", "src")
"""Those that have one address, whatever it looks like, and nothing else."""
_SETS = ("data-srcset", "srcset")
_SMALL = re.compile("thumb|small|tiny|low|blur|placeholder|preview|lqip")
_PICTURE = re.compile(r"(?i)\.(?:jpe?g|png|gif|webp|avif|svg|bmp)$|^/(?:s3/files|s3fs-public)/")
_ABSOLUTE = re.compile(r"(?i)(?:https?:/)?/")
_BLANKS = " \t\n\r\f"
_WIDTH = re.compile(r"\d+", re.A)
_DENSITY = re.compile(r"(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,2})?", re.A)
_CANDIDATE = re.compile(
    rf"[{_BLANKS},]*([^{_BLANKS}]*[^{_BLANKS},])"
    rf"(?:,+(?=[{_BLANKS}])|[{_BLANKS}]*((?:[^,(]|\([^)]*(?:\)|$))*)(?:,|$))"
)
_CHARACTER = 40
"""Pixels up to which a picture is of the size of a character."""
_LONGEST_CHARACTER = 12
_NAMED = re.compile(r"\[[^\[\]\s]{1,8}\]")
"""The `alt` of a face that has no character: `[捂脸]`."""
_EMOJI = ("emoji", "smiley", "emoticon")
_FILE_NAME = re.compile(r"[\w .()-]+\.(?:jpe?g|png|gif|webp|avif|bmp)", re.I)
"""What an editor's tool writes into `title`: it is no caption."""
_JOINERS = re.compile("[\u200d\u20e3\ufe0e\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)()(?:px)?\s*$")
_STYLED = {
    name: re.compile(rf"(?i)(?:^|;)\s*{name}\s*:\s*(\d*\.?\d+)(px|em|)\s*(?:[;!]|$)")
    for name in ("width", "height")
}


@dataclass(slots=True)
class Figure:
    """A picture as it stands in the box: the address as written, and its caption.

    printed: the caption is text of the page, not an attribute of the picture.
    """

    address: str
    alt: str
    caption: str | None
    printed: bool = False

    def add_caption(self, other: Figure) -> None:
        """Take on the caption of the same picture at another place; a printed one is never lost."""
        if not other.caption or (self.caption and not other.printed):
            return
        if not self.printed or not self.caption or self.caption in other.caption:
            self.caption = other.caption
        elif other.caption not in self.caption:
            self.caption = f"{self.caption} {other.caption}"
        self.printed = other.printed


@lru_cache(maxsize=512)  # one page names a picture again and again
def editorial(address: str) -> str | None:
    """The address under which an editorial picture is linked; None for any other picture."""
    kept = links.image(address)
    if kept is None:
        return None
    low = kept.lower()
    return None if any(part in low for part in NOT_EDITORIAL) else kept


def refused(address: str) -> str | None:
    """Why a picture is not shown: `picture-host`, `default-picture`; None for one that is."""
    if editorial(address):
        return None
    return "default-picture" if links.image(address) else "picture-host"


def best_address(sources: Iterable[Node]) -> str:
    """The first address of an editorial picture in the sources' attributes, else the first, or "".

    One of an image host comes before one of the site itself, which may be a placeholder's.
    """
    found = list(_addresses(sources))
    kept = [address for address in found if editorial(address)]
    return next((one for one in kept if not _is_of_site(one)), next(iter(kept or found), ""))


def _is_of_site(address: str) -> bool:
    return (editorial(address) or "").removeprefix("https://").partition("/")[0] in PAPER_HOSTS


def _addresses(sources: Iterable[Node]) -> Iterator[str]:
    """The addresses that a picture may have, the lazy one first: `src` may be a placeholder."""
    said = [source.attributes for source in sources]
    for ranks in (_SINGLE, _OTHERS):
        for attributes in said:
            for name in sorted(attributes.keys() - _NO_ADDRESS, key=_rank):
                if _rank(name) in ranks:
                    yield from _addresses_in(name, attributes[name] or "")


_SINGLE, _OTHERS = range(4), range(4, 7)


@lru_cache(maxsize=512)
def _rank(name: str) -> int:
    """How soon an attribute is asked for the picture's address."""
    if name in _PLAIN:
        return (0, 1, 3)[_PLAIN.index(name)]
    if name.endswith("set"):
        return 4
    if _SMALL.search(name):
        return 6
    return 2 if dom.LAZY.search(name) else 5


def _addresses_in(name: str, value: str) -> Iterator[str]:
    """The addresses in an attribute; of one with an unknown name, those of pictures alone."""
    is_known = name in _PLAIN or name in _SETS
    for address in [value.strip()] if name in _PLAIN else candidates(value):
        is_address = address and not address.startswith("data:")
        if is_address and (is_known or _is_of_picture(address)):
            yield address


def _is_of_picture(address: str) -> bool:
    try:
        return bool(_ABSOLUTE.match(address) and _PICTURE.search(urlsplit(address).path))
    except ValueError:
        return False


def candidates(srcset: str) -> list[str]:
    """The addresses in a `srcset`, the largest first."""
    found = []
    for address, descriptors in parts_of(srcset):
        size = _size(descriptors.split())
        if size is not None:
            found.append((size, address))
    return [address for _, address in sorted(found, key=lambda one: one[0], reverse=True)]


def parts_of(srcset: str) -> Iterator[tuple[str, str]]:
    """The addresses in a `srcset`, each with its descriptors, as written.

    HTML, 4.8.4.3, "Parsing a srcset attribute": an address ends at a blank, so commas may stand
    in it.
    """
    for match in _CANDIDATE.finditer(srcset.rstrip(_BLANKS + ",")):
        yield match[1], match[2] or ""


def _size(descriptors: list[str]) -> float | None:
    """The width or density that descriptors say, else 1; None where they are not valid."""
    sizes = {}
    for descriptor in descriptors:
        kind, number = descriptor[-1], descriptor[:-1]
        valid = _DENSITY if kind == "x" else _WIDTH if kind in "wh" else None
        if kind in sizes or valid is None or not valid.fullmatch(number):
            return None
        sizes[kind] = float(number)
    if "w" in sizes:
        return None if "x" in sizes or not sizes["w"] else sizes["w"]
    return None if "h" in sizes else sizes.get("x", 1.0)


def reveal(root: Node) -> None:
    """Put the pictures that stand only in a `noscript` behind it, each with its figure.

    One beside a picture that is shown is that picture once more.
    """
    for node in dom.below(root, "noscript"):
        if "<img" not in node.text().lower():
            continue
        holder = node.parser.create_node(dom.RUN)
        node.insert_after(holder, move=True)
        holder.inner_html = node.text()
        found = [part for part in dom.outermost(dom.below(holder, _WHOLES)) if _shows(part)]
        if len(found) > 1 or not any(map(_shows, _pictures_beside(node, holder))):
            for part in found:
                part.attrs[dom.REVEALED] = ""
                holder.insert_before(part, move=True)
            if found and not holder.text().strip():  # nothing else is hidden in it
                for part in [*node.iter(include_text=True)]:
                    part.decompose()
        holder.decompose()


_WHOLES = ", ".join(dom.REVEALING)
_BACKED = frozenset({"figure", "div", "section", "article", "center", "p", "li", "a", "span", "i"})
"""Elements whose background may be a picture of the story, where they hold nothing else."""
_LAZY_BACKGROUNDS = ("data-bg", "data-background", "data-background-image")
_OBJECTS = 'object[type^="image/" i], embed[type^="image/" i], input[type="image" i]'
_DRAWN = ", ".join(
    ['[style*="url(" i]', *(f"[{name}]" for name in _LAZY_BACKGROUNDS), "svg image", _OBJECTS]
)
HIDDEN_MARKS = ("<noscript", "<svg", "style=", "<object", "<embed", "<input", *_LAZY_BACKGROUNDS)
"""What stands in the HTML of a box in which `reveal` or `draw` finds anything."""
_BACKGROUND = re.compile(
    r"""(?i)(?:^|;)\s*background(?:-image)?\s*:[^;]*?\burl\(\s*(?:"([^"]*)"|'([^']*)'|([^)\s]*))"""
)
_URL = re.compile(r"""(?i)\s*url\(\s*["']?([^"')]*)["']?\s*\)\s*$""")


def draw(box: Node) -> None:
    """Put an `img` where a background, a drawing or an object shows a picture, in a box."""
    for node in dom.below(box, _DRAWN):
        said = node.attributes
        if node.tag == "image":
            place = [up for up in dom.ancestors(node, box) if up.tag == "svg"][-1]
            address = said.get("href") or said.get("xlink:href")
        elif node.tag in ("object", "embed", "input"):
            place, address = node, said.get("data") or said.get("src")
        else:
            place, address = node, _background(said)
            if node.tag not in _BACKED or not _is_only_a_picture(node):
                continue
        if not address or address.startswith("data:"):
            continue
        image = node.parser.create_node("img")
        if node.tag in ("image", "object", "embed", "input"):
            place.insert_before(image, move=True)
        elif (first := place.first_child) is not None:
            first.insert_before(image, move=True)
        else:
            place.insert_child(image, move=True)
        image.attrs["src"] = address
        image.attrs["alt"] = said.get("aria-label") or ""
        image.attrs[dom.REVEALED] = dom.DRAWN


def _background(said: dict[str, str | None]) -> str:
    for name in _LAZY_BACKGROUNDS:
        if value := said.get(name):
            return match[1] if (match := _URL.match(value)) else value.strip()
    match = _BACKGROUND.search(said.get("style") or "")
    return next(filter(None, match.groups()), "") if match else ""


def _is_only_a_picture(node: Node) -> bool:
    """Whether an element shows no more than its background and a caption; nor do those on the
    line of one that stands in a line."""
    said = node.attributes
    sizes = [size for name in ("width", "height") if (size := _pixels(said, name)) is not None]
    if node.css_first("img, svg, video, iframe") is not None or (
        sizes and max(sizes) <= _CHARACTER
    ):
        return False
    around = node if node.tag in BLOCKS else node.parent or node
    return dom.squeezed(around) == "".join(map(dom.squeezed, dom.below(around, CAPTION)))


def _shows(node: Node) -> bool:
    return bool(editorial(best_address([*node.css("img"), *node.css("source")])))


def _pictures_beside(*nodes: Node) -> Iterator[Node]:
    """The pictures right before the first and right after the last of the nodes."""
    for siblings in (dom.preceding(nodes[0]), dom.following(nodes[-1])):
        for sibling in siblings:
            if sibling.tag in PICTURES:
                yield sibling
            if sibling.is_element_node or sibling.text().strip():
                break


def is_caption(node: Node) -> bool:
    """Whether an element is a printed caption."""
    if node.tag == "figcaption":
        return True
    classes = node.attributes.get("class")
    return bool(classes) and not CAPTIONS.isdisjoint(classes.split())  # type: ignore[union-attr]


def is_of_story(node: Node) -> bool:
    """Whether an image is an editorial picture, and no mark or character of its line."""
    known = [size for size in sizes(node) if size is not None]
    return (
        max(known, default=_CHARACTER + 1) > _CHARACTER
        and character(node, in_line=True) is None
        and bool(editorial(best_address([node])))
    )


def character(node: Node, *, in_line: bool) -> str | None:
    """The `alt` of a picture that is a character of its line, an emoji most often; else None.

    in_line: words stand beside it. Then one of unknown size whose `alt` is one character, or the
    name of a face, is that.
    """
    said = (node if node.tag == "img" else node.css_first("img") or node).attributes
    alt = text.body(said.get("alt") or said.get("aria-label") or "").strip()
    if not alt or len(alt) > _LONGEST_CHARACTER:
        return None
    names = (said.get("class") or "").lower()
    sizes = [size for name in ("width", "height") if (size := _pixels(said, name)) is not None]
    is_small = bool(sizes) and max(sizes) <= _CHARACTER
    is_named = len(_JOINERS.sub("", alt)) == 1 or _NAMED.fullmatch(alt) is not None
    is_one = in_line and not sizes and is_named
    if is_small or is_one or any(mark in names for mark in _EMOJI):
        return alt
    return alt if _is_emoji(alt) and (in_line or not _shows(node)) else None


def _is_emoji(alt: str) -> bool:
    """Whether a text is drawn as one picture in colour: `🙏`, `👨‍👩‍👧`, `🇸🇬`, `1️⃣`."""
    symbols = [one for one in _JOINERS.sub("", alt) if unicodedata.category(one) != "So"]
    if "\ufe0f" in alt or "\u20e3" in alt:
        return len(symbols) < 2
    return not symbols and max(alt) > "\U0001f000"


def _pixels(said: dict[str, str | None], name: str) -> float | None:
    value = _STYLED[name].search(said.get("style") or "") or _SIZE.match(said.get(name) or "")
    return float(value[1]) * (16 if value[2] == "em" else 1) if value else None


def sizes(node: Node) -> list[float | None]:
    """The width and height in pixels that an element's attributes or style say."""
    said = node.attributes
    return [_pixels(said, name) for name in ("width", "height")]


def figure(node: Node) -> Figure | None:
    """The picture of an `img` or `picture` with the caption that its attributes give, or None."""
    sources = [*node.css(IMAGES), *node.css("source")]
    address = best_address(sources)
    if not address or max((size for size in sizes(node) if size is not None), default=2) <= 1:
        return None
    said = next((source for source in sources if source.tag != "source"), node).attributes
    caption = said.get("data-caption") or said.get("title") or ""
    if "<" in caption:
        caption = dom.text_of(dom.fragment(caption))
    caption = "" if _FILE_NAME.fullmatch(caption.strip()) else text.plain(caption)
    return Figure(address, text.plain(said.get("alt") or ""), caption or None)

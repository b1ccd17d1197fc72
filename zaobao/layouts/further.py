"""The further pages of a story: which is the next, and how they are joined to the first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zaobao import dom
from zaobao.cleaning import media, pagers
from zaobao.cleaning.addresses import base_of, resolve_below
from zaobao.errors import OrderHidden, OtherStory, UnknownLayout, UnreadablePage
from zaobao.items import Image, Spare
from zaobao.layouts import identity, order
from zaobao.layouts.images import images_around
from zaobao.page import SIDE_MARKS, Page, resolved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zaobao.dom import Node
    from zaobao.layouts.base import Layout
    from zaobao.layouts.place import Place
    from zaobao.urls import StoryUrl

MOST = 30
"""Pages of one story that are read."""
_OTHERS = (*SIDE_MARKS, "comment", "评论")
"""Parts of the classes and ids of what has a pager of its own."""
_NEXT = ("下一页", "下一頁")


@dataclass(slots=True)
class FurtherPages:
    """What follows the first page of a story, as it is read.

    wanted: the address of the next page, or None. cut: why the text is not
    whole, where that is known. pages: those that were read, in order. images:
    the pictures around their boxes.
    """

    layout: Layout
    story: StoryUrl
    box: Node
    wanted: str | None = None
    cut: str | None = None
    pages: list[Page] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    _read: int = 1
    _numbered: dict[int, str] = field(default_factory=dict)
    _unnamed: list[str] = field(default_factory=list)
    """Addresses of pages whose links say neither a number nor `next`."""
    _asked: set[tuple[str, ...] | None] = field(default_factory=set)
    _first: str = ""
    """The words of the first page."""
    _texts: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, layout: Layout, place: Place, story: StoryUrl) -> FurtherPages:
        """What the first page says about them."""
        found = cls(layout, story, place.box)
        found._look(place)
        if found.wanted:
            found._first = found._text_of(place.page, place.box)
            found._texts.add(found._first)
        return found

    @property
    def missing(self) -> str | None:
        """Why the text is not whole; None where it is."""
        return self.cut or (f"it goes on at {self.wanted}" if self.wanted else None)

    @property
    def number(self) -> int:
        """Of the wanted page; the first is 1."""
        return self._read + 1

    def fail(self, why: str) -> None:
        """Note why the wanted page is not there; what was read before it stays."""
        self.cut, self.wanted = why, None

    def add(self, page: Page) -> None:
        """Join the wanted page to the text; one that repeats an earlier page ends it.

        UnreadablePage: it is no page of this story.
        """
        if page.is_too_deep:
            raise UnreadablePage("it is nested too deep")
        if self.layout.edition is not None and not self.layout.claims(page):
            raise UnknownLayout(f"it is no page of {self.layout.name}")
        if other := identity.other_story(page, self.story):
            raise OtherStory(f"it says that it is story {other}")
        place = self.layout.place(page, self.story)
        said = self.layout.put_in_order(place.box)
        if said == "hidden" or (said is None and order.hidden(place.box, page.description)):
            raise OrderHidden("the order of its paragraphs may be hidden")
        self.pages.append(page)
        self.wanted = None
        text = self._text_of(page, place.box)
        if not text and place.box.css_first("img") is None:
            raise UnreadablePage("it has no text")
        if text in self._texts:
            self._ask(*self._unnamed)
            return
        has_first = bool(self._first) and text.startswith(self._first)
        is_whole = self._key(page.url) == pagers.WHOLE
        if is_whole and not has_first:
            raise OtherStory("it does not begin as the first page does")
        self._texts.add(text)
        self._read += 1
        if not is_whole:
            self._look(place)
        media.reveal(place.box)
        resolve_below(place.box, base_of(page.url, page.base))
        if has_first:
            self.box.inner_html = place.box.inner_html or ""
        else:
            joined = self.box.parser.create_node("div")
            joined.inner_html = place.box.inner_html or ""
            self.box.insert_child(joined, move=True)
        outside, _ = images_around(place, self.layout.lead, self.layout.gallery)
        self.images += [
            Image(image.url, image.caption, "gallery")
            for image in outside
            if not isinstance(image, Spare)
        ]

    def _text_of(self, page: Page, box: Node) -> str:
        """A page's words without its pager and any white space; "" is no text."""
        words = dom.squeezed(box)
        for pager in pagers.pagers(box, self.story.number, page.base):
            words = words.replace(dom.squeezed(pager), "", 1)
        return words

    # --- which page is the next

    def _look(self, place: Place) -> None:
        page = place.page
        links = [*self._links(place)]
        if not links and not self._numbered:
            return
        following = whole = None
        own = self._key(page.url)
        self._asked |= {own, ()} if own is not None else {()}
        for said, address in links:
            key = self._key(address)
            if said == "script":
                self.cut = self.cut or "its next page has no address"
            elif key is None or key == own:
                continue
            elif key == pagers.WHOLE:
                whole = whole or address
            elif said == "next":
                following = following or address
            elif isinstance(said, int):
                self._numbered.setdefault(said, address)
            elif said is None:
                self._unnamed.append(address)
        in_order = (self._numbered.get(self._read + 1), following, *self._unnamed)
        if not self._ask(*in_order, whole if self._read == 1 else None):
            known = self._numbered.items()
            if any(n > self._read and self._key(one) not in self._asked for n, one in known):
                self.cut = self.cut or f"its page {self._read + 1} has no address"

    def _ask(self, *addresses: str | None) -> bool:
        """Want the first of them that was not asked for yet; whether there is one."""
        new = (one for one in addresses if one and self._key(one) not in self._asked)
        if (following := next(new, None)) is None:
            return False
        self.cut = None
        if self._read >= MOST:
            self.cut = f"it has more than {MOST} pages"
            return True
        self._asked.add(self._key(following))
        self.wanted = following
        return True

    def _key(self, address: str | None) -> tuple[str, ...] | None:
        return pagers.page_of_story(address or "", self.story.number)

    def _links(self, place: Place) -> Iterator[tuple[pagers.Label | str | None, str]]:
        page, box = place.page, place.box
        for link in page.links:
            said = link.attributes
            if "next" in (said.get("rel") or "").lower().split():
                yield "next", resolved(page.base, said.get("href"))
        has_links = pagers.LINK.search(place.html)
        bars = pagers.pagers(box, self.story.number, page.base) if has_links else ()
        inside = dict.fromkeys(link for bar in bars for link in bar.css("a"))
        around = page.next_links + self._labelled(place)
        if self.layout.edition is None:
            around += page.root.css("nav a")
        outside = [link for link in around if not dom.is_in(link, box) and not _is_others(link)]
        for link in [*inside, *outside]:
            if pagers.is_link(link, self.story.number, page.base):
                label = pagers.label(link)
                href = (link.attributes.get("href") or "").strip()
                if pagers.is_script_address(href):
                    is_next = label == "next" and pagers.names_rest(link)
                    is_next = is_next or pagers.is_fragment_page(href)
                    if (
                        is_next
                        and self._read == 1
                        and not (_is_disabled(link) or _is_here(href, page))
                    ):
                        yield "script", ""
                elif label != "story":
                    yield label, resolved(page.base, href)
        yield from self._of_form(place)

    def _labelled(self, place: Place) -> list[Node]:
        """The links around the story that say what a pager does, where the page may have one.

        Those that lead to another page have no label that counts: nearly all, and quick to find.
        """
        own = f'a:not([href^="/"], [href^="http"]), a[href*="{self.story.number}"]'
        found = [one for one in dom.below(place.scope, own) if pagers.label(one) is not None]
        if not found or pagers.may_link(place.page.source):
            return found
        words = dom.words_of(place.scope)
        return found if any(said in words for said in _NEXT) else []

    def _of_form(self, place: Place) -> Iterator[tuple[pagers.Label | str, str]]:
        """What buttons, lists of choices and words without a link say, which a script reads."""
        page, box, html = place.page, place.box, place.html
        has_buttons = "<button" in html or "<input" in html
        buttons = box.css("button, input[type=button], input[type=submit]") if has_buttons else ()
        for button in buttons:
            is_next = pagers.is_script(button) and not _is_disabled(button)
            if self._read == 1 and is_next and not _is_others(button):
                yield "script", ""
        if self._read == 1 and any(map(pagers.goes_on, pagers.bare(box))):
            yield "script", ""
        for choice in box.css("select option") if "<select" in html else ():
            said = pagers.label(choice)
            if isinstance(said, int) and "页" in choice.text():
                address = resolved(page.base, choice.attributes.get("value"))
                has_address = self._key(address) not in (None, self._key(page.url))
                if has_address or said == 1:
                    yield said, address
                elif self._read == 1:
                    yield "script", ""


def _is_disabled(link: Node) -> bool:
    """Whether a link says that there is no page behind it; most pagers keep it on the last."""
    names = [link.attributes.get("class") or ""]
    if link.parent is not None:
        names.append(link.parent.attributes.get("class") or "")
    return any("disabled" in name for name in names) or "aria-disabled" in link.attributes


def _is_here(href: str, page: Page) -> bool:
    """Whether a link leads to a part of the page that has it."""
    name = href.removeprefix("#")
    return name.isalnum() and page.has((f"#{name}",)) if href.startswith("#") else False


def _is_others(link: Node) -> bool:
    """Whether a pager is that of a list or of readers' comments."""
    return any(
        mark in f"{up.attributes.get('class') or ''} {up.attributes.get('id') or ''}".lower()
        for up in dom.ancestors(link)
        for mark in _OTHERS
    )

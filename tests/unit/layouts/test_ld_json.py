"""What an ld+json of another type, or a damaged one, says about a story, in each layout."""

from __future__ import annotations

import pytest

from tests.support.shells import GENERIC, LONGER, SHELLS, TIME, Shell, ld

SOUND = ld()
HEADING = "<h1>渔村修好百年盐道</h1>"


@pytest.mark.parametrize("shell", [*SHELLS, GENERIC], ids=lambda shell: shell.layout)
@pytest.mark.parametrize(
    "script",
    [
        ld(kind="LiveBlogPosting"),
        ld(kind="ReportageNewsArticle"),
        SOUND.replace('"}<', '",}<'),
        SOUND.replace("渔村修好", '渔村"修好"'),
        SOUND.replace("渔村修好", r"渔村\'修好\'"),
        SOUND.replace("渔村修好", "渔村\n修好"),
        SOUND.replace('ld+json">', 'ld+json">{"@type": "WebSite", "name": "早报"}\n'),
        SOUND.replace('{"@c', "{&quot;@c")
        .replace('": "', "&quot;: &quot;")
        # only the quotation marks of the object: those of the tag stay
        .replace('", "', "&quot;, &quot;")
        .replace('"}<', "&quot;}<"),
        SOUND.replace("+08:00", "&#x2B;08:00"),
        SOUND.replace("2026-11-05T09:12:30+08:00", "2026-11-05T01:12:30&#43;00:00"),
    ],
)
def test_the_time_is_that_of_the_script(shell: Shell, script: str) -> None:
    article = shell.read(script, HEADING, LONGER)
    assert article.layout == shell.layout
    assert article.published
    assert article.published.isoformat() == TIME
    assert article.published_from == "ld+json"


def test_a_readers_comment_is_not_the_story() -> None:
    comment = ld("我也走过", "DiscussionForumPosting").replace("09:12", "10:15")
    for head in (comment + SOUND, SOUND + comment):
        article = SHELLS[0].read(head, "")
        assert article.published
        assert (article.title, article.published.isoformat()) == ("渔村修好百年盐道", TIME)


NAMED = '"headline": "渔村修好百年盐道", "datePublished": "' + TIME + '"'


def script(data: str, kind: str = "application/ld+json") -> str:
    return f'<script type="{kind}">{data}</script>'


@pytest.mark.parametrize("shell", [*SHELLS, GENERIC], ids=lambda shell: shell.layout)
@pytest.mark.parametrize(
    "head",
    [
        script(f'{{"@type": "WebPage", {NAMED}}}'),
        script(f'{{"@type": "ImageGallery", {NAMED.replace("headline", "name")}}}'),
        script(f'{{"@type": "WebPage", "about": {{"@type": "Article", {NAMED}}}}}'),
        script(f'{{"@type": "CollectionPage", "hasPart": [{{"@type": "Article", {NAMED}}}]}}'),
        script(f'{{"@type": "WebPage", "mainEntityOfPage": {{"@type": "NewsArticle", {NAMED}}}}}'),
        script(f'[[[[[[{{"@type": "NewsArticle", {NAMED}}}]]]]]]'),
        script(f'{{"@type": "NewsArticle", {NAMED}}}', "text/ld+json"),
        script(
            f'{{"@context": "https://schema.org", "@type": "NewsArticle", {NAMED}}}',
            "application/json",
        ),
    ],
)
def test_what_has_the_heading_for_a_name_tells_the_time_too(shell: Shell, head: str) -> None:
    article = shell.read(head, HEADING, LONGER)
    assert article.published
    assert (article.published.isoformat(), article.published_from) == (TIME, "ld+json")


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell.layout)
@pytest.mark.parametrize(
    "head",
    [
        script(f'{{"@type": "WebPage", {NAMED.replace("渔村", "山村")}}}'),
        script(f'{{"@type": "WebPage", "comment": [{{"@type": "Comment", {NAMED}}}]}}'),
        script(
            '{"@type": "LiveBlogPosting", "headline": "渔村修好百年盐道", "liveBlogUpdate": '
            f'[{{"@type": "BlogPosting", {NAMED}}}]}}'
        ),
        script(f'{{"@type": "VideoObject", {NAMED.replace("datePublished", "uploadDate")}}}'),
        script(f'{{"state": {{"@type": "NewsArticle", {NAMED}}}}}', "application/json"),
    ],
)
def test_what_is_another_s_tells_no_time(shell: Shell, head: str) -> None:
    article = shell.read(head, HEADING, LONGER)
    assert (article.title, article.published) == ("渔村修好百年盐道", None)

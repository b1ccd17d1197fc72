"""The `ZAOBAO_*` settings: each wrong value is refused with a sentence that names it."""

from __future__ import annotations

import pytest
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from zaobao import options as module
from zaobao import settings as project
from zaobao.options import Options


def options(**given: str) -> Options:
    settings = Settings()
    settings.setmodule(project)
    settings.setdict(given, priority="cmdline")
    return Options.from_settings(settings)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ZAOBAO_MAX_NEW", "0", "it takes a whole number above 0"),
        ("ZAOBAO_MAX_NEW", "-1", "it takes a whole number above 0"),
        ("ZAOBAO_MAX_PAGES", "４", "it takes a whole number above 0"),
        ("ZAOBAO_TEXT", "exerpt", "it takes full or excerpt"),
        ("ZAOBAO_RAW", "maybe", "it takes on or off"),
        ("ZAOBAO_CONTACT", "联系我", "plain ASCII only"),
        ("ZAOBAO_FRONT_MATTER", "story,colour", "no key 'colour'; there are updated, "),
        ("ZAOBAO_ALERTS", "pigeon", "no alert 'pigeon'; there are mail, "),
        ("ZAOBAO_SITE", "www.zaobao.com", "is not an address like"),
        ("ZAOBAO_OUTPUT", "", "is empty: it takes a folder"),
        ("ZAOBAO_OUTPUT", " ", "is empty: it takes a folder"),
        ("ZAOBAO_OUTPUT", "~nobody-of-this-name/news", "this machine has no such user"),
        ("ZAOBAO_CONTCAT", "me", "there is no such setting; the nearest is ZAOBAO_CONTACT"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        options(**{name: value})
    assert str(caught.value).startswith(name)


def test_excerpts_show_no_pictures_so_none_are_kept() -> None:
    with pytest.raises(UsageError, match="leave one out"):
        options(ZAOBAO_IMAGES="keep", ZAOBAO_TEXT="excerpt")


def test_settings_in_any_of_their_spellings() -> None:
    found = options(
        ZAOBAO_RAW="Yes", ZAOBAO_TEXT="EXCERPT", ZAOBAO_FRONT_MATTER=" story, authors ,"
    )
    assert (found.raw, found.excerpt, found.max_new) == (True, True, 1000)
    assert found.front_matter == ("story", "authors")
    assert found.output.is_absolute()


@pytest.mark.parametrize(
    ("store", "why"),
    [
        ("s3://bucket/folder", "end it with a slash, as in s3://bucket/folder/"),
        ("s3://bucket", "end it with a slash, as in s3://bucket/"),
        ("gs://bucket/", "needs google-cloud-storage: pip install google-cloud-storage"),
        ("http://host/", "it takes a folder, s3://, gs://, ftp://"),
    ],
)
def test_a_store_of_pictures_that_cannot_work_is_refused(
    monkeypatch: pytest.MonkeyPatch, store: str, why: str
) -> None:
    monkeypatch.setattr(module, "_has_package", lambda name: name == "botocore")
    with pytest.raises(UsageError, match=f"FILES_STORE={store}"):
        options(ZAOBAO_IMAGES="keep", FILES_STORE=store)
    with pytest.raises(UsageError) as error:
        options(ZAOBAO_IMAGES="keep", FILES_STORE=store)
    assert why in str(error.value)
    assert options(ZAOBAO_IMAGES="link", FILES_STORE=store).image_store == store


@pytest.mark.parametrize("store", ["s3://bucket/", "ftp://host/a/", "/folder", "file:///folder"])
def test_a_store_of_pictures_is_taken(monkeypatch: pytest.MonkeyPatch, store: str) -> None:
    monkeypatch.setattr(module, "_has_package", lambda name: name == "botocore")
    assert options(ZAOBAO_IMAGES="keep", FILES_STORE=store).image_store == store


def test_packages_are_looked_up() -> None:
    assert module._has_package("scrapy")
    assert not module._has_package("no-such-package-of-anybody")

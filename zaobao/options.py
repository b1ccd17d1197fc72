"""The `ZAOBAO_*` settings, checked once and typed. A bad value is a `UsageError`."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from zaobao.urls import Site

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

FRONT_MATTER_KEYS = (
    "updated",
    "authors",
    "story",
    "edition",
    "access",
    "image",
    "layout_seen",
)
"""What `ZAOBAO_FRONT_MATTER` may ask for."""

_CHANNELS = "zaobao.monitoring.channels"
ALERTS = {
    "mail": f"{_CHANNELS}.Mail",
    "slack": f"{_CHANNELS}.Slack",
    "telegram": f"{_CHANNELS}.Telegram",
    "discord": f"{_CHANNELS}.Discord",
    "sentry": f"{_CHANNELS}.Sentry",
}
"""What `ZAOBAO_ALERTS` may name, and the action of Spidermon's kind for it."""

NAMES = (
    "ZAOBAO_SITE",
    "ZAOBAO_CONTACT",
    "ZAOBAO_OUTPUT",
    "ZAOBAO_TIMES",
    "ZAOBAO_TAGS",
    "ZAOBAO_FRONT_MATTER",
    "ZAOBAO_TEXT",
    "ZAOBAO_BROWSER",
    "ZAOBAO_RAW",
    "ZAOBAO_IMAGES",
    "ZAOBAO_MAX_PAGES",
    "ZAOBAO_MAX_NEW",
    "ZAOBAO_ALERTS",
)
"""The settings that there are."""

_STORES = {"s3": "botocore", "gs": "google-cloud-storage", "ftp": ""}
"""Scrapy's stores of files that are no folder, and the package that each needs."""

_TRUE, _FALSE = {"1", "true", "on", "yes"}, {"", "0", "false", "off", "no", "none"}


@dataclass(frozen=True, slots=True)
class Options:
    """What the user set. `output` is absolute; `front_matter` keeps the asked order.

    images: whether pictures are kept. image_store: the folder or address where, Scrapy's
    FILES_STORE, else `images/` of the output folder.
    """

    site: Site
    contact: str | None
    output: Path
    legacy_times: bool
    keyword_tags: bool
    front_matter: tuple[str, ...]
    excerpt: bool
    browser: bool
    raw: bool
    images: bool
    image_store: str
    max_pages: int
    max_new: int
    alerts: tuple[str, ...]

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Options:
        """Read and check every `ZAOBAO_*` setting; UsageError names the one that is wrong, or
        that there is not."""
        _refuse_unknown(settings)
        try:
            site = Site(str(settings["ZAOBAO_SITE"]))
        except ValueError as error:
            raise UsageError(f"ZAOBAO_SITE: {error}") from None
        output = _output(settings)
        excerpt = _choice(settings, "ZAOBAO_TEXT", ("full", "excerpt")) == "excerpt"
        images = _choice(settings, "ZAOBAO_IMAGES", ("link", "keep")) == "keep"
        if images and excerpt:
            raise UsageError(
                "ZAOBAO_IMAGES=keep: posts of ZAOBAO_TEXT=excerpt show no pictures; leave one out"
            )
        return cls(
            site=site,
            contact=_contact(settings),
            output=output,
            legacy_times=_choice(settings, "ZAOBAO_TIMES", ("true", "legacy")) == "legacy",
            keyword_tags=_choice(settings, "ZAOBAO_TAGS", ("source", "keywords")) == "keywords",
            front_matter=_front_matter(settings),
            excerpt=excerpt,
            browser=_switch(settings, "ZAOBAO_BROWSER"),
            raw=_switch(settings, "ZAOBAO_RAW"),
            images=images,
            image_store=_image_store(settings, output, is_used=images),
            max_pages=_count(settings, "ZAOBAO_MAX_PAGES"),
            max_new=_count(settings, "ZAOBAO_MAX_NEW"),
            alerts=_alerts(settings),
        )


def _output(settings: BaseSettings) -> Path:
    name = str(settings["ZAOBAO_OUTPUT"] or "")
    if not name.strip():  # as a path it would be the folder in which the command was given
        raise UsageError("ZAOBAO_OUTPUT is empty: it takes a folder")
    try:
        return Path(name).expanduser().absolute()
    except RuntimeError:
        raise UsageError(f"ZAOBAO_OUTPUT={name}: this machine has no such user") from None


def _image_store(settings: BaseSettings, output: Path, *, is_used: bool) -> str:
    """Scrapy's FILES_STORE. is_used: whether it has to work; Scrapy would only log that its package
    is missing, and keep no pictures."""
    store = str(settings["FILES_STORE"] or output / "images")
    scheme, is_remote, place = store.partition("://")
    if is_used and is_remote and scheme != "file":
        if scheme not in _STORES:
            known = ", ".join(f"{name}://" for name in _STORES)
            raise UsageError(f"FILES_STORE={store}: it takes a folder, {known}")
        package = _STORES[scheme]
        if package and not _has_package(package):
            raise UsageError(f"FILES_STORE={store} needs {package}: pip install {package}")
        if not place.endswith("/"):
            raise UsageError(f"FILES_STORE={store}: end it with a slash, as in {store}/")
    return store


def _has_package(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def _refuse_unknown(settings: BaseSettings) -> None:
    for name in settings:
        if str(name).startswith("ZAOBAO_") and name not in NAMES:
            near = get_close_matches(str(name), NAMES, 1, 0)
            raise UsageError(f"{name}: there is no such setting; the nearest is {near[0]}")


def _choice(settings: BaseSettings, name: str, values: tuple[str, str]) -> str:
    value = str(settings[name]).lower()
    if value not in values:
        raise UsageError(f"{name}={settings[name]!r}: it takes {' or '.join(values)}")
    return value


def _switch(settings: BaseSettings, name: str) -> bool:
    value = str(settings[name]).lower()
    if value not in _TRUE | _FALSE:
        raise UsageError(f"{name}={settings[name]!r}: it takes on or off")
    return value in _TRUE


def _count(settings: BaseSettings, name: str) -> int:
    value = str(settings[name])
    if not (value.isascii() and value.isdigit() and int(value) > 0):
        raise UsageError(f"{name}={settings[name]!r}: it takes a whole number above 0")
    return int(value)


def _contact(settings: BaseSettings) -> str | None:
    value = str(settings["ZAOBAO_CONTACT"] or "").strip()
    if any(not (" " <= char <= "~") for char in value):
        raise UsageError("ZAOBAO_CONTACT: it goes into the User-Agent header, so plain ASCII only")
    return value or None


def _front_matter(settings: BaseSettings) -> tuple[str, ...]:
    asked = settings.getlist("ZAOBAO_FRONT_MATTER")
    keys = tuple(key.strip() for key in asked if key.strip())
    unknown = [key for key in keys if key not in FRONT_MATTER_KEYS]
    if unknown:
        raise UsageError(
            f"ZAOBAO_FRONT_MATTER: no key {unknown[0]!r}; there are {', '.join(FRONT_MATTER_KEYS)}"
        )
    return keys


def _alerts(settings: BaseSettings) -> tuple[str, ...]:
    asked = tuple(name.strip() for name in settings.getlist("ZAOBAO_ALERTS") if name.strip())
    unknown = [name for name in asked if name not in ALERTS and "." not in name]
    if unknown:
        raise UsageError(
            f"ZAOBAO_ALERTS: no alert {unknown[0]!r}; there are {', '.join(ALERTS)}, "
            "or the path of an action of Spidermon's"
        )
    return asked

"""Why bytes are refused."""

from __future__ import annotations

from collections.abc import Callable

from zaobao.errors import UnfitError


def reason(check: Callable[..., object], *given: object) -> str | None:
    """The reason of the UnfitError that a check raises; None where it raises none."""
    try:
        check(*given)
    except UnfitError as error:
        return error.reason
    return None

"""The order that HK-2 hides: `data-s` on every child of the body (site-facts 4.7)."""

from __future__ import annotations

import random
import re
from base64 import b32encode
from string import ascii_letters, digits

_TAG = re.compile(r"<[a-z][a-z0-9-]*")


def data_s(place: int, rng: random.Random) -> str:
    """Three characters of salt, then `place` in base32, eleven characters in all."""
    salt = "".join(rng.choices(ascii_letters + digits, k=3))
    return salt + b32encode(str(place).encode()).decode()


def shuffled(children: list[str], seed: str) -> list[str]:
    """Mark each child with its place, counted from 1, and shuffle them all."""
    rng = random.Random(seed)  # noqa: S311 - an order, not a secret
    marked = []
    for place, child in enumerate(children, 1):
        tag = _TAG.search(child)
        end = tag.end() if tag else 0
        marked.append(f'{child[:end]} data-s="{data_s(place, rng)}"{child[end:]}')
    rng.shuffle(marked)
    return marked

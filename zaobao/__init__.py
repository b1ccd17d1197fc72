"""Crawler of 联合早报 (Lianhe Zaobao) realtime news: clean Jekyll posts and JSON lines."""

__version__ = "0.1.0"

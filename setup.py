"""For scrapyd-deploy, which runs this file; all that it needs to know is in pyproject.toml."""

from setuptools import setup

setup()

"""`scrapy site --serve`: where the built site is, and what is no port."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urljoin, urlsplit
from urllib.request import urlopen

import pytest
from lxml import html

from tests.support import site_posts
from tests.support.archive import PATIENCE, ROOT, Archive
from tests.support.building import need, new_site, serve_folder
from zaobao.errors import PortError
from zaobao.publish import serving

pytestmark = pytest.mark.slow


def test_the_site_is_served_below_its_path_until_ctrl_c(tmp_path: Path, without_npx: str) -> None:
    need("jekyll", "jekyll ruby-jekyll-sitemap")
    output = new_site(tmp_path / "output")
    site_posts.write_posts(output, 2)
    config = output / "_config.yml"
    config.write_text(config.read_text().replace('baseurl: ""', "baseurl: /archive"))
    command = [sys.executable, "-m", "scrapy", "site", "--serve", "--port", "0"]
    environment = {**os.environ, "ZAOBAO_OUTPUT": str(output), "PATH": without_npx}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr
            said = next(line for line in process.stderr if line.endswith("until Ctrl-C\n"))
            address = said.removesuffix(" until Ctrl-C\n")
            assert urlsplit(address).path == "/archive/"
            with urlopen(address) as answer:
                links = set(html.fromstring(answer.read()).xpath("//a/@href"))
            own = [link for link in links if link.startswith("/")]
            assert len(own) > 2
            for link in own:
                with urlopen(urljoin(address, link)) as answer:
                    assert answer.status == 200
            with pytest.raises(HTTPError) as missing:
                urlopen(urljoin(address, "/months/"))
            with missing.value as answer:
                assert answer.code == 404
                assert answer.read() == (output / "_site" / "404.html").read_bytes()
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with serve_folder(tmp_path) as origin:
        port = urlsplit(origin).port
        assert port
        with pytest.raises(PortError, match=rf"port {port}: Address already in use\. --port takes"):
            serving.serve(tmp_path, port, "", str)


def test_what_is_no_port_is_refused_before_anything_is_built(tmp_path: Path) -> None:
    for wrong in ("-1", "65536"):
        done = Archive(tmp_path, "").scrapy("site", "--serve", "--port", wrong)
        assert done.returncode == 2
        assert "--port takes a number from 0 to 65535" in done.stderr
    assert list(tmp_path.iterdir()) == []

"""Pictures that stay (ZAOBAO_IMAGES=keep): fetched with the story, shown from the archive."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from demo.newspaper import Answer, picture
from tests.support.archive import Archive
from tests.support.pictures import png
from tests.support.whole import holds, verify
from zaobao.archive.images import INDEX, held

if TYPE_CHECKING:
    from demo.server import Served

pytestmark = pytest.mark.slow
KEEP = {"ZAOBAO_IMAGES": "keep"}
FOLDERS = ("/s3fs-public/", "/articles/", "/image/", "/sites/")
SHOWN = re.compile(r'<img src="([^"]*)"')


def asked(served: Served) -> list[str]:
    """The pictures that were asked for since the last call."""
    paths = [one.path_qs for one in served.paper.requests if one.path_qs.startswith(FOLDERS)]
    served.paper.requests.clear()
    return paths


def images(archive: Archive) -> list[dict[str, Any]]:
    """The pictures of all stories, by their last lines."""
    last = {line["id"]: line for line in archive.lines}
    return [image for line in last.values() for image in line["images"]]


def crawl(archive: Archive, *arguments: str, code: int = 0, **environment: str) -> str:
    done = archive.crawl(*(arguments or ("realtime",)), **{**KEEP, **environment})
    assert done.returncode == code, done.stderr
    return done.stderr


def are_whole(archive: Archive) -> None:
    """Each kept picture is there under its content; nothing else lies in the folder."""
    named = {image["path"]: image["checksum"] for image in images(archive) if "path" in image}
    folder = archive.folder / "images"
    there = {str(path.relative_to(folder)) for path in folder.glob("*/*") if path.is_file()}
    assert there == named.keys()
    for path, checksum in named.items():
        data = (folder / path).read_bytes()
        assert f"sha256:{hashlib.sha256(data).hexdigest()}" == checksum
        assert path == f"{checksum[7:9]}/{checksum[7:]}.png"
    assert list((folder / ".tmp").iterdir()) == []


def test_pictures_are_fetched_once_and_shown_from_the_archive(
    archive: Archive, served: Served
) -> None:
    crawl(archive)
    found = asked(served)
    assert len(found) == len(set(found)) == len({image["url"] for image in images(archive)}) > 20
    assert all("path" in image for image in images(archive))
    are_whole(archive)
    for post in archive.posts.values():
        for address in SHOWN.findall(post.decode()):
            assert re.fullmatch(r"\.\./images/[0-9a-f]{2}/[0-9a-f]{64}\.png", address)
    assert all('src="https://' in line["body_html"] for line in archive.lines if line["images"])
    count, size = held(archive.folder)
    assert (count, size) == (len(found), sum(len(picture(path.split("?")[0])) for path in found))
    crawl(archive)
    assert asked(served) == []
    # The index can be deleted: the lines say it all.
    for path in archive.folder.glob(f"{INDEX}*"):
        path.unlink()
    crawl(archive, "realtime", "-a", "refresh=200000")
    assert asked(served) == []


def test_without_the_setting_nothing_is_asked_and_nothing_is_there(
    archive: Archive, served: Served
) -> None:
    crawl(archive, ZAOBAO_IMAGES="link")
    assert asked(served) == []
    assert not (archive.folder / "images").exists()
    assert not list(archive.folder.glob(f"{INDEX}*"))
    assert {tuple(image) for image in images(archive)} == {("url", "caption", "role")}


def test_an_edit_asks_for_new_pictures_alone(archive: Archive, served: Served) -> None:
    crawl(archive)
    asked(served)
    story = next(one for one in served.paper.listed("china") if one.leads and one.status == 200)
    story.title += "（更新）"
    story.leads.append(["https://static.zaobao.com/s3fs-public/later.jpg", "后来的一张"])
    crawl(archive, "realtime", "-a", "refresh=200000")
    assert set(asked(served)) <= {"/s3fs-public/later.jpg"}
    assert all("path" in image for image in images(archive))


def test_with_links_again_an_edit_shows_what_is_kept_and_asks_for_nothing(
    archive: Archive, served: Served
) -> None:
    crawl(archive)
    asked(served)
    story, other = [s for s in served.paper.listed("china") if s.leads and s.status == 200][:2]
    for one in (story, other):
        one.title += "（更新）"
    later = "https://static.zaobao.com/s3fs-public/later.jpg"
    story.body += f'\n<figure class="bff-inline-image"><img src="{later}"></figure>'
    lost = next(image["path"] for image in archive.by_number[other.number]["images"])
    (archive.folder / "images" / lost).unlink()
    crawl(archive, "realtime", "-a", "refresh=200000", ZAOBAO_IMAGES="link")
    assert asked(served) == []
    paths = {image["url"]: image.get("path") for image in archive.by_number[story.number]["images"]}
    assert paths.pop(later) is None
    assert paths
    assert all(paths.values())
    post = archive.posts[Path(archive.by_number[story.number]["post"]).name].decode()
    assert {f"../images/{path}" for path in paths.values()} <= set(SHOWN.findall(post))
    assert lost not in {image.get("path") for image in archive.by_number[other.number]["images"]}


def test_adopted_captures_show_what_is_kept_and_have_the_rest_fetched(
    archive: Archive, served: Served, tmp_path: Path
) -> None:
    crawl(archive)
    count = len(images(archive))
    asked(served)
    story = next(one for one in served.paper.listed("china") if one.leads and one.status == 200)
    story.title += "（更新）"
    story.leads = [["https://static.zaobao.com/s3fs-public/later.jpg", "后来的一张"]]
    raw = Archive(tmp_path / "raw", served.origin)
    assert raw.crawl(ZAOBAO_RAW="on").returncode == 0
    done = archive.scrapy("adopt", str(raw.folder / "raw"), **KEEP)
    assert done.returncode == 0, done.stderr
    assert "1 edited" in done.stderr
    assert "The next crawl fetches 1 picture." in done.stderr
    lacking = [image["url"] for image in images(archive) if "path" not in image]
    assert lacking == ["https://static.zaobao.com/s3fs-public/later.jpg"]
    assert len(images(archive)) == count
    post = archive.posts[Path(archive.by_number[story.number]["post"]).name].decode()
    assert [address for address in SHOWN.findall(post) if "/images/" not in address] == lacking
    served.paper.requests.clear()
    crawl(archive)
    assert asked(served) == ["/s3fs-public/later.jpg"]
    assert all("path" in image for image in images(archive))
    fresh = Archive(tmp_path / "fresh", served.origin)
    assert fresh.scrapy("adopt", str(raw.folder / "raw"), **KEEP).returncode == 0
    crawl(fresh)
    assert all("path" in image for image in images(fresh))
    are_whole(fresh)


BAD = {
    "not found": (Answer(status=404), "http_404"),
    "forbidden": (Answer(status=403), "http_403"),
    "html": (Answer("<!DOCTYPE html><title>登录</title>", headers={"Content-Type": "image/jpeg"}), "no_picture"),
    "svg": (Answer("<svg xmlns='http://www.w3.org/2000/svg'/>"), "no_picture"),
    "empty": (Answer(b"", headers={"Content-Type": "image/png"}), "empty"),
    "cut": (Answer(png()[:-20]), "cut"),
    "transfer cut": (Answer(png() * 50, cut=True), "cut"),
    "too large": (Answer(png() + b"\0" * (17 << 20)), "size"),
    "bomb": (Answer(png(60_000, 60_000)), "bomb"),
    "gzip bomb": (
        Answer(zlib.compress(b"\0" * (64 << 20)), headers={"Content-Encoding": "deflate"}),
        "size",
    ),
    "elsewhere": (Answer(status=302, headers={"Location": "https://example.com/a.jpg"}), "redirect_out_of_bounds"),
    "private": (Answer(status=302, headers={"Location": "http://169.254.169.254/a.jpg"}), "redirect_out_of_bounds"),
    "file": (Answer(status=302, headers={"Location": "file:///etc/passwd"}), "redirect_out_of_bounds"),
}  # fmt: skip


def test_a_picture_that_cannot_be_had_is_noted_and_due_again(
    archive: Archive, served: Served
) -> None:
    """One story for each bad picture; all stories are written, and the next run asks once more."""
    stories = [one for one in served.paper.listed("china") if one.status == 200]
    chosen = [one for one in stories if one.leads][: len(BAD)]
    place = {}
    for name, story in zip(BAD, stories, strict=False):
        place[name] = f"/s3fs-public/bad/{name.replace(' ', '-')}.jpg"
        story.leads = [[f"https://static.zaobao.com{place[name]}", "一张图"]]
        served.paper.overrides[place[name]] = BAD[name][0]
    assert chosen
    said = crawl(archive)
    first = asked(served)
    for name, (_, reason) in BAD.items():
        assert place[name] in first, name
        assert re.search(rf"picture stays linked and is due again \({reason}\): .*{re.escape(place[name])}", said), name  # fmt: skip
    assert "Traceback" not in said
    lacking = {image["url"] for image in images(archive) if "path" not in image}
    assert lacking == {f"https://static.zaobao.com{path}" for path in place.values()}
    holds(archive, {one.number for one in stories})
    # They are there now: the next run fills them in, and the one after asks for none.
    for path in place.values():
        del served.paper.overrides[path]
    said = crawl(archive)
    assert sorted(asked(served)) == sorted(place.values())
    assert f"{len(BAD)} earlier stories show pictures that came since" in said
    are_whole(archive)
    holds(archive, {one.number for one in stories})
    verify(archive, served, {one.number for one in stories})
    assert crawl(archive)
    assert asked(served) == []


def test_one_that_stays_away_is_given_up(archive: Archive, served: Served) -> None:
    """In the next run, after a day, after a week; then only where its story is named."""
    story = next(one for one in served.paper.listed("china") if one.leads and one.status == 200)
    path = "/s3fs-public/away.jpg"
    story.leads = [[f"https://static.zaobao.com{path}", "一张图"]]
    served.paper.overrides[path] = Answer(status=404)
    tries = []
    for _ in range(4):
        crawl(archive)
        tries.append(asked(served).count(path))
    assert tries == [1, 1, 0, 0]
    address = f"-aurls={story.path}"
    crawl(archive, "stories", address)
    assert asked(served) == [path]
    del served.paper.overrides[path]
    crawl(archive, "stories", address)
    assert asked(served) == [path]
    assert all("path" in image for image in images(archive))


def test_earlier_stories_get_pictures_where_they_are_named_or_read_again(
    archive: Archive, served: Served
) -> None:
    crawl(archive, ZAOBAO_IMAGES="link", ZAOBAO_RAW="on")
    crawl(archive)
    assert asked(served) == []
    line = next(line for line in archive.lines if line["images"])
    crawl(archive, "stories", f"-aurls={line['url']}")
    own = {image["url"] for image in line["images"]}
    assert len(asked(served)) == len(own)
    assert {image["url"] for image in images(archive) if "path" in image} == own
    done = archive.scrapy("reextract", **KEEP)
    assert done.returncode == 0, done.stderr
    count = int(re.search(r"The next crawl fetches (\d+) pictures", done.stderr)[1])  # type: ignore[index]
    crawl(archive)
    assert len(asked(served)) == count > 20
    assert all("path" in image for image in images(archive))
    before = archive.tree()
    assert archive.scrapy("reextract").returncode == 0  # the copies stay, whatever is set
    after = archive.tree()
    assert {name: data for name, data in after.items() if name.endswith((".md", ".jsonl"))} == {
        name: data for name, data in before.items() if name.endswith((".md", ".jsonl"))
    }


def test_a_withdrawn_story_takes_its_own_pictures_with_it(archive: Archive, served: Served) -> None:
    one, other = [s for s in served.paper.listed("china") if s.leads and s.status == 200][:2]
    host = "https://static.zaobao.com/s3fs-public"
    for story in (one, other):
        story.leads = [[f"{host}/{story.number}.jpg", "一"]]
        story.body += f'\n<figure class="bff-inline-image"><img src="{host}/shared.jpg"></figure>'
    crawl(archive)
    lines = {line["id"].partition("-")[2]: line for line in archive.lines}
    paths = {image["url"]: image["path"] for image in lines[one.number]["images"]}
    gone = paths.keys() - {image["url"] for image in lines[other.number]["images"]}
    assert gone == paths.keys() - {f"{host}/shared.jpg"}
    folder = archive.folder / "images"
    (folder / "ab").mkdir(exist_ok=True)
    (folder / "ab" / f"ab{'0' * 62}.png").write_bytes(b"left by a killed run")
    done = archive.scrapy("withdraw", lines[one.number]["id"], **KEEP)
    assert done.returncode == 0, done.stderr
    assert f"{len(gone) + 1} pictures" in done.stderr
    assert not any((folder / paths[url]).exists() for url in gone)
    assert (folder / paths[f"{host}/shared.jpg"]).exists()
    are_whole(archive)


def test_a_withdrawal_spares_what_posts_without_lines_show(archive: Archive) -> None:
    crawl(archive)
    before = {path.name for path in (archive.folder / "images").glob("*/*.png")}
    one = next(line for line in archive.lines if line["images"])
    # As in a clone of a repository, which has no lines.
    line = json.dumps(one, ensure_ascii=False) + "\n"
    (archive.folder / "articles.jsonl").write_text(line, "utf-8")
    for path in archive.folder.glob("state.sqlite*"):
        path.unlink()
    done = archive.scrapy("withdraw", one["id"], **KEEP)
    assert done.returncode == 0, done.stderr
    left = {path.name for path in (archive.folder / "images").glob("*/*.png")}
    posts = b"".join(archive.posts.values()).decode()
    assert left == {name for name in before if name in posts}
    assert left < before


def test_a_full_store_fails_the_run_and_loses_nothing(archive: Archive) -> None:
    crawl(archive, "realtime", "-a", "limit=1")
    folder = archive.folder / "images"
    shutil.rmtree(folder)
    folder.mkdir()
    for n in range(256):
        (folder / f"{n:02x}").write_text("a file where a folder has to be")
    done = archive.crawl(**KEEP)
    assert done.returncode == 1, done.stderr
    assert "images" in done.stderr
    shutil.rmtree(folder)
    crawl(archive)
    assert all("path" in image for image in images(archive))


def test_an_excerpt_has_no_pictures_to_keep(archive: Archive) -> None:
    said = crawl(archive, code=2, ZAOBAO_TEXT="excerpt")
    assert "ZAOBAO_IMAGES=keep: posts of ZAOBAO_TEXT=excerpt show no pictures" in said


def test_a_limit_holds_though_pictures_take_their_time(archive: Archive) -> None:
    crawl(archive, "realtime", "-a", "limit=7")
    assert len(archive.lines) == 7

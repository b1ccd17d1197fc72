"""Which stories a fall makes suspect, and for how long it is one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from zaobao.monitoring import lengths, monitors
from zaobao.monitoring.findings import Finding, Suspicion
from zaobao.monitoring.history import History
from zaobao.monitoring.suspects import Suspects, is_on_time

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
USUAL = [max(30, int(Random(n).lognormvariate(6.3, 0.6))) for n in range(100)]
"""Half of them have 540 characters, nine tenths 250."""


def report(place: int, lengths: list[int], **figures: Any) -> dict[str, Any]:
    started = BEGIN + timedelta(hours=place)
    layout = {"sg_cards": len(lengths)} if lengths else {}
    mine = {"started": started.isoformat(), "layout": layout, "lengths": {"sg_cards": lengths}}
    return {**mine, **figures}


def before(count: int = 10) -> list[dict[str, Any]]:
    return [report(place, USUAL[place * 10 : place * 10 + 10]) for place in range(count)]


def line(text: str, **values: Any) -> dict[str, Any]:
    return {"id": "20261101-1", "layout": "sg_cards", "text": text, **values}


def cut(now: dict[str, Any], earlier: list[dict[str, Any]]) -> list[Suspicion]:
    return [suspicion for _, suspicion in lengths.shorter(History(now, earlier))]


def test_a_text_that_is_cut_is_in_doubt_also_where_it_is_longer_than_the_shortest() -> None:
    """The first paragraph of a long story is longer than a brief, and is suspect like the rest."""
    (suspicion,) = cut(report(10, [40] * 15 + [90, 130, 150, 70, 260]), before())
    assert suspicion.holds(line("字" * 40))
    assert suspicion.holds(line("字 " * 150))
    assert suspicion.holds(line("字" * 260))
    assert suspicion.holds(line("字" * 600))  # longer than half of the whole ones
    assert not suspicion.holds(line("字" * 2500))
    assert not suspicion.holds(line("字" * 40, layout="hk_astro"))


def test_where_half_of_the_texts_are_cut_the_long_ones_are_not_in_doubt() -> None:
    (suspicion,) = cut(report(10, [40] * 11 + [700, 800, 900, 1200, 2000, 650, 2000]), before())
    assert suspicion.holds(line("字" * 60))
    assert not suspicion.holds(line("字" * 1200))


@pytest.mark.parametrize("sizes", [[45, 50], [120, 60, 700], USUAL[:40], []])
def test_ordinary_short_stories_are_in_no_doubt(sizes: list[int]) -> None:
    assert cut(report(10, sizes), before()) == []


def test_the_doubt_reaches_back_to_the_first_run_of_the_fall() -> None:
    """Two stories an hour prove little; when they do, those of the hours before belong to them."""
    earlier, place = before(), 10
    while not (found := cut(report(place, [40, 60]), earlier)):
        earlier.append(report(place, [40, 60]))
        place += 1
    assert 11 < place < 16
    assert found[0].since == BEGIN + timedelta(hours=10)


def test_a_fall_that_lasts_does_not_become_usual() -> None:
    earlier = before()
    for place in range(10, 110):
        now = report(place, [40, 60, 90, 100, 70, 50, 45])
        (suspicion,) = cut(now, earlier)
        assert suspicion.below > 100
        earlier.append({**now, "doubted": {"sg_cards": 7}})
    assert cut(report(111, [700, 450, 650]), earlier) == []


def is_usual(sizes: list[int], *since: list[int]) -> bool:
    """After a fall and the runs since then."""
    fallen = report(10, [40] * 9, doubted={"sg_cards": 9})
    after = [report(11 + place, one) for place, one in enumerate(since)]
    return lengths.is_usual(History(report(20, sizes), [*before(), fallen, *after]), "sg_cards")


def test_only_enough_whole_texts_since_the_fall_take_a_doubt_away() -> None:
    assert is_usual([700, 800, 900, 600, 300])
    assert is_usual([700, 800], [900, 600], [], [300])
    assert not is_usual([700, 800, 900, 600])
    assert not is_usual([])
    assert not is_usual([150] * 9)
    assert not is_usual([700, 800], [40, 50], [45])
    assert not lengths.is_usual(History(report(10, USUAL), before(1)), "sg_cards")


def repeated(now: dict[str, Any], earlier: list[dict[str, Any]]) -> list[Finding]:
    return list(monitors.RepeatedMonitor.find(History(now, earlier)))


def described(now: dict[str, Any], refused: int, ids: set[str]) -> list[Suspicion]:
    suspects = Suspects()
    suspects.described |= ids
    return list(suspects.found(History(now, []), refused))


def beginless(now: dict[str, Any], earlier: list[dict[str, Any]], ids: set[str]) -> list[Suspicion]:
    suspects = Suspects()
    suspects.beginless |= ids
    return list(suspects.found(History(now, earlier), 0))


def late(now: dict[str, Any], earlier: list[dict[str, Any]], ids: set[str]) -> list[Suspicion]:
    suspects = Suspects()
    suspects.unprinted |= ids
    return list(suspects.late(History(now, earlier)))


def on_time(now: dict[str, Any], earlier: list[dict[str, Any]], layout: str) -> bool:
    return is_on_time(History(now, earlier), layout)


WORDS = "本栏由某某银行呈献，点击了解。"


def test_words_of_others_stay_foreign_in_the_runs_after_the_first() -> None:
    earlier = before()
    for place in range(10, 13):
        now = report(place, USUAL, repeated={WORDS: 9})
        (finding,) = repeated(now, earlier)
        assert finding.kind == "repeated"
        assert finding.suspicion
        assert finding.suspicion.holds(line(f"图集\n{WORDS}\n桥上的灯"))
        assert not finding.suspicion.holds(line("长" * 80 + f"\n{WORDS}"))
        assert not finding.suspicion.holds(line("短"))
        earlier.append(now)
    assert repeated(report(20, USUAL, repeated={WORDS: 9}), earlier[10:]) == []


def test_ends_of_lines_and_several_foreign_lines_are_looked_at_together() -> None:
    """An advert in two lines, or behind each paragraph, is one text of others."""
    found = {WORDS: 9, "扫码下载客户端，先看新闻": 9, "…（某某网版权所有）": 9}
    first, *others = repeated(report(10, USUAL, repeated=found), before())
    assert [finding.suspicion for finding in others] == [None, None]
    assert first.suspicion
    assert first.suspicion.holds(line(f"{'长' * 80}\n{WORDS}\n扫码下载客户端，先看新闻"))
    assert first.suspicion.holds(line("桥上的灯亮了又灭（某某网版权所有）\n图集"))
    assert not first.suspicion.holds(line("长" * 80 + f"\n{WORDS}"))


def test_texts_without_the_start_of_their_description_are_in_doubt() -> None:
    begun = {"sg_cards": 10}
    earlier = [{**one, "begun": begun} for one in before()]
    now = report(10, USUAL[:30], begun={"sg_cards": 4})
    (suspicion,) = beginless(now, earlier, {"20261101-1"})
    assert suspicion.holds(line("短"))
    assert not suspicion.holds({**line("短"), "id": "20261101-2"})
    assert beginless({**now, "begun": {"sg_cards": 29}}, earlier, {"20261101-1"}) == []


def test_words_that_only_several_small_runs_show_are_in_doubt_in_all_of_them() -> None:
    earlier = [*before(), *(report(place, [500, 600]) for place in range(10, 14))]
    (finding,) = repeated(report(14, [500, 600], repeated={WORDS: 6}), earlier)
    assert finding.suspicion
    assert finding.suspicion.since == BEGIN + timedelta(hours=11)


def test_a_brief_is_in_doubt_where_others_gave_only_their_description() -> None:
    now = report(10, [40])
    assert described(now, 0, {"20261101-1"}) == []
    assert described(now, 4, {"20261101-1"}) == []
    (suspicion,) = described(now, 5, {"20261101-1"})
    assert suspicion.holds(line("短"))
    assert not suspicion.holds(line("短", id="20261101-2"))


def lost(place: int, count: int, of: int) -> dict[str, Any]:
    return report(place, [500] * of, rung={"sg_cards/zone/lost": count})


def test_a_time_that_no_page_prints_is_in_doubt_when_the_printed_ones_contradict() -> None:
    ids = {"20261101-1"}
    assert late(lost(10, 1, 30), before(), ids) == []
    assert late(lost(10, 2, 2), before(), ids) == []
    assert late(lost(10, 29, 30), before(), set()) == []
    (suspicion,) = late(lost(10, 29, 30), before(), ids)
    assert suspicion.clock
    assert suspicion.holds(line("字" * 900))
    assert not suspicion.holds(line("字" * 900, layout="hk_astro"))
    few = [*before(), lost(10, 2, 2), lost(11, 1, 1)]
    assert [d.clock for d in late(lost(12, 2, 2), few, ids)] == [True]
    mended = [*few, lost(12, 0, 4)]
    assert late(lost(13, 0, 1), mended, ids) == []


def test_times_are_in_order_again_by_what_was_read_once_more() -> None:
    few = [*before(), lost(10, 29, 30)]
    assert not on_time(lost(11, 0, 2), few, "sg_cards")
    seen_again = {**report(11, []), "same": {"sg_cards": 30, "sg_cards/lost": 1}}
    assert on_time(seen_again, few, "sg_cards")
    assert not on_time({**seen_again, "same": {"sg_cards": 3}}, few, "sg_cards")
    assert not on_time({**seen_again, "same": {"sg_cards": 9, "sg_cards/lost": 9}}, few, "sg_cards")


def test_a_text_that_is_cut_in_every_third_story_is_seen() -> None:
    """A wall before some stories leaves the long ones as they are."""
    sizes = [n if place % 3 else 60 for place, n in enumerate(USUAL[:40])]
    (suspicion,) = cut(report(10, sizes), before())
    assert 150 < suspicion.below < 500
    assert cut(report(10, USUAL[:40]), before()) == []


def test_a_cut_at_a_length_that_many_whole_texts_have_is_seen() -> None:
    (suspicion,) = cut(report(10, [min(n, 300) for n in USUAL[:40]]), before())
    assert suspicion.below > 300

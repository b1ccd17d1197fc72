"""Markup that editors paste every week, in each layout and in the generic fallback: one reading."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from tests.support.pages import CRAWLED, URL, in_layouts, news
from zaobao import extract
from zaobao.items import Article

LAYOUTS = tuple(in_layouts(""))
FIRST = (
    "码头上的人都认得那只白色的水鸟，它每天同一个时刻落在同一根木桩上，谁也不看。",
    "老人说，它来了七年，从来没有迟到过；去年台风那几天它也在，只是把头埋得更深。",
    "孩子们给它起了名字，又都说自己起的才算数，争到后来谁也没有赢。",
    "港务局的人来数过三次，每次都在记录本里写下同样的一行字，然后把本子合上。",
    "记者在木桩旁边等了一个早上，鸟没有来，来的是修桥的船，船上的人说今天风大，明天也许会来。",
)
LAST = "它飞走的时候从不回头，第二天照样回来。"
PHOTO = "https://static.zaobao.com/s3fs-public/"
FRAME = '<iframe src="https://{}" title="{}" width="560" height="315"></iframe>'


@dataclass(frozen=True)
class Kind:
    """What must come of a body. lines: those of the text between FIRST and LAST.

    holds: what the post's HTML must hold; lacks: what it must not. removed: the rules.
    """

    name: str
    body: str
    lines: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


KINDS = (
    Kind(
        "rare inline elements",
        "<p>票数由<strike>九</strike>十一增至<output>十四</output>，<my-note>不含</my-note>弃权。</p>"
        "<p><st1:place w:st='on'>旧港</st1:place>与<meter value='1'>新港</meter><o:p></o:p>相距"
        "<nobr>三里</nobr>。</p><p>鸟名<ruby><rb>鹮</rb><rtc><rt>huán</rt></rtc></ruby>很少见。</p>",
        ("票数由十一增至十四，不含弃权。", "旧港与新港相距三里。", "鸟名鹮(huán)很少见。"),
        ("<s>九</s>", "<ruby>"),
        ("strike", "st1", "o:p"),
    ),
    Kind(
        "pictures in a line",
        "<p>他只回了一个<img class='emoji' src='https://cdn.example/1f926.svg' alt='🤦'>，又睡了。</p>"
        f"<p>船名“<img src='{PHOTO}c.png' alt='鿃' height='18'>号”。</p>"
        "<p>灯<img src='https://cdn.example/x.gif'>灭了。</p>"
        "<ol><li>上<img src='data:image/gif;base64,R0lG'>岸</li></ol>",
        ("他只回了一个🤦，又睡了。", "船名“鿃号”。", "灯灭了。", "1. 上岸"),
        ("<li>上岸</li>",),
        ("<figure>", "cdn.example"),
    ),
    Kind(
        "sentences like those that rules know",
        "<p>发布 / 转载这些照片的人，后来都收到了信。</p><p>更新 / 重建一座灯塔要花三年。</p>"
        "<p>新用户体验价是渔市里的新词。</p><p>他付了钱以继续阅读全文，发现只有三行。</p>",
        (
            "发布 / 转载这些照片的人，后来都收到了信。",
            "更新 / 重建一座灯塔要花三年。",
            "新用户体验价是渔市里的新词。",
            "他付了钱以继续阅读全文，发现只有三行。",
        ),
    ),
    Kind(
        "hidden",
        "<p style='Display:None'>校对用。</p><div hidden>旧稿。</div><p>灯<i class='sr-only'>（图）</i>"
        "亮了<span style='visibility:hidden'>吗</span>。</p><dialog>订阅</dialog>",
        ("灯亮了。",),
        (),
        ("校对", "旧稿", "图", "吗", "订阅"),
        ("hidden",) * 5,
    ),
    Kind(
        "embeds",
        "<p>看：</p>"
        + FRAME.format("player.bilibili.com/player.html?bvid=x", "")
        + FRAME.format("open.spotify.com/embed/episode/x", "一集")
        + FRAME.format("flo.uri.sh/visualisation/1/embed", "三年来的鸟")
        + "<blockquote class='twitter-tweet'><p>它又来了。</p></blockquote>",
        ("看：", "视频", "音频", "三年来的鸟", "它又来了。"),
        ("<blockquote>",),
        ("<iframe", "bilibili"),
    ),
    Kind(
        "numbers of lists",
        "<ol start='4'><li>甲项</li></ol><ol reversed type='i'><li>乙项</li><li value='9'>丙项</li></ol>"
        "<menu><li>丁项</li></menu>",
        ("4. 甲项", "ii. 乙项", "ix. 丙项", "丁项"),
        (
            '<ol start="4"><li>甲项</li></ol>',
            '<ol reversed="" type="i"><li>乙项</li><li value="9">丙项</li></ol>',
            "<ul><li>丁项</li></ul>",
        ),
    ),
    Kind(
        "tables",
        "<table><caption>潮位</caption><thead><tr><th scope='col'>日</th><th>米</th></tr></thead>"
        "<tr><td rowspan='2'>一</td><td>2.1</td></tr><tr></tr><tr><td>二</td><td>1.8</td></tr></table>",
        ("潮位", "日\t米", "一\t2.1", "二\t1.8"),
        (
            "<caption>潮位</caption>",
            '<th scope="col">日</th>',
            '<tr><td rowspan="2">一</td><td>2.1</td></tr><tr></tr><tr><td>二</td>',
        ),
    ),
    Kind(
        "two captions of one picture",
        f"<figure><img src='{PHOTO}b.jpg'><figcaption>清早的木桩。</figcaption></figure><p>中间。</p>"
        f"<figure><img src='{PHOTO}b.jpg'><figcaption>圈里的是鸟。</figcaption></figure>",
        ("中间。",),
        ("清早的木桩。", "圈里的是鸟。"),
    ),
    Kind(
        "powers, quotations and corrections",
        "<p>光走了3×10<sup>5</sup>公里，误差10<sup>−2</sup>；她说<q>不远</q>，又把<del>三</del><ins>四</ins>写上。</p>"
        "<p>CO<sub>2</sub>与a<sup>甲</sup></p>",
        ("光走了3×10⁵公里，误差10⁻²；她说“不远”，又把四写上。", "CO₂与a^甲"),
        ("10<sup>5</sup>", "<q>不远</q>", "<del>三</del><ins>四</ins>"),
    ),
    Kind(
        "number signs",
        "<p>## 第七年</p><h3>#水鸟回来了#</h3><p># 它又来了</p><p>###</p><ul><li># 甲项</li></ul>"
        "<p>话题“#谁看见了水鸟#”有三万人读过。</p>",
        (
            "## 第七年",
            "#水鸟回来了#",
            "# 它又来了",
            "###",
            "# 甲项",
            "话题“#谁看见了水鸟#”有三万人读过。",
        ),
        ("<p>## 第七年</p>", "<h3>#水鸟回来了#</h3>", "<li># 甲项</li>"),
    ),
    Kind(
        "formulas",
        "<p>潮高<math><mi>x</mi><mo>=</mo><mn>5</mn></math>米，误差"
        "<math><msup><mn>10</mn><mn>-3</mn></msup></math>。</p>",
        ("潮高x=5米，误差10⁻³。",),
        ("10<sup>-3</sup>",),
        ("<math",),
    ),
    Kind(
        "pictures that are no img",
        f"<figure style='background-image:url({PHOTO}b.jpg)'><figcaption>清早的木桩。</figcaption></figure>"
        f"<figure><svg><image href='{PHOTO}c.jpg'/></svg><figcaption>圈里的是鸟。</figcaption></figure>",
        (),
        (f"{PHOTO}b.jpg", f"{PHOTO}c.jpg", "清早的木桩。", "圈里的是鸟。"),
        ("<svg",),
        ("drawing",),
    ),
    Kind(
        "a link that is never closed",
        "<div><a href='https://newspost.newslink.sg/x'>购买此文章</div><p>船停了。</p><p>人散了。</p>",
        ("船停了。", "人散了。"),
        (),
        ("newslink", "购买"),
        ("buy-article",),
    ),
    Kind(
        "numbers of items that are empty or hold other lists",
        f"<ol><li>甲</li><li><img src='{PHOTO}b.jpg'></li><li>丙</li></ol>"
        "<ol><li>丁</li><ol type='a'><li>戊</li></ol><li>己</li></ol>"
        "<ol><div><li>癸</li></div><a href='https://example.org'><li>子</li></a></ol>"
        "<ol reversed><li>庚</li><li></li><li>辛</li></ol><ol start=' 4.5'><li>壬</li></ol>",
        ("1. 甲", "3. 丙", "1. 丁", "a. 戊", "2. 己", "1. 癸", "2. 子", "3. 庚", "1. 辛", "4. 壬"),
        (
            '<ol><li>甲</li><li value="3">丙</li></ol>',
            '<ol><li><p>丁</p><ol type="a"><li>戊</li></ol></li><li>己</li></ol>',
            '<ol reversed=""><li value="3">庚</li><li value="1">辛</li></ol>',
        ),
    ),
    Kind(
        "numbers that a style shows or hides",
        "<ol style='list-style:none'><li>① 甲</li></ol><ul style='list-style-type:decimal'><li>乙</li></ul>"
        "<ol><li style='list-style-type:lower-alpha'>丙</li></ol><ol style='list-style:disc inside'><li>丁</li></ol>"
        "<ol style='list-style-position:inside'><li>戊</li></ol><ol style='list-style:inherit'><li>己</li></ol>",
        ("① 甲", "1. 乙", "a. 丙", "丁", "1. 戊", "1. 己"),
        ("<ul><li>① 甲</li></ul>", "<ol><li>乙</li></ol>", '<ol type="a"><li>丙</li></ol>'),
    ),
    Kind(
        "spans that end with their group",
        "<table><thead><tr><th rowspan='3'>日</th><th colspan=' 2px'>潮</th></tr></thead>"
        "<tbody><tr><td>一</td><td>2.1</td><td>高</td></tr>"
        "<tr><td rowspan='70000'>二</td><td>1.8</td><td>低</td></tr></tbody>"
        "<tbody><tr><td>三</td><td rowspan='0'>1.9</td><td>平</td></tr><tr><td>四</td><td>平</td></tr></tbody></table>",
        ("日\t潮", "一\t2.1\t高", "二\t1.8\t低", "三\t1.9\t平", "四\t\t平"),
        ('<th>日</th><th colspan="2">潮</th>', "<td>二</td>", '<td rowspan="2">1.9</td>'),
    ),
    Kind(
        "a story in a table of one column",
        "<table><tr><td><p>潮来了。</p><p>潮走了。</p></td></tr><tr><td>鸟没有走。</td></tr></table>",
        ("潮来了。", "潮走了。", "鸟没有走。"),
    ),
    Kind(
        "a gallery as a list",
        f"<ul><li><img src='{PHOTO}b.jpg'><p>左边是桩。</p></li><li><img src='{PHOTO}c.jpg'><p>右边是鸟。</p></li></ul>",
        ("左边是桩。", "右边是鸟。"),
        ("</figure><p>左边是桩。</p><figure>", "</figure><p>右边是鸟。</p>"),
    ),
    Kind(
        "links and marks around blocks",
        "<a href='https://example.org/x'><ul><li>甲</li></ul><blockquote>乙</blockquote></a>"
        "<a href='https://example.org/y'><table><tr><td>丙</td></tr></table></a>"
        "<del><ul><li>丁</li></ul></del><p>戊</p>",
        ("甲", "乙", "丙", "戊"),
        (
            '<li><a href="https://example.org/x" rel="noopener nofollow">甲</a></li>',
            '<blockquote><a href="https://example.org/x" rel="noopener nofollow">乙</a></blockquote>',
            '<td><a href="https://example.org/y" rel="noopener nofollow">丙</a></td>',
            "<li><del>丁</del></li>",
        ),
    ),
    Kind(
        "styles that strike out, raise and lower",
        "<p style='text-decoration:line-through'>作废的一行。</p><p>价<b style='text-decoration: underline line-through'>九</b>八元。</p>"
        "<ul><li style='text-decoration:line-through'>旧</li><li>新</li></ul>"
        "<p>10<em style='vertical-align:super'>8</em>与H<a href='https://example.org/z' style='vertical-align:sub'>2</a>O。</p>"
        "<p><sup style='vertical-align:super'>9</sup>号</p><p style='vertical-align:super'>平</p>",
        ("价八元。", "新", "10⁸与H₂O。", "⁹号", "平"),
        (
            "<p><s>作废的一行。</s></p>",
            "价<s><b>九</b></s>八元。",
            "<li><s>旧</s></li>",
            "<sup>9</sup>号",
        ),
    ),
    Kind(
        "powers of powers, and readings with and without brackets",
        "<p>2<sup>2<sup>3</sup></sup>与x<sub>i<sub>1</sub></sub></p>"
        "<p><ruby>鹮<rp>（</rp><rt>huán</rt><rp>）</rp></ruby>与<ruby>鸻<rt>héng</rt></ruby>，<ruby>渡口<rtc>ferry</rtc></ruby></p>",
        ("2^2³与x_i₁", "鹮（huán）与鸻(héng)，渡口(ferry)"),
        ("2<sup>2<sup>3</sup></sup>", "渡口<rt>ferry</rt>"),
    ),
    Kind(
        "line feeds that a style keeps",
        "<blockquote style='white-space:pre-line'>一只鸟\n一根桩</blockquote><ul><li style='white-space:pre'>潮来\n潮走</li></ul>"
        "<table><tr><td style='white-space:pre-wrap'>风起\n风停</td></tr></table><p>说：<span style='white-space:pre-wrap'>船来\n船走</span></p>"
        "<div style='white-space:pre-line'><p style='white-space:normal'>不断\n的行</p></div><p style='white-space:nowrap'>也不\n断</p>",
        (
            "一只鸟",
            "一根桩",
            "潮来",
            "潮走",
            "风起",
            "风停",
            "说：船来",
            "船走",
            "不断 的行",
            "也不 断",
        ),
        (
            "<blockquote>一只鸟<br>一根桩</blockquote>",
            "<li>潮来<br>潮走</li>",
            "<td>风起<br>风停</td>",
        ),
    ),
    Kind(
        "what a style makes of an element",
        "<p>甲<span style='display:flow-root'>乙</span>丙</p><p>丁<span style='display:block;display:inline'>戊</span>己</p>"
        "<p>庚<span style='/* display:block */color:red'>辛</span></p><p>壬<span style='display:block;display:blok'>癸</span></p>"
        "<p>子<my-row style='display:table'>丑</my-row></p><p>寅<span style='display:inline!important;display:block'>卯</span></p>",
        ("甲", "乙", "丙", "丁戊己", "庚辛", "壬", "癸", "子", "丑", "寅卯"),
    ),
    Kind(
        "clear, of no size, clipped or off the screen",
        "<p>灯<i style='opacity:0'>一</i><i style='font-size:0'>二</i><i style='position:absolute;left:-9999px'>三</i>"
        "<i style='position:absolute;clip:rect(0 0 0 0)'>四</i><i style='content-visibility:hidden'>五</i>亮着。</p>"
        "<div style='height:0;overflow:hidden'>六</div><p style='text-indent:-9999px'>七</p>"
        "<section style='font-size:0'><section style='font-size:16px'>字还在。</section></section>"
        "<p style='opacity:.5'>淡也看得见。</p><p class='wow' style='opacity:0'>慢慢出现。</p>"
        "<div style='font-size:0'><p class='text'>字号在别处。</p></div>",
        ("灯亮着。", "字还在。", "淡也看得见。", "慢慢出现。", "字号在别处。"),
        removed=("hidden",) * 7,
    ),
    Kind(
        "other names and the last word of a style",
        "<p>灯<i class='show-for-sr'>一</i><i class='cdk-visually-hidden'>二</i><i class='is-sr-only'>三</i>"
        "<i class='sr-only focus:not-sr-only'>四</i><i class='d-none d-print-block'>五</i>亮着。</p>"
        "<p style='display:block;display:none'>六</p><p style='display:none!important;display:block'>七</p>"
        "<p style='display:none;display:blok'>八</p><p style='display:none;display:block'>看得见。</p>"
        "<div style='visibility:hidden'><p>九</p><p style='Visibility: Visible'>露出来的。</p></div>"
        "<p class='hidden sm:block'>宽屏上有。</p>",
        ("灯亮着。", "看得见。", "露出来的。", "宽屏上有。"),
        removed=("hidden",) * 9,
    ),
    Kind(
        "frames that wait for a script, objects and placeholders",
        "<iframe src='about:blank' data-src='https://www.youtube.com/embed/x'></iframe><p>一</p>"
        "<object><param name='movie' value='https://www.youtube.com/v/x'><embed src='https://www.youtube.com/v/x'></object><p>二</p>"
        "<figure class='media'><oembed url='https://www.youtube.com/watch?v=x'></oembed></figure><p>三</p>"
        "<div class='tableauPlaceholder'><object class='tableauViz' style='display:none'></object></div><p>四</p>"
        "<div class='audio-player' data-src='https://media.example/a.mp3'></div><p>五</p>"
        "<section><noscript><iframe src='https://player.example/video/1'></iframe></noscript></section><p>六</p>"
        "<div class='quiz-embed' data-id='7'></div><span class='player-name'></span><div class='chart-title'></div>",
        (
            "视频",
            "一",
            "视频",
            "二",
            "视频",
            "三",
            "图表",
            "四",
            "音频",
            "五",
            "视频",
            "六",
            "互动内容",
        ),
    ),
    Kind(
        "quoted posts with a video",
        "<blockquote class='tiktok-embed' data-video-id='1'><section><a href='https://www.tiktok.com/@a'>@a</a><p>鸟来了</p></section></blockquote>"
        "<div class='fb-video' data-href='https://www.facebook.com/x'><blockquote><p>桩还在。</p></blockquote></div>",
        ("视频", "@a", "鸟来了", "视频", "桩还在。"),
        ("<blockquote>",),
    ),
    Kind(
        "frames that are buttons, adverts or not shown",
        FRAME.format("www.facebook.com/plugins/like.php?href=x", "")
        + FRAME.format("platform.twitter.com/widgets/tweet_button.html", "")
        + FRAME.format("www.google.com/recaptcha/api2/anchor", "reCAPTCHA")
        + FRAME.format("u.openx.net/x", "")
        + "<iframe src='https://player.example/video/1' style='width:0;height:0'></iframe>"
        "<noscript><iframe src='https://www.googletagmanager.com/ns.html' height='0'></iframe></noscript>",
        (),
        (),
        ("<a",),
        ("button-frame",) * 3 + ("ad-frame", "frame", "script"),
    ),
    Kind(
        "pictures of AMP, of objects, with an editor's title, and of one pixel",
        f"<amp-img src='{PHOTO}b.jpg' width='900' height='600'></amp-img><p>一</p>"
        f"<object data='{PHOTO}c.jpg' type='image/jpeg'></object><p>二</p>"
        f"<img src='{PHOTO}d.jpg' title='IMG_2043.jpg'><img src='{PHOTO}e.jpg' data-caption='木桩<b>三</b>号'>"
        f"<p>点<img src='{PHOTO}f.gif' style='width:1px;height:1px'>滴</p>",
        ("一", "二", "点滴"),
        (f"{PHOTO}b.jpg", f"{PHOTO}c.jpg", f"{PHOTO}d.jpg", "<figcaption>木桩三号</figcaption>"),
        ("IMG_2043", "f.gif", "<amp-img"),
    ),
    Kind(
        "addresses with backslashes and without a host",
        "<p><a href='https:\\\\example.org\\a?b\\c'>甲</a><a href='\\news\\x'>乙</a><a href='https://'>丙</a></p>",
        ("甲乙丙",),
        ('"https://example.org/a?b%5Cc"', '"https://www.zaobao.com/news/x"', "乙</a>丙</p>"),
    ),
    Kind(
        "words of a button, of keywords and of further reading",
        "<p>他按下<button>开始</button>键，船就走了。</p><div class='keywords'><p>三个词：水、船、人。</p></div>"
        "<div class='further-reading'><p>他读完报纸，还要读一遍航道志。</p></div>"
        "<blockquote><p>桩还在。</p><footer>老人的话</footer></blockquote>",
        (
            "他按下开始键，船就走了。",
            "三个词：水、船、人。",
            "他读完报纸，还要读一遍航道志。",
            "桩还在。",
            "老人的话",
        ),
    ),
    Kind(
        "datelines and lists of links in other elements",
        "<div><span>发布 / </span><span>2026年11月20日 9:12 AM</span></div><section>更新：2026年11月20日 10:12</section>"
        "<h3>延伸阅读：</h3><p>·<a href='/news/china/story20261101-9'>渡口开船一百年</a></p>"
        "<p>2. <a href='/news/china/story20261101-8'>渡口又开船</a></p><p>更新于2026年11月20日，牌子上这样写。</p>"
        "<h3>更新：2026年11月19日</h3><p>那天没有船。</p>",
        ("更新于2026年11月20日，牌子上这样写。", "更新：2026年11月19日", "那天没有船。"),
        (),
        ("发布", "延伸", "渡口"),
        ("time-line", "update-line", "reading-list", "reading-list", "reading-list"),
    ),
    Kind(
        "places that a script fills",
        "<script async src='https://telegram.org/js/telegram-widget.js?22' data-telegram-post='a/6'></script><p>一</p>"
        "<script id='infogram_0_a-b' title='三年来的鸟' src='https://e.infogram.com/js/dist/embed.js'></script><p>二</p>"
        "<script src='https://cdn.jwplayer.com/players/a-b.js'></script><p>三</p>"
        "<div class='apester-media' data-media-id='5'></div><p>四</p><div data-tf-live='01'></div><p>五</p>"
        "<div id='g-1' data-pym-src='https://apps.example/x/' data-title='潮位'></div><p>六</p>"
        "<a data-pin-do='embedPin' href='https://www.pinterest.com/pin/9/'></a><p>七</p>"
        "<div id='rumble_v1'></div><p>八</p><div class='leaflet-container'></div><p>九</p>"
        "<section><mpvideosnap class='channels_iframe' data-nickname='鸟'></mpvideosnap></section><p>十</p>"
        "<opta-widget sport='football' match='1'></opta-widget><p>十一</p>"
        "<script src='/js/app.js' title='x'></script><div class='apester-media'>鸟</div>",
        (
            *(
                "帖文",
                "一",
                "三年来的鸟",
                "二",
                "视频",
                "三",
                "互动内容",
                "四",
                "互动内容",
                "五",
                "潮位",
            ),
            *(
                "六",
                "帖文",
                "七",
                "视频",
                "八",
                "地图",
                "九",
                "视频",
                "十",
                "互动内容",
                "十一",
                "鸟",
            ),
        ),
    ),
    Kind(
        "pictures of videos, and carousels",
        "<a href='https://www.youtube.com/watch?v=x'><img src='https://i.ytimg.com/vi/x/0.jpg'></a><p>一</p>"
        "<div class='youtube' data-embed='x'><img src='https://i.ytimg.com/vi/x/0.jpg'><button></button></div><p>二</p>"
        "<div class='icon youtube' data-tooltip='YouTube'></div>"
        f"<p><a href='https://youtu.be/x'><img src='{PHOTO}b.jpg'></a></p>"
        "<p><a href='https://www.youtube.com/@a'><img src='https://cdn.example/yt.png'></a></p>"
        "<p><a href='https://youtu.be/x'>三<img src='https://cdn.example/yt.png'></a></p>"
        "<iframe data-lazy='https://www.youtube.com/embed/x'></iframe><p>四</p>"
        f"<div><div class='slick-slide slick-cloned'><p>{LAST * 3}</p></div><div class='slick-slide'><p>{LAST * 3}</p></div></div>",
        ("视频", "一", "视频", "二", "三", "视频", "四", LAST * 3),
        (f"{PHOTO}b.jpg",),
        ("ytimg",),
        ("hidden",),
    ),
    Kind(
        "one for wide and one for narrow screens",
        "<div class='hidden md:block'><table><tr><td>大桩</td><td>三百</td></tr></table></div>"
        f"<div class='md:hidden'><p>大桩三百。{FIRST[4]}</p></div>"
        "<p class='d-block d-lg-none'>小桩两百。</p><p class='d-none d-lg-block'>小桩二百。</p>"
        f"<img class='hidden-xs d-none d-sm-block' src='{PHOTO}b.jpg'><img class='visible-xs' src='{PHOTO}c.jpg'>"
        "<p class='md:hidden'>窄屏上才有。</p><p class='hidden md:block'></p><p>无名桩。</p><p class='lg:hidden'>一百。</p>",
        ("大桩\t三百", "小桩二百。", "无名桩。", "一百。"),
        (f"{PHOTO}b.jpg",),
        (f"{PHOTO}c.jpg",),
        ("hidden",) * 4,
    ),
    Kind(
        "letters whose case a style changes",
        "<p style='text-transform:uppercase'>nato与<span style='Text-Transform: none'>who</span></p>"
        "<ul><li style='text-transform:uppercase'>a<b>b</b></li><li>c</li></ul>"
        "<blockquote style='text-transform:lowercase'>D<i>E</i></blockquote>",
        ("NATO与who", "AB", "c", "de"),
    ),
    Kind(
        "words in a box that is named after a player",
        "<div class='brightcove-box'><video src='/a.mp4'><p>您的浏览器不能播放视频。</p></video><p>鸟回来的那一天。</p></div>"
        "<div class='brightcove-note'><p>片子是港务局拍的。</p></div>"
        "<div class='brightcove-container'>视频加载中</div><p>一</p>"
        "<div class='video-js' data-video-id='1'><p>请开启脚本。</p></div>",
        ("视频", "鸟回来的那一天。", "片子是港务局拍的。", "视频", "一", "视频"),
    ),
    Kind(
        "charts that are drawn",
        "<div class='chart' id='c'><svg width='600' height='200' aria-label='三年来的鸟'><text>一月</text></svg></div>"
        "<p>一</p><svg viewBox='0 0 640 400'><title>潮位</title><text>二月</text></svg><p>二</p>"
        "<svg width='600' height='200'><text>三月</text></svg><p>三</p>"
        "<svg width='100%' height='300'><text>五月</text></svg><p>四</p>"
        "<svg width='24' height='24'><text>新</text></svg><svg viewBox='0 0 640 400'><path d='M0 0'/></svg>"
        f"<svg viewBox='0 0 640 400'><image href='{PHOTO}c.jpg'/><text>四月</text></svg>",
        ("三年来的鸟", "一", "潮位", "二", "图表", "三", "图表", "四"),
        (f"{PHOTO}c.jpg",),
        ("一月", "<svg"),
        ("drawing",) * 3,
    ),
    Kind(
        "frames that wait for consent, and wide ones of no width",
        "<iframe data-cookieblock-src='https://www.youtube.com/embed/x'></iframe><p>一</p>"
        "<iframe src='about:blank' data-suppressedsrc='https://dwcdn.net/x/' title='潮位'></iframe><p>二</p>"
        "<iframe src='https://forms.example/x' style='width: 1px; min-width: 100%' height='500'></iframe><p>三</p>"
        "<iframe data-cookieblock-src='https://securepubads.g.doubleclick.net/x'></iframe>"
        "<iframe src='about:blank' data-src-ready='true' srcdoc=''></iframe>"
        "<iframe src='https://t.example/x' style='width:0;height:0;min-width:0'></iframe>",
        ("视频", "一", "潮位", "二", "互动内容", "三"),
        removed=("frame",) * 3,
    ),
    Kind(
        "styles that take back what an element means",
        "<b style='font-weight:normal' id='docs-internal-guid-1'><p>鸟来了。</p><p>鸟又走了。</p></b>"
        "<p>价<s style='text-decoration:none'>九</s>元，<DEL style='TEXT-DECORATION-LINE: NONE'>三</DEL>只，"
        "<em style='font-style:normal'>两</em>根<strong style='font-weight:400'>桩</strong>。</p>"
        "<p><b style='font-weight:700'>一</b><u style='font-style:normal'>二</u><s style='color:red'>三</s></p>"
        "<blockquote><b style='font-weight:normal'>桩还在。</b></blockquote>",
        ("鸟来了。", "鸟又走了。", "价九元，三只，两根桩。", "一二", "桩还在。"),
        (
            "<p>鸟来了。</p><p>鸟又走了。</p><p>价九元，三只，两根桩。</p>",
            "<p><b>一</b><u>二</u><s>三</s></p><blockquote>桩还在。</blockquote>",
        ),
    ),
    Kind(
        "small pictures beside their word, and faces with a name",
        f"<table><tr><td><img src='{PHOTO}cn.png' alt='中国' width='24'> 中国</td><td>"
        f"<img src='{PHOTO}jp.png' alt='日本' width='24'></td></tr></table>"
        "<ul><li><img src='https://cdn.example/p.png' alt='渔民党' width='32'><b>渔民党</b>：三席</li>"
        f"<li><a href='https://example.org/x'>海岸党</a> <img src='{PHOTO}h.png' alt='海岸党' width='32'></li></ul>"
        "<p>她回：<img src='https://cdn.example/e.gif' alt='[捂脸]'>，再回<img class='emoji' src='x.png' alt='🙏'>🙏。</p>"
        "<p><img src='https://cdn.example/big.gif' alt='[大图]' width='300'>鸟。</p>",
        ("中国\t日本", "渔民党：三席", "海岸党", "她回：[捂脸]，再回🙏🙏。", "鸟。"),
        (),
        ("[大图]",),
    ),
    Kind(
        "headings that open and close a part",
        "<h3><button aria-expanded='true'><span>木桩</span></button></h3><p>三百根。</p>"
        "<dl><dt><button>谁来数</button></dt><dd>港务局。</dd></dl>"
        "<div role='heading'><button>灯</button></div><h3>潮水<button>分享</button></h3><p>两次。</p><p><button>收起</button></p>"
        "<h3><button>订阅早报</button></h3><p>一天。</p>"
        "<table><tr><th><button class='sort'>桩号</button></th><th><button>米</button></th></tr>"
        "<tr><td>甲</td><td>2.1<button>查</button></td></tr></table>"
        "<section><header><h3>谁来修</h3></header><p>船上的人。</p></section>",
        (
            "木桩",
            "三百根。",
            "谁来数",
            "港务局。",
            "灯",
            "潮水",
            "两次。",
            "一天。",
            "桩号\t米",
            "甲\t2.1",
            "谁来修",
            "船上的人。",
        ),
        ("<h3>木桩</h3>", "<dt>谁来数</dt>", "<h3>潮水</h3>", "<th>桩号</th>", "<h3>谁来修</h3>"),
        (),
        ("form",) * 3,
    ),
    Kind(
        "asides that tell something without a sentence",
        f"<aside><figure><img src='{PHOTO}b.jpg'><figcaption>清早的木桩。（早报）</figcaption></figure></aside>"
        "<aside class='pullquote'><blockquote>桩还在那里<cite>林小满</cite></blockquote></aside>"
        "<aside><table><tr><td>大桩</td><td>三百多根</td></tr></table></aside>"
        "<aside><p>（作者是港务局退休的测量员）</p></aside>"
        "<aside><table><tr><td><a href='/news/china/story20261101-9'>渡口开船一百年</a></td></tr></table></aside>"
        "<aside><blockquote>订阅早报电邮，每日送到</blockquote></aside>"
        f"<aside><a href='https://shop.example'><img src='{PHOTO}c.jpg'></a><figcaption>读者专享优惠</figcaption></aside>"
        "<aside>（广告）</aside><footer><p>© 2026 新报业媒体</p><p>不得转载本网内容</p></footer>",
        ("桩还在那里林小满", "大桩\t三百多根", "（作者是港务局退休的测量员）"),
        ("清早的木桩。（早报）",),
        ("渡口", "电邮", "优惠", "©"),
        ("aside",) * 4,
    ),
    Kind(
        "a form around sentences",
        "<form method='post'><input type='hidden' name='__VIEWSTATE' value='x'><p>潮来了，船还没有走。</p></form>"
        "<form><p>你见过木桩吗？</p><input name='n'></form>",
        ("潮来了，船还没有走。",),
        (),
        ("见过",),
        ("form",) * 2,
    ),
    Kind(
        "symbols that are raised",
        "<p>水温25<sup>°</sup>C，灯<sup>®</sup>、桩<sup>™</sup>与鸟<sup>*</sup>，10<sup>−</sup>，注<sup>[1]</sup>。</p>",
        ("水温25°C，灯®、桩™与鸟*，10⁻，注^[1]。",),
        ("25<sup>°</sup>C",),
    ),
    Kind(
        "lines of a poem",
        "<pre>一只鸟\n一根木桩</pre>",
        ("一只鸟", "一根木桩"),
        ("一只鸟<br>一根木桩",),
        ("<pre",),
    ),
)

TITLES = {
    "联合早报—鸟类调查：七成木桩有主": "联合早报—鸟类调查：七成木桩有主",
    "早报 | 今晨：鸟来了": "早报 | 今晨：鸟来了",
    "鸟来了&#12288;&ldquo;第七年&rdquo;": "鸟来了　“第七年”",
    "水鸟<br>木桩": "水鸟 木桩",
    "CO<sub>2</sub>与水鸟": "CO2与水鸟",
    "#水鸟回来了#引三万人热议": "#水鸟回来了#引三万人热议",
    "老人说<q>它不走</q>": "老人说“它不走”",
}
"""A headline as HTML, and as it must be read."""


def read(layout: str, body: str, headline: str = "水鸟", scripts: str | None = None) -> Article:
    story = f"<p>{'</p><p>'.join(FIRST)}</p>{body}<p>{LAST}</p>"
    page = in_layouts(story, headline=headline, scripts=scripts)[layout]
    article = extract(page, URL, crawled=CRAWLED)
    assert article.layout == layout
    assert article.access == ("unknown" if layout == "generic" else "free"), article.access_reason
    lines = article.text.split("\n")
    assert tuple(lines[: len(FIRST)]) == FIRST
    assert lines[-1] == LAST
    return article


def check(article: Article, kind: Kind) -> None:
    told = article.text.split("\n")[len(FIRST) : -1]
    assert not kind.lines or tuple(told) == kind.lines
    assert [part for part in kind.holds if part not in article.body_html] == []
    assert [part for part in kind.lacks if part in article.body_html] == []
    rules = [one.rule for one in article.removed]
    assert [rule for rule in kind.removed if rules.count(rule) < kind.removed.count(rule)] == []


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_body_is_read_alike_in_every_layout(kind: Kind, layout: str) -> None:
    check(read(layout, kind.body), kind)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("headline", TITLES)
def test_a_headline_is_read_alike_in_every_layout(headline: str, layout: str) -> None:
    assert read(layout, "", headline).title == TITLES[headline]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "script",
    [
        json.dumps(news(**{"@type": "BlogPosting"})),
        json.dumps(news(**{"@type": ["LiveBlogPosting", "WebPage"]})),
        json.dumps(news())[:-1] + ",}",
        json.dumps(news()).replace('"', "&quot;"),
        json.dumps(news()) + json.dumps({"@type": "WebSite"}),
        json.dumps(news(headline="水“鸟")).replace("\\u201c", '"'),
    ],
)
def test_a_damaged_script_gives_the_time_in_every_layout(script: str, layout: str) -> None:
    article = read(layout, "", scripts=f'<script type="application/ld+json">{script}</script>')
    assert article.published is not None
    assert article.published.isoformat() == "2026-11-20T10:00:00+08:00"


@pytest.mark.parametrize("layout", [layout for layout in LAYOUTS if layout != "generic"])
def test_a_story_of_one_embed_is_a_story_in_every_layout(layout: str) -> None:
    page = in_layouts(FRAME.format("www.facebook.com/plugins/video.php?href=y", "现场"))[layout]
    article = extract(page, URL, crawled=CRAWLED)
    assert (article.text, article.access) == ("视频", "free")
    assert f'<a href="{article.url}"' in article.body_html


@pytest.mark.parametrize("layout", [layout for layout in LAYOUTS if layout != "generic"])
def test_a_story_that_goes_on_says_so_in_every_layout(layout: str) -> None:
    pager = '<ul class="pager"><li>1</li><li><a href="?page=1">2</a></li>'
    pager += '<li><a rel="next" href="?page=1">下一页 ›</a></li></ul>'
    body = f"<p>{'</p><p>'.join(FIRST)}</p>{pager}"
    article = extract(in_layouts(body)[layout], URL, crawled=CRAWLED)
    assert article.access == "truncated"
    assert tuple(article.text.split("\n")) == FIRST


@pytest.mark.parametrize("layout", [layout for layout in LAYOUTS if layout != "generic"])
@pytest.mark.parametrize(
    ("line", "access"),
    [
        ("他说，他付了钱，成为订户，才看到全文。", "free"),
        ("她最后说：“我订阅了报纸，却没空读全文。”", "free"),
        ("“请登录后继续阅读全文。”屏幕上只有这一句。", "free"),
        ("要读全文，就要注册，他不肯。", "free"),
        ("店里的牌子写着“会员专享”", "free"),
        ("以下内容仅限会员阅读", "unknown"),
        ("本文为订户专享，请登录", "unknown"),
        ("阅读其他全文，请先注册", "unknown"),
        ("此文章为早报订户专享内容，请登录阅读。", "paywalled"),
    ],
)
def test_a_last_line_asks_the_reader_or_tells_of_somebody(
    line: str, access: str, layout: str
) -> None:
    page = in_layouts(f"<p>{'</p><p>'.join(FIRST)}</p><p>{line}</p>")[layout]
    article = extract(page, URL, crawled=CRAWLED)
    assert article.access == access
    assert (line in article.text) == (access != "paywalled")

"""Sanitise: only markup of an allow-list leaves here. This is the one maker of SafeHtml and CleanArticle.

Run last before composing, and again over what a translation engine gave. `inert` is the very last step of
all: it takes from safe markup what WordPress, not a browser, would execute on display.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html import escape, unescape
from urllib.parse import urlsplit

import lxml.html
import nh3
from lxml import etree

from bot.characters import UNSEEN, legible, shortened, unbroken, without_shortcodes
from bot.errors import ItemUnusable
from bot.model import Article, CleanArticle, Picture, SafeHtml

_EVERYWHERE = {"lang", "dir", "title", "translate"}
_ATTRIBUTES = {
    "*": _EVERYWHERE,
    "a": {"href", "hreflang"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "reversed", "type"},
    "li": {"value"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "col": {"span"},
    "colgroup": {"span"},
    "time": {"datetime"},
    "del": {"datetime"},
    "ins": {"datetime"},
    "details": {"open"},
}
_TAGS = (
    "a abbr b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure "
    "h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small span strong sub summary sup "
    "table tbody td tfoot th thead time tr u ul var wbr"
)
# What goes together with its content: code, frames, drawings, and the parts of forms that hold no article text.
_DROPPED = (
    "script style template noscript iframe frame frameset noframes object embed applet svg math audio video canvas "
    "textarea select option button title xmp plaintext listing noembed"
)
_CLEANER = nh3.Cleaner(
    tags=set(_TAGS.split()),
    clean_content_tags=set(_DROPPED.split()),
    attributes=_ATTRIBUTES,
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",  # on the owner's site it would lead somewhere else than the author meant
    link_rel="noopener",
    strip_comments=True,  # `<!-- wp:... -->`, `<!--more-->`, `<!--nextpage-->` are commands to WordPress
)

_TITLE_CHARS, _NAMES_CHARS, _TEXT_CHARS = (
    500,
    200,
    1000,
)  # of a headline; of authors and terms; of a lead, a caption
_FIRST_LINES = re.compile(
    r"(<pre[^>]*>)\n+"
)  # a parser drops the first, and so each round would drop one more
_ROUNDS = 5
# A desert of blanks takes the cleaner seconds, and shows a reader nothing. Each run of blanks is counted once, from its
# beginning.
_DESERT = re.compile(
    r"(?=[\s&][\s&n#])(?<!\s)(?<!&nbsp;)(?<!&#160;)((?:\s|&nbsp;|&#160;){64})(?:\s|&nbsp;|&#160;)++"
)
# Browsers' parsers take time by the square of the depth; no article needs more markup than this unasked.
_MANY_TAGS, _DEEPEST = 5_000, 256

_TAG_NAME = re.compile(r"<(/?)([a-z]\w*)")
_VOID = frozenset({"br", "col", "hr", "img", "wbr"})
_NO_SOURCE = re.compile(r"<img(?![^>]* src=)[^>]*>")

_TAG = re.compile(r"(<[^>]*>)")  # enough for SafeHtml: in its attributes `<` and `>` are escaped
_NAME = re.compile(r"</?(\w*)")
_SPACES = re.compile(r"[ \t\r\n\f\v\x85\u2028\u2029]+")
_LINE_END = re.compile(r"\r\n?")  # XML turns each into a newline on its way (XML 1.0, 2.11)
_WORDS_OF_TAG = re.compile(r'\s(?:alt|title)="[^"]*"')
_LONE_ADDRESS = re.compile(
    r"^([ \t\f\v]*)(https?)://([^\s<>\"]+)([ \t\f\v]*)$", re.IGNORECASE | re.MULTILINE | re.ASCII
)
_AS_TEXT = r"\1\2&#58;//\3\4"


def sanitise(html: str) -> SafeHtml:
    """Reduce markup to the allow-list; idempotent, whatever comes in.

    Links and pictures keep http, https and mailto addresses; relative ones are dropped, for they were resolved
    before. Characters that XML 1.0 forbids are removed: XML-RPC could not carry them.
    """
    html = _DESERT.sub(r"\1", legible(html))
    if html.count("<") > _MANY_TAGS and _depth(html) > _DEEPEST:
        html = _shallow(html)
    for _ in range(_ROUNDS):
        before, html = html, _sanitise_once(html)
        if html == before:
            return SafeHtml(html)
    # Markup that never comes to rest was made to be parsed twice: its words remain.
    return SafeHtml(_sanitise_once(escape(_text(html))))


def to_article(article: Article) -> CleanArticle:
    """Make the article showable: body sanitised, all other texts plain, one line each.

    Raises ItemUnusable where nothing to show is left.
    """
    html = sanitise(article.html)
    if "<img" not in html and not _text(html).strip():
        raise ItemUnusable(article.url, "nothing is left of the article once it is cleaned")
    return CleanArticle(
        url=article.url,
        title=_plain(article.title, _TITLE_CHARS),
        html=html,
        rung=article.rung,
        lead=_plain(article.lead),
        author=_plain(article.author, _NAMES_CHARS),
        language=article.language,
        published=article.published,
        picture=_safe_picture(article.picture),
        tags=tuple(filter(None, map(_plain, article.tags))),
        faults=article.faults,
    )


def inert(html: SafeHtml) -> str:
    """Take from safe markup what WordPress executes on display; the very last step before it is sent.

    `[` becomes `&#91;` in text and in attributes, so that no shortcode runs (wp-includes/shortcodes.php); since
    WordPress' editors write it as `[` again when a person saves the post, an unseen U+2060 keeps it from its
    name for good, but for code, where it would do harm (the editor escapes code by itself). In an address it
    becomes `%5B`: since 7.1 WordPress decodes the attributes of whoever may not post unfiltered HTML (wp_kses_hair
    in wp-includes/kses.php), and runs shortcodes in them afterwards. An address alone on its line or in its paragraph becomes a link, so that it is not embedded
    (class-wp-embed.php, autoembed); no raw newline stands outside `<pre>`, where wpautop would make
    `<br>` and `<p>` of it. Do not parse the result again: a parser turns `&#91;` back into `[`.
    """
    parts = _TAG.split(html)  # text, tag, text, tag, ...
    inside: Counter[str] = Counter()
    before = ""
    for index, part in enumerate(parts):
        if index % 2:
            before = _name(part)
            inside[before] += -1 if part.startswith("</") else 1
            parts[index] = _inert_tag(_SPACES.sub(" ", part))
            continue
        text = _LINE_END.sub("\n", part) if inside["pre"] else _SPACES.sub(" ", part)
        if not any(inside[code] for code in ("pre", "code", "kbd", "samp")):
            text = without_shortcodes(text)
        if inside["a"]:  # the text of a link is safe; that of a paragraph in a link is not
            parts[index] = text if before == "a" and not inside["pre"] else _LONE_ADDRESS.sub(_AS_TEXT, text)
        else:
            parts[index] = _LONE_ADDRESS.sub(_as_link, text)
    return "".join(parts).replace("[", "&#91;")


def _inert_tag(tag: str) -> str:
    words = _WORDS_OF_TAG.sub(lambda words: without_shortcodes(words[0]).replace("[", "&#91;"), tag)
    return words.replace("[", "%5B")


def _as_link(match: re.Match[str]) -> str:
    before, scheme, rest, after = match.groups()
    address = f"{scheme}://{rest}".replace(UNSEEN, "").replace("[", "%5B")
    return f'{before}<a href="{address}" rel="noopener">{scheme}://{rest}</a>{after}'


def _name(tag: str) -> str:
    match = _NAME.match(tag)
    return match[1] if match else ""


def _sanitise_once(html: str) -> str:
    html = _DESERT.sub(r"\1", unbroken(legible(_CLEANER.clean(html))))  # what stood between two may have gone
    return _FIRST_LINES.sub(r"\1", _NO_SOURCE.sub("", html))


def _depth(html: str) -> int:
    """How deep the elements stand in each other, as their tags tell it; end tags without a start do not count."""
    depth = deepest = 0
    waiting: Counter[str] = Counter()
    for slash, name in _TAG_NAME.findall(html.lower()):
        if slash and waiting[name]:
            waiting[name] -= 1
            depth -= 1
        elif not slash and name not in _VOID:
            waiting[name] += 1
            depth += 1
            deepest = max(deepest, depth)
    return deepest


def _shallow(html: str) -> str:
    """The same markup through libxml2, which goes no deeper than 256 elements."""
    try:
        root = lxml.html.document_fromstring(html.encode(), parser=lxml.html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError):  # nothing in it
        return ""
    return str(etree.tostring(root, encoding="unicode", method="html"))


def _text(html: str) -> str:
    return unescape(nh3.clean(html, tags=set()))


def _plain(text: str, most_chars: int = _TEXT_CHARS) -> str:
    """The text on one line, of a length that a post may have at this place."""
    return shortened(" ".join(unbroken(legible(text)).split()), most_chars)


def _safe_picture(picture: Picture | None) -> Picture | None:
    if picture is None or not _is_web(picture.url):
        return None
    return replace(
        picture,
        url=legible(picture.url),
        alt=_plain(picture.alt),
        caption=_plain(picture.caption),
        credit=_plain(picture.credit),
    )


def _is_web(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("http", "https")
    except ValueError:  # "http://["
        return False

"""Single steps by hand, for `bot extract` and `bot translate`: the same stages, without store and sites."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

import lxml.etree
import lxml.html
import nh3

from bot.characters import unbroken_markup
from bot.config import FeedConfig
from bot.errors import ItemUnusable
from bot.model import CleanArticle, Fetched, SafeHtml, Translation
from bot.ports import Translator
from bot.stages import clean, extract, sanitise, translate

# A feed without rules of its own: what every article gets.
NEUTRAL = FeedConfig(name="by-hand", url="https://example.org/", language="auto", sites=("none",))

_BLOCK = re.compile(
    r"</?(?:p|div|h[1-6]|ul|ol|li|dl|dt|dd|table|caption|tr|figure|figcaption|blockquote|pre|details|summary)\b[^>]*>|<[bh]r>"
)
_CELL_END = re.compile(r"</t[dh]>")


@dataclass(frozen=True, slots=True)
class Shown:
    """An article for a person to look at; `refusal` is why it would not be relayed ('': it would be)."""

    article: CleanArticle
    refusal: str = ""


def extract_article(
    body: bytes,
    content_type: str,
    url: str,
    source: FeedConfig = NEUTRAL,
    now: datetime | None = None,
    further: Sequence[Fetched] = (),
) -> CleanArticle:
    """Page -> CleanArticle, by the rules of `source`; `further` are the pages that follow. Raises ItemUnusable."""
    found = extract.extract(body, content_type, url, hints=extract.Hints.of(source, now, further))
    return sanitise.to_article(clean.clean(found, source))


def show_article(
    body: bytes,
    content_type: str,
    url: str,
    source: FeedConfig = NEUTRAL,
    now: datetime | None = None,
    further: Sequence[Fetched] = (),
) -> Shown:
    """As `extract_article`, but with the text that it would refuse. Raises ItemUnusable where there is none at all."""
    try:
        return Shown(extract_article(body, content_type, url, source, now, further))
    except ItemUnusable as error:
        hints = extract.Hints.of(source, now, further)
        try:
            found = sanitise.to_article(clean.clean(extract.unjudged(body, content_type, url, hints), source))
            return Shown(replace(found, title=found.title.removeprefix(extract.NO_TITLE)), error.problem)
        except ItemUnusable:
            raise error from None


def plain_text(html: SafeHtml) -> str:
    """The words of a body, a line a block, or a row of a table."""
    text = nh3.clean(_CELL_END.sub(r" \g<0>", _BLOCK.sub(r"\n\g<0>", html)), tags=set())
    lines = (
        " ".join(line.split()) for line in lxml.html.fromstring(f"<p>{text}</p>").text_content().split("\n")
    )
    return "\n".join(line for line in lines if line)


def running_text(html: SafeHtml) -> str:
    """As `plain_text`, of what is read on end: without the names that stand for players, and without captions.

    The captions stay where they are most of it: a picture story is told in them. What stands below a quote or a table
    is none.
    """
    body = lxml.html.fragment_fromstring(html, create_parent="div")
    captions = [
        each for each in body.iter("figcaption") if next(each.getparent().iter("img"), None) is not None
    ]
    if sum(len(each.text_content()) for each in captions) * 2 <= len(body.text_content()):
        for caption in captions:
            caption.drop_tree()
    for link in list(body.iter("a")):
        host = (urlsplit(link.get("href") or "").hostname or "").removeprefix("www.")
        if link.text_content().strip() == host == link.getparent().text_content().strip():
            link.drop_tree()
    return plain_text(_inner(body))


def translate_html(
    text: str,
    engines: Sequence[Translator],
    source: str,
    target: str,
    options: translate.TranslateOptions,
) -> tuple[str, Translation]:
    """Translate a page or a fragment, all its markup kept but soft hyphens; gives the markup and the report.

    Raises EngineUnavailable, EngineRefused, ItemUnusable (no markup at all).
    """
    text = unbroken_markup(text)
    is_page = re.search(r"<(?:!doctype|html|body)\b", text, re.IGNORECASE) is not None
    try:
        root = lxml.html.document_fromstring(text) if is_page else lxml.html.fragment_fromstring(text, "div")
    except (lxml.etree.ParserError, lxml.etree.XMLSyntaxError) as error:
        raise ItemUnusable("the file", f"holds no markup to translate ({error})") from error
    body = root.find("body") if is_page else root
    title = root.find(".//head/title") if is_page else None
    article = CleanArticle(
        url="", title=(title.text or "") if title is not None else "", html=_inner(body), rung="file"
    )
    # The file is the owner's own: nothing of it is taken away. What the engine gave is text, and escaped.
    done = translate.translate(article, engines, source, target, options, sanitise=SafeHtml)
    if not is_page:
        return done.html, done
    if title is not None:
        title.text = done.title
    root.set("lang", target)
    return _with_body(root, body, done.html), done


def _inner(element: lxml.html.HtmlElement) -> SafeHtml:
    """The markup inside an element, in one serialiser's hand: balanced, attributes in double quotes."""
    whole = str(lxml.etree.tostring(element, encoding="unicode", method="html", with_tail=False))
    return SafeHtml(whole[whole.index(">") + 1 : whole.rindex("</")])


def _with_body(root: lxml.html.HtmlElement, body: lxml.html.HtmlElement, html: str) -> str:
    for child in list(body):
        body.remove(child)
    body.text = None
    page = str(lxml.etree.tostring(root.getroottree(), encoding="unicode", method="html"))
    head, end, tail = page.rpartition("</body>")
    return f"{head}{html}{end}{tail}"

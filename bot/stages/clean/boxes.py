"""The boxes that sites put between and around the paragraphs of an article, known by their class or first line."""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement

from bot.stages.clean import shape, wording

_BOX_CLASSES = re.compile(
    r"(?<![a-z])(?:"
    r"share(?:daddy)?(?:-?(?:bar|box|line|links?|buttons?|icons?|prompt|this|tools?|widget|post|article|story|container))?"
    r"|sharing|addtoany\w*|addthis\w*|jp-relatedposts|feedflare"
    r"|social-?(?:bar|box|links?|buttons?|icons?|media|share|sharing|follow)?"
    r"|(?:news-?letter|subscribe|sign-?up)(?:-?(?:box|form|widget|block|cta|promo|module|inline|banner|container|prompt))?"
    r"|(?:inline-?|article-?|story-?)?related(?:-?(?:posts?|articles?|stories|story|links?|content|news|box|cards?|items?|topics?))?"
    r"|read-?(?:more|also|next)(?:-?\w+)?|recirc\w*|recommend(?:ed|ations?)(?:-?\w+)?|also-(?:read|interesting)"
    r"|promo(?:-?(?:box|block|banner|unit|card))?|outbrain|taboola|most-?(?:read|popular)"
    r"|ads?(?:-?(?:slot|unit|container|wrapper|label|box|banner|block|text|placeholder))?"
    r"|advert(?:isement|ising|orial)?s?(?:-?\w+)?|sponsor(?:ed)?(?:-?(?:content|links?|box|by))?"
    r"|cookie-?(?:notice|note|banner|bar|consent|law|message|popup|wall|policy)|gdpr(?:-?\w+)?"
    r"|(?:about-(?:the-)?)?(?:author|writer)-?(?:bio|box|card|info|profile|about)|about-(?:the-)?(?:author|writer)|bio-?box"
    r"|comments?(?:-?(?:list|area|link|section|form|count|box))?|respond|disqus\w*"
    r"|breadcrumbs?|by-?line|(?:entry|post|article|story)-(?:meta|tags|footer|nav|navigation)|tags?-?(?:list|links|cloud)"
    r"|video-?(?:resource|inline|player|playlist|carousel)(?:-+\w+)*"
    r"|print-?(?:link|button|only)|screen-reader-text|sr-only|visually-?hidden|wp-block-buttons?|paywall(?:-?\w+)?"
    r")(?![a-z0-9])"
)
# The surest of them, with whatever a theme or a page builder puts before.
_BOX_ENDINGS = re.compile(
    r"[a-z0-9-]+-(?:(?:news-?letter|related|share|sharing|social-?(?:share|sharing|follow|media-follow)|author|recommended)"
    r"(?:-?(?:box|bio|block|buttons?|bar|links?|list|card|widget|posts?|articles?|stories|items?|tools?|signup|form|promo|module|inline))?"
    r"|advertisement|ad-?(?:slot|unit|container|wrapper|label|block)|ads-block|related-content|also-read|read-more|most-read"
    r"|newsletter-?sign-?up)(?:-wrapper|-container)?"
)
# Words for those who only hear the page; `<span>` too.
_HEARD_CLASSES = re.compile(
    r"(?:^|[\s-])(?:screen-?reader(?:-?(?:text|only))?|sr-only|visually-?hidden|off-?screen|assistive-text)(?=$|[\s-])"
)
_NAMES = ("class", "id", "data-component", "data-component-name", "data-testid", "data-module")
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_SHOWN = ("img", "table", "pre", "blockquote", "ul", "ol")
_NEVER_BOXES = (
    "figure",
    "table",
    "pre",
    "tr",
    "td",
    "th",
    "tbody",
    "thead",
    "img",
    "a",
    "span",
    "strong",
    "em",
    "b",
    "i",
)
_BOX_SHARE = 0.3  # a box with more of the text than this is the article, whatever its class says


def drop(body: HtmlElement) -> None:
    """Drop the boxes whose class, id or component says that they are no part of the article.

    A class that much of the text stands under says something else: `<p class="paywall">` is each paragraph of a page
    that lets its reader pass.
    """
    _drop_buttons(body)
    whole = len(shape.text_of(body))
    for boxes in _boxes(body).values():
        if sum(len(shape.text_of(box)) - shape.linked_chars(box) for box in boxes) < whole * _BOX_SHARE:
            for box in boxes:
                if box.getparent() is not None:
                    box.drop_tree()


def _drop_buttons(body: HtmlElement) -> None:
    """Drop what is pressed; in a heading it is the heading, of a part that unfolds."""
    for button in list(body.iter("button")):
        if next(button.iterancestors("dt", "summary", *_HEADINGS), None) is None:
            button.drop_tree()
        else:
            button.drop_tag()


def _boxes(body: HtmlElement) -> dict[str, list[HtmlElement]]:
    """The outermost boxes, by the word that makes them boilerplate."""
    found: dict[str, list[HtmlElement]] = {}
    for element in body.iter(etree.Element):
        if word := _word_of(element):
            boxes = found.setdefault(word, [])
            if not boxes or boxes[-1] not in element.iterancestors():
                boxes.append(element)
    return found


def _word_of(element: HtmlElement) -> str:
    """What makes it boilerplate; '' where nothing does."""
    names = _names(element)
    if names and _HEARD_CLASSES.search(names):
        return "heard"
    word = _boilerplate_word(names) if names and element.tag not in _NEVER_BOXES else ""
    if word and not (word.startswith("video") and shape.is_embed(element)):
        return word
    return "card" if _is_card(element) else ""


def _is_card(element: HtmlElement) -> bool:
    """Whether it shows the way elsewhere and nothing else: by its first line, or as a figure without a picture."""
    if element.tag in ("aside", "div", "section"):
        return _is_headed_elsewhere(element)
    if element.tag != "figure" or next(element.iter(*_SHOWN), None) is not None or shape.is_embed(element):
        return False
    return element.find(".//aside") is not None or shape.is_all_links(element)


def _is_headed_elsewhere(box: HtmlElement) -> bool:
    """Whether its heading is "Related", or invites to a newsletter."""
    first = box[0] if len(box) and not (box.text or "").strip() else None
    if first is None or first.tag not in _HEADINGS:
        return False
    text = shape.text_of(first)
    match = wording.LEADS_AWAY.match(text)
    return bool(wording.WHOLE_LINE.fullmatch(text) or (match and match.end() == len(text)))


def _names(element: HtmlElement) -> str:
    """What the page calls an element, as words of small letters and hyphens."""
    names = " ".join(filter(None, map(element.get, _NAMES)))
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", names).lower().replace("_", "-") if names else ""


def _boilerplate_word(names: str) -> str:
    """The first of the words that is boilerplate; '' where none is."""
    words = (re.sub("-{2,}", "-", word).strip("-") for word in names.split())
    return next((word for word in words if _BOX_CLASSES.fullmatch(word) or _BOX_ENDINGS.fullmatch(word)), "")

"""The feed's own text of an article: all that some sources let others read."""

from __future__ import annotations

from typing import NoReturn

from bot.errors import ItemUnusable
from bot.model import Article, Entry
from bot.stages.extract import page, pictures, whole
from bot.stages.extract.metadata import Facts


def from_feed(entry: Entry) -> Article:
    """Take the article that the feed itself holds: whole (rung "feed"), else its summary (rung "summary").

    Raises ItemUnusable where the feed holds no text.
    """
    bodies = bodies_of(entry)
    if not bodies:
        _explain(entry)
    root = page.parse(bodies[0], entry.link)
    whole.settle(root, entry.link)
    picture = pictures.mark_lead(root, entry.pictures[0]) if entry.pictures else None
    rung = "feed" if bodies[0] == entry.content_html else "summary"
    facts = Facts(picture=picture, lead=whole.lead_of(entry.summary_html) if rung == "feed" else "")
    return whole.article(entry.link, rung, root.body, facts, entry)


def excerpt(entry: Entry) -> Article:
    """Take title and lead only, as far as any source allows: about EXCERPT_CHARS, cut after a sentence.

    Raises ItemUnusable where the feed holds no text.
    """
    lead = next(filter(None, map(whole.lead_of, (entry.summary_html, entry.content_html))), "")
    if not lead:
        rights = (
            'if its page may be read, set rights ("open", "permission" or "licensed") and content = "full"'
        )
        _explain(entry, remedy=f"{rights} at the feed")
    root = page.parse("<p></p>", entry.link)
    root.body[0].text = lead
    picture = entry.pictures[0] if entry.pictures else None
    return whole.article(entry.link, "summary", root.body, Facts(lead=lead, picture=picture), entry)


def bodies_of(entry: Entry | None) -> list[str]:
    """The feed's own texts that hold words, the longer first."""
    bodies = [entry.content_html, entry.summary_html] if entry else []
    return sorted(filter(whole.text_of, bodies), key=lambda html: len(whole.text_of(html)), reverse=True)


def _explain(entry: Entry, remedy: str = "") -> NoReturn:
    """Say why a feed's text cannot be used. Raises ItemUnusable."""
    subject = entry.link or entry.key
    for html in filter(str.strip, (entry.content_html, entry.summary_html)):
        page.parse(html, subject)
    raise ItemUnusable(subject, "the feed holds no text of it", remedy=remedy)

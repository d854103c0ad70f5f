"""One entry: from feedparser's dict to ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bot.characters import legible
from bot.model import Entry, Picture
from bot.stages.feed.dates import RELATIVE, Dates, date_of
from bot.stages.feed.identity import entry_key, further_identities
from bot.stages.feed.text import absolute, markup, plain

_TITLE_CHARS = 500
_BEGINNING_CHARS = 80  # of the text of an entry without title
_NAME_CHARS = 200
_TERM_CHARS = 100
_GUID_CHARS = 2000
_MOST_CATEGORIES = 50
_MOST_PICTURES = 20
_MOST_TOLD = 200  # pictures and authors that are looked at
_SMALLEST_PIXELS = 64  # less is an icon, or somebody's face
_MARKUP = {"type": "text/html"}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_PICTURE_NAME = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:$|\?)", re.IGNORECASE)

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """What entries need to know of their feed."""

    feed_name: str
    base: str  # where relative addresses lead from
    dates: Dates
    language: str = ""
    shared_guids: frozenset[str] = frozenset()


def entry_of(raw: Raw, source: Source) -> Entry:
    """The entry that feedparser tells as `raw`."""
    guid = str(raw.get("id") or "").strip()
    link = _link(raw, source.base)
    title = plain(raw.get("title_detail"), raw.get("title"), _TITLE_CHARS)
    published = source.dates.of(raw, "published", "created")
    updated = source.dates.of(raw, "updated")
    identity = "" if guid in source.shared_guids else guid
    base = link or source.base
    summary, content, caption = _texts(raw, base)
    words = title or plain(_MARKUP, content or summary, _TITLE_CHARS)
    key = entry_key(source.feed_name, identity, link, words, published)
    return Entry(
        key=key,
        feed=source.feed_name,
        guid=legible(guid)[:_GUID_CHARS],
        link=link,
        title=title or plain(None, words, _BEGINNING_CHARS),
        summary_html=summary,
        content_html=content,
        author=_author(raw),
        language=language_of(raw) or source.language,
        published=published or updated or date_of(raw, RELATIVE),
        updated=updated,
        categories=_categories(raw),
        pictures=tuple(islice(_pictures(raw, base, caption), _MOST_PICTURES)),
        identities=(key, *further_identities(source.feed_name, link, title, published)),
    )


def dicts(raw: Raw, name: str) -> list[Raw]:
    """The dicts in a list of feedparser's; none where an element of that very name held text."""
    value = raw.get(name)
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def first_text(raw: Raw, *names: str) -> str:
    """The first of these fields that holds text."""
    return next(
        (raw[name].strip() for name in names if isinstance(raw.get(name), str) and raw[name].strip()), ""
    )


def language_of(raw: Raw) -> str:
    """The BCP 47 code in dc:language, <language> or xml:lang; '' where it is none."""
    details = [raw.get("title_detail"), raw.get("summary_detail"), *dicts(raw, "content")]
    told = [
        raw.get("language"),
        *(detail.get("language") for detail in details if isinstance(detail, Mapping)),
    ]
    for code in told:
        tidy = str(code or "").strip().replace("_", "-")
        if _LANGUAGE.fullmatch(tidy):
            primary, *subtags = tidy.split("-")
            return "-".join([primary.lower(), *subtags])
    return ""


def _link(raw: Raw, base: str) -> str:
    """Where the entry leads; '' where it only has a name that leads nowhere.

    Without isPermaLink a guid is a link (RSS 2.0), and feedparser takes it for that of an entry without one. Many
    feeds forget to say that theirs is a mere name ("w1"): only what is a web address itself is taken.
    """
    link = first_text(raw, "feedburner_origlink", "link")
    is_guid = bool(raw.get("guidislink")) and link == first_text(raw, "id")
    is_told = not is_guid or any(each.get("href") == link for each in dicts(raw, "links"))
    return absolute(base, link) if is_told or absolute("", link) else ""


def _texts(raw: Raw, base: str) -> tuple[str, str, str]:
    """Summary and content, as markup, and the caption of the pictures, which is plain.

    media:description is a caption, but for entries that have no other text: YouTube's.
    """
    summary = markup(raw.get("summary_detail"), base)
    content = max((markup(part, base) for part in dicts(raw, "content")), key=len, default="")
    described = first_text(raw, "media_description")
    if summary or content:
        return summary, content, plain(None, described, _TITLE_CHARS)
    return markup({"value": described, "type": "text/plain"}, base), "", ""


def _author(raw: Raw) -> str:
    """The names of all authors; an address is none, and is nobody's business."""
    told = [author.get("name") for author in dicts(raw, "authors")] or [raw.get("author")]
    names = (plain(None, name, _NAME_CHARS) for name in told[:_MOST_TOLD])
    return ", ".join(dict.fromkeys(name for name in names if name and "@" not in name))[:_NAME_CHARS]


def _categories(raw: Raw) -> tuple[str, ...]:
    terms = (tag.get("label") or tag.get("term") for tag in dicts(raw, "tags"))
    names = (plain(None, term, _TERM_CHARS) for term in terms)
    return tuple(dict.fromkeys(name for name in names if name))[:_MOST_CATEGORIES]


def _pictures(raw: Raw, base: str, caption: str) -> Iterator[Picture]:
    """Pictures of media:content, enclosures, image and media:thumbnail, in this order, each once."""
    seen = set()
    credit = plain(None, next((c.get("content") for c in dicts(raw, "media_credit")), ""), _NAME_CHARS)
    for told in islice(_told_pictures(raw), _MOST_TOLD):
        url = absolute(base, str(told.get("url") or told.get("href") or ""))
        width, height = _pixels(told.get("width")), _pixels(told.get("height"))
        if url and url not in seen and not 0 < max(width, height) < _SMALLEST_PIXELS:
            seen.add(url)
            yield Picture(url=url, caption=caption, credit=credit, width=width, height=height)


def _told_pictures(raw: Raw) -> Iterable[Raw]:
    enclosures = (link for link in dicts(raw, "links") if link.get("rel") == "enclosure")
    for told in (*dicts(raw, "media_content"), *enclosures):
        kind = f"{told.get('medium') or ''} {told.get('type') or ''}".strip()
        if kind.startswith("image") or (
            not kind and _PICTURE_NAME.search(str(told.get("url") or told.get("href")))
        ):
            yield told
    image = raw.get("image")
    if isinstance(image, Mapping):
        yield image
    yield from dicts(raw, "media_thumbnail")


def _pixels(text: object) -> int:
    return int(str(text)) if re.fullmatch(r"\d{1,5}", str(text)) else 0

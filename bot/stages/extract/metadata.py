"""What a page says about its article: JSON-LD first, then OpenGraph and other meta tags, then what is seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from bot.model import Picture
from bot.stages import dates
from bot.stages.extract import byline, json_ld, pictures

_STANDFIRST = (
    "standfirst",
    "dek",
    "subtitle",
    "chapo",
    "article-summary",
    "article-lead",
    "intro",
    "lead",
    "summary",
)
_SEPARATOR = re.compile(r"\s+[|–—·•»«:/-]\s+|\s*[|»«]\s*|\s*_\s*(?=[^_]*$)")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_NOT_A_PICTURE = re.compile(
    r"(?:^|[/_.-])(?:logos?|default|favicon|placeholder|avatar|sprite)(?:[/_.-]|$)", re.IGNORECASE
)
_DATE_NAMES = (
    "article:published_time",
    "datepublished",
    "og:published_time",
    "parsely-pub-date",
    "dc.date",
    "date",
)
_DATE_PATHS = ("//*[@itemprop='datePublished']/@datetime", "//article//time/@datetime", "//time/@datetime")
TITLE_CHARS = 500  # what is longer is none
_LEAD_CHARS = 600
_TAGS = 20


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an article beside its body; `paid`, `words` (0: not told), `told` by the page's own word."""

    title: str = ""
    lead: str = ""
    author: str = ""
    language: str = ""
    published: datetime | None = None
    picture: Picture | None = None
    tags: tuple[str, ...] = ()
    paid: bool = False
    words: int = 0
    told: str = ""  # the text in its JSON-LD: as plain as that, often its beginning, or of a locked one


def read(root: HtmlElement, url: str, now: datetime | None = None) -> Facts:
    """Read the facts off a page whose pictures are settled. Marks the lead picture in the tree (`data-lead`).

    A date more than a day after `now` is not believed.
    """
    meta, data = _meta(root), json_ld.read(root)
    author, published = _author(meta, data), _published(root, meta, data, now)
    if (
        not author or not published
    ):  # which costs more, and is only asked where the page does not simply say it
        seen_author, seen_date = byline.seen(root, url, dated=published is not None)
        author = author or name_of(seen_author)
        if not published and not _published(root, meta, data, now=None):  # else its guess is of the same date
            published = dates.standard(seen_date, now)
    return Facts(
        title=_title(root, meta, data, url),
        lead=_lead(root, meta, data),
        author=author,
        language=_language(root, meta, data),
        published=published,
        picture=_picture(root, meta, data, url),
        tags=_tags(root, meta, data),
        paid=json_ld.is_false(data.get("isAccessibleForFree"))
        or _first(meta, "article:content_tier").lower() == "locked",
        words=_number(str(data.get("wordCount"))),
        told=squeeze(data.get("articleBody")),
    )


def squeeze(text: object) -> str:
    """One line of text: white space collapsed; '' for anything that is no text."""
    return " ".join(text.split()) if isinstance(text, str) else ""


# --- what the head says ------------------------------------------------------------------------


def _meta(root: HtmlElement) -> dict[str, list[str]]:
    """Every meta tag by its lower-case name, in the page's order."""
    found: dict[str, list[str]] = {}
    for tag in root.iter("meta"):
        name = tag.get("property") or tag.get("name") or tag.get("itemprop") or tag.get("http-equiv") or ""
        content = squeeze(tag.get("content"))
        if name and content:
            found.setdefault(name.strip().lower(), []).append(content)
    return found


def _first(meta: dict[str, list[str]], *names: str) -> str:
    return next((meta[name][0] for name in names if name in meta), "")


# --- fact by fact ------------------------------------------------------------------------------


def _title(root: HtmlElement, meta: dict[str, list[str]], data: dict[str, Any], url: str) -> str:
    """The headline a reader sees, where it is also what the head says; else the head's, without the site's name."""
    names = [_first(meta, "og:title", "twitter:title"), data.get("headline")]
    names += [root.findtext(".//head//title"), root.findtext(".//title")]
    told = next((name for name in map(squeeze, names) if 0 < len(name) <= TITLE_CHARS), "")
    headings = [squeeze(heading.text_content()) for heading in (*root.iter("h1"), *root.iter("h2"))]
    first = next(_parts(told))
    for heading in headings:
        if heading.casefold() in told.casefold() and (len(heading) * 2 > len(told) or heading == first):
            return heading
    site = _first(meta, "og:site_name", "application-name") or next(
        (squeeze(each.get("name")) for each in json_ld.each(data.get("publisher")) if isinstance(each, dict)),
        "",
    )
    return _without_site(told, site, url) or next(filter(None, headings), "")


def _parts(title: str) -> Iterator[str]:
    """What stands between the bars and dashes of a title."""
    start = 0
    for separator in _SEPARATOR.finditer(title):
        yield title[start : separator.start()].strip()
        start = separator.end()
    yield title[start:].strip()


def _without_site(title: str, site: str, url: str) -> str:
    names = {_letters(site), _letters((urlsplit(url).hostname or "").removeprefix("www.").rpartition(".")[0])}
    separators = list(_SEPARATOR.finditer(title))
    if not separators:
        return title
    first, last = separators[0], separators[-1]
    if _letters(title[last.end() :]) in names - {""}:
        return title[: last.start()].strip()
    if _letters(title[: first.start()]) in names - {""}:
        return title[first.end() :].strip()
    return title


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _lead(root: HtmlElement, meta: dict[str, list[str]], data: dict[str, Any]) -> str:
    """The description, unless a machine has cut it off and the page shows it whole."""
    told = [
        _first(meta, "og:description"),
        squeeze(data.get("description")),
        _first(meta, "description", "twitter:description"),
    ]
    whole = [text for text in told if text and not text.endswith(("…", "...", "[…]"))]
    if whole:
        return whole[0][:_LEAD_CHARS]
    return _standfirst(root) or next(filter(None, told), "")[:_LEAD_CHARS]


def _standfirst(root: HtmlElement) -> str:
    for element in root.xpath("//p[@class] | //div[@class] | //h2[@class]"):
        if is_standfirst(element):
            text = squeeze(element.text_content())
            if 40 <= len(text) <= _LEAD_CHARS:
                return text
    return ""


def is_standfirst(element: HtmlElement) -> bool:
    """Whether the page calls it so."""
    return not set((element.get("class") or "").lower().replace("__", "-").split()).isdisjoint(_STANDFIRST)


def _author(meta: dict[str, list[str]], data: dict[str, Any]) -> str:
    people = [
        each.get("name") if isinstance(each, dict) else each for each in json_ld.each(data.get("author"))
    ]
    names = [name for name in (name_of(each) for person in people for each in json_ld.each(person)) if name]
    told = names or [
        name_of(_first(meta, name)) for name in ("author", "article:author", "parsely-author", "dc.creator")
    ]
    return ", ".join(dict.fromkeys(filter(None, told)))


def name_of(text: object) -> str:
    """A name as one would print it; '' for the addresses and accounts that stand in its place."""
    name = re.sub(
        r"^(?:(?:text|words|photographs?|photos|pictures)\b[\w ]* )?(?:by|von|par|por)\s+",
        "",
        squeeze(text),
        flags=re.IGNORECASE,
    ).replace("; ", ", ")
    return "" if "://" in name or name.startswith("@") or not 2 <= len(name) <= 200 else name


def _published(
    root: HtmlElement, meta: dict[str, list[str]], data: dict[str, Any], now: datetime | None
) -> datetime | None:
    return next(
        filter(None, map(partial(dates.standard, now=now), _stamps(root, meta, data))),
        None,
    )


def _stamps(root: HtmlElement, meta: dict[str, list[str]], data: dict[str, Any]) -> Iterator[str]:
    """What may be its date; the tree is only looked through where head and JSON-LD have none."""
    yield squeeze(data.get("datePublished"))
    yield squeeze(data.get("uploadDate"))
    for name in _DATE_NAMES:
        yield _first(meta, name)
    for path in _DATE_PATHS:
        yield from root.xpath(path)[:1]


def _language(root: HtmlElement, meta: dict[str, list[str]], data: dict[str, Any]) -> str:
    said = data.get("inLanguage")
    said = said.get("alternateName") or said.get("name") if isinstance(said, dict) else said
    told = (
        root.get("lang"),
        root.get("xml:lang"),
        said,
        _first(meta, "og:locale"),
        _first(meta, "content-language"),
    )
    return next(filter(None, map(_language_code, told)), "")


def _language_code(text: object) -> str:
    """BCP 47 from what pages write: en_US, EN-us, "pt-BR, en"."""
    first, _, rest = squeeze(text).split(",")[0].strip().replace("_", "-").partition("-")
    code = f"{first.lower()}-{rest}" if rest else first.lower()
    return code if _LANGUAGE.fullmatch(code) else ""


def _tags(root: HtmlElement, meta: dict[str, list[str]], data: dict[str, Any]) -> tuple[str, ...]:
    told = [squeeze(each) for each in json_ld.each(data.get("keywords")) if isinstance(each, str)]
    told += meta.get("article:tag", []) + meta.get("news_keywords", [])
    names = [name.strip() for text in told for name in text.split(",")]
    names = names or [
        squeeze(link.text_content()) for link in root.xpath("//a[contains(concat(' ', @rel, ' '), ' tag ')]")
    ]
    unique = {name.casefold(): name for name in reversed(names) if 0 < len(name) <= 80}
    return tuple(reversed(unique.values()))[:_TAGS]


def _picture(root: HtmlElement, meta: dict[str, list[str]], data: dict[str, Any], url: str) -> Picture | None:
    """The lead picture, with the words that the page shows beside it."""
    said = next((each for each in json_ld.each(data.get("image")) if each), "")
    said = said if isinstance(said, dict) else {"url": said}
    told = [
        _first(meta, "og:image:secure_url", "og:image", "og:image:url"),
        squeeze(said.get("url") or said.get("contentUrl")),
    ]
    told += [
        squeeze(next(json_ld.each(data.get("thumbnailUrl")), "")),
        _first(meta, "twitter:image", "twitter:image:src"),
        *root.xpath("//link[@rel='image_src']/@href")[:1],
    ]
    for address in told:
        absolute = pictures.absolute(address, url)
        if absolute and not _NOT_A_PICTURE.search(urlsplit(absolute).path):
            picture = Picture(
                absolute,
                alt=_first(meta, "og:image:alt", "twitter:image:alt"),
                caption=squeeze(said.get("caption")),
                width=_number(_first(meta, "og:image:width")),
                height=_number(_first(meta, "og:image:height")),
            )
            return pictures.mark_lead(root, picture)
    return None


def _number(text: str) -> int:
    """A count of at most five digits; 0 for anything else."""
    return int(text) if text.isdecimal() and len(text) < 6 else 0

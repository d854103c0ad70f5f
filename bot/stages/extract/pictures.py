"""Pictures that scripts would have loaded: each `<img>` gets the address it really shows.

Lazy loaders put the address into `data-src` and its kin, into `srcset`, into a `<source>` beside the picture or
into a `<noscript>` after it, and a placeholder into `src`.
"""

from __future__ import annotations

import dataclasses
import re
from urllib.parse import unquote, urljoin, urlsplit

from lxml.html import HtmlElement

from bot.characters import shortened
from bot.model import Picture

SMALLEST_PIXELS = 200
TELLING_NAME_CHARS = 10  # "1.jpg" and "image.jpg" are many pictures
TELLING_PATH_CHARS = 12  # of name and two folders: resizing services put the whole address behind their own
LARGEST_WIDTH = 1600  # pixels: more than a news page shows

LONGEST_ADDRESS_CHARS = 4000  # as of feeds; most servers take half of it
_ALT_CHARS = 1000

_LAZY_SETS = ("data-srcset", "data-lazy-srcset", "data-original-set")
_SRCSETS = (*_LAZY_SETS, "srcset")
_SOURCES = (
    "data-src",
    "data-lazy-src",
    "data-lazyload",
    "data-lazy",
    "data-original",
    "data-orig-file",
    "data-full-src",
    "data-hi-res-src",
    "src",
)
_MAYBE_SOURCES = (
    "data-img",
    "data-image",
    "data-url",
)  # or the address of a page, or the number of a picture
_PICTURE_NAME = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:[?#]|$)", re.IGNORECASE)
_CAPTION_BOXES = ("span", "div", "p", "small", "cite", "br")
_SITE = re.compile(r"https?://[A-Za-z0-9.-]+(?=[/?#]|$)")
_ROOTED_ADDRESS = re.compile(r"(?!.*/\.)/(?!/)[^\s\[\]\\]*$")
_WHOLE_ADDRESS = re.compile(
    r"https?://[A-Za-z0-9.-]+(?:(?!.*/\.)/[^\s\[\]\\]*)?$"
)  # nothing to resolve or to read wrong
_CANDIDATE = re.compile(r"\s*([^\s,]\S*[^\s,]|[^\s,])(?:\s+([\d.]+)([wx]))?\s*(?:,|$)")
_PLACEHOLDER = re.compile(
    r"^(?:data|about|blob|javascript):|(?:^|[/_-])(?:blank|placeholder|spacer|transparent|lazy(?:load)?|loading|grey|"
    r"pixel|1x1|clear)\.(?:gif|png|svg|jpe?g|webp)(?:[?#]|$)",
    re.IGNORECASE,
)
# What scripts would have filled in: {width}, ${src}, {{image.url}}, <%= src %>; of these, a width can be told.
_TEMPLATE = re.compile(r"\{[a-z_]+\}|[{$]\{|<%|%7B[a-z_]+%7D", re.IGNORECASE)
_WIDTH = re.compile(r"(?<!\{)(?<!\$)(?:\{|%7B)(?:width|w)(?:\}|%7D)(?!\})", re.IGNORECASE)
_USUAL_WIDTH = 1080  # pixels: of lazysizes' own (plugins/rias)

# What makers of smaller copies add to a name: photo-300x200.jpg, photo-scaled.jpg, photo@2x.jpg.
_SIZE = re.compile(
    r"(?:[-_]\d{2,4}x\d{2,4}|[-_]w\d{2,4}|_r\d\.\d+|-scaled|@\dx|[-_](?:small|medium|large|thumb(?:nail)?))+$",
    re.IGNORECASE,
)

# And to a path: /size/w600/, /w_1200,h_630/, /resize:fit:1400/, /800x450/, /191:100/.
_SIZE_FOLDER = re.compile(
    r"/(?:size|[whcq]_?\d[^/]*|(?:width|height|resize|fit|fill|crop|scale|quality)[_:=,-][^/]*\d[^/]*|\d{2,4}|\d+[x:]\d+)(?=/)",
    re.IGNORECASE,
)


def settle(root: HtmlElement, base_url: str) -> None:
    """Give every picture in the tree its absolute address; drop those that have none."""
    for old in list(root.iter("amp-img", "amp-anim")):
        old.tag = "img"
    for figure in root.iter("figure"):
        _show(figure)
    for image in list(root.iter("img")):
        _settle_one(image, base_url)
    for noscript in list(root.iter("noscript")):
        _settle_noscript(noscript)
    for picture in list(root.iter("picture")):
        for source in picture.findall(".//source"):
            source.drop_tag()  # libxml2 does not know that it is empty, and puts the picture into it
        picture.drop_tag()
    for image in list(root.iter("img")):
        if not image.get("src"):
            image.drop_tree()


def same(one: str, other: str) -> bool:
    """Whether two addresses show one picture in two sizes, or from two hosts."""
    (path, name), (other_path, other_name) = _stem(one), _stem(other)
    tail, other_tail = ("/".join(each.split("/")[-3:]) for each in (path, other_path))
    return (
        path == other_path
        or (name == other_name and len(name) >= TELLING_NAME_CHARS)
        or (tail == other_tail and len(tail) >= TELLING_PATH_CHARS)
    )


def joined(address: str, base_url: str) -> str:
    """The address as seen from the page; '' where there is none, or none that can be read, or one without end."""
    if len(address) > LONGEST_ADDRESS_CHARS:
        return ""
    if _WHOLE_ADDRESS.match(address):
        return address
    if _ROOTED_ADDRESS.match(address) and (site := _SITE.match(base_url)):
        return f"{site[0]}{address}"
    try:
        whole = urljoin(base_url, address.strip()) if address.strip() else ""
        urlsplit(whole)
    except ValueError:  # "http://[", as hostile and as broken pages have it
        return ""
    return whole


def absolute(address: str, base_url: str) -> str:
    """The whole web address; '' where it is none."""
    whole = joined(address, base_url)
    return whole if whole.lower().startswith(("http://", "https://")) else ""


def is_large(image: HtmlElement) -> bool:
    """Whether it may be a news picture: not told to be smaller than SMALLEST_PIXELS."""
    sizes = [_number(re.sub(r"[^\d.]", "", image.get(name) or "")) for name in ("width", "height")]
    return all(not size or size >= SMALLEST_PIXELS for size in sizes)


def mark_lead(root: HtmlElement, picture: Picture) -> Picture:
    """Mark the copies of this picture in the tree (`data-lead`); give it the words that stand beside the first."""
    if not absolute(picture.url, ""):
        return picture
    seen: set[HtmlElement] = set()  # a figure may hold thousands of copies
    for image in root.iter("img"):
        if not same(image.get("src") or "", picture.url):
            continue
        image.set("data-lead", "")
        figure = next(image.iterancestors("figure"), None)
        caption = None if figure is None or figure in seen else figure.find(".//figcaption")
        seen |= {figure} - {None}
        said = "" if caption is None else _text_of(caption)
        picture = dataclasses.replace(
            picture, alt=picture.alt or (image.get("alt") or "").strip(), caption=picture.caption or said
        )
    return picture


def _text_of(caption: HtmlElement) -> str:
    """Its text on one line; credit and caption, which only their boxes part, do not run into each other."""
    pieces = []
    for element in caption.iter():
        apart = " " if element.tag in _CAPTION_BOXES else ""
        pieces += [apart, element.text or ""]
        pieces += [apart, element.tail or ""] if element is not caption else []
    return " ".join("".join(pieces).split())


def _stem(url: str) -> tuple[str, str]:
    """Path and bare file name, both without what marks a size."""
    folder, _, name = unquote(urlsplit(url).path).rpartition("/")
    bare = _SIZE.sub("", name.rpartition(".")[0] or name).lower()
    return f"{_SIZE_FOLDER.sub('', folder + '/')}{bare}", bare


def _settle_one(image: HtmlElement, base_url: str) -> None:
    address, width = _best(image)
    if not width and (larger := _best_source(image, address)):
        address = larger
    image.attrib.pop("srcset", None)
    image.set("src", absolute(address, base_url))
    if len(alt := image.get("alt") or "") > _ALT_CHARS:
        image.set("alt", shortened(alt, _ALT_CHARS))


def _settle_noscript(noscript: HtmlElement) -> None:
    """Its picture replaces the placeholder beside it; beside a picture already settled it is a repetition."""
    inside = noscript.find(".//img")
    beside = [_picture_of(each) for each in (noscript.getprevious(), noscript.getnext())]
    if (
        inside is None
        or _is_settled(beside[0])
        or (_is_settled(beside[1]) and _same_source(inside, beside[1]))
    ):
        noscript.drop_tree()
        return
    if beside[0] is not None:
        beside[0].drop_tree()
    noscript.drop_tag()


def _show(figure: HtmlElement) -> None:
    """A box that a script would have turned into the picture of a figure becomes it."""
    if next(figure.iter("img", "noscript"), None) is None:
        for box in figure.iter("div", "span"):
            if _PICTURE_NAME.search(box.get("data-src") or "") and not len(box):
                box.tag, box.text = "img", None
                return


def _picture_of(element: HtmlElement | None) -> HtmlElement | None:
    return element if element is None or element.tag == "img" else element.find(".//img")


def _is_settled(image: HtmlElement | None) -> bool:
    return image is not None and bool(image.get("src"))


def _same_source(one: HtmlElement, other: HtmlElement) -> bool:
    return same(one.get("src") or "", other.get("src") or "")


def _best(element: HtmlElement) -> tuple[str, float]:
    """The address that this `<img>` or `<source>` would show, '' where it holds only placeholders; its width, if told."""
    for name in _SRCSETS:
        chosen = _choose(element.get(name) or "")
        if chosen[0]:
            return chosen
    addresses = [element.get(name) or "" for name in _SOURCES]
    addresses += [each for name in _MAYBE_SOURCES if _PICTURE_NAME.search(each := element.get(name) or "")]
    return next(filter(None, (_filled_in(each.strip(), element) for each in addresses)), ""), 0


def _filled_in(address: str, element: HtmlElement) -> str:
    """The address, with a width where it is a template for one; '' where it shows nothing."""
    if "{" in address or "%" in address:
        told = map(_number, re.findall(r"\d+", element.get("data-widths") or ""))
        width = max((each for each in told if each <= LARGEST_WIDTH), default=_USUAL_WIDTH)
        address = _WIDTH.sub(f"{width:.0f}", address)
    return "" if _shows_nothing(address) else address


def _shows_nothing(address: str) -> bool:
    return bool(_PLACEHOLDER.search(address) or _TEMPLATE.search(address))


def _best_source(image: HtmlElement, address: str) -> str:
    """What the `<source>`s of its `<picture>` show, where that is more than `address` does; else ''."""
    parent = image.getparent()
    while parent is not None and parent.tag not in ("picture", "figure", "p", "div", "body"):
        parent = parent.getparent()
    if parent is None or parent.tag != "picture":
        return ""
    sources = sorted(parent.findall(".//source"), key=lambda each: "avif" in (each.get("type") or ""))
    shown = _number(image.get("width") or "")
    for source in sources:
        found, width = _best(source)
        is_lazy = any(source.get(name) for name in _LAZY_SETS)
        if found and (not address or is_lazy or 0 < shown < width):
            return found
    return ""


def _choose(srcset: str) -> tuple[str, float]:
    """The largest candidate up to LARGEST_WIDTH, else the smallest above (HTML, "srcset attributes"); and its width."""
    sizes: dict[str, float] = {}
    for address, number, unit in _CANDIDATE.findall(srcset):
        if not _shows_nothing(address):
            sizes[address] = _number(number) * (800 if unit == "x" else 1)
    if not sizes:
        return "", 0
    small = [each for each in sizes if sizes[each] <= LARGEST_WIDTH]
    best = max(small, key=sizes.__getitem__) if small else min(sizes, key=sizes.__getitem__)
    return best, sizes[best]


def _number(text: str) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0

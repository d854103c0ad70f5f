"""A page's bytes, read into a tree: which characters they are, and how large a tree is worth reading."""

from __future__ import annotations

import codecs
import re
from email.message import Message

import lxml.html
from bs4.dammit import EncodingDetector
from lxml import etree

from bot.characters import codec, guessed_encoding, unbroken_markup, without_bad_references
from bot.errors import ItemUnusable
from bot.stages.extract import programs
from bot.stages.parser import html_parser

_HTML_TYPES = frozenset(
    {"", "text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain"}
)
_MARKUP = re.compile(
    r"<\s*(?:!doctype|html|head|body|meta|article|section|div|table|h[1-6]|p|br)\b", re.IGNORECASE
)
# What no XML may hold (XML 1.0, "Char"), as bytes of UTF-8, beside the halves of characters.
_FORBIDDEN = bytes({*range(32)} - set(b"\t\n\r"))
_NO_CHARACTERS = ("\ufffe", "\uffff")
# References to such, and few others: of the many on a page, `&#8217;` and the like, none is looked at one by one.
_BAD_REFERENCE = re.compile(
    r"&#(?:[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]|[dDfF][0-9a-fA-F]{3})(?![0-9a-fA-F])"
    r"|0*(?:[0-8]|1[124-9]|2\d|3[01]|[56]\d{4})(?!\d))"
)

# What browsers read under these names (WHATWG Encoding Standard, "Names and labels").
_CODECS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
}
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_DETECTION_BYTES, _GUESSED_BYTES = 200_000, 30_000  # of the page; of these, without tags
_TAG = re.compile(rb"<[^<>]*+>\s*+")

_SHORT_CHARS = 20_000  # a shorter text cannot hold more

_VOID = ("bgsound", "command", "embed", "keygen", "source", "track")  # the rest it knows
_WORD_BREAK = re.compile(
    r"</?wbr\s*/?>", re.IGNORECASE
)  # it shows nothing, and each would be nested in the one before

# Extractors visit a character once for each element around it: this many visits take some seconds.
MAX_VISITS = 80_000_000
MOST_ELEMENTS = 150_000  # the longest of live tickers has some 50,000
_ELEMENT_CHARS = 30


def read(body: bytes, content_type: str, url: str) -> lxml.html.HtmlElement:
    """Read a page into a tree.

    Raises ItemUnusable where it is not HTML, is empty, or is nested or sized beyond what an article can be.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in _HTML_TYPES:
        raise ItemUnusable(url, f"is {media_type}, not a web page")
    text = decode(_without_programs(body), content_type)
    if not text or text.isspace():
        raise ItemUnusable(url, "the page is empty")
    if not _MARKUP.search(text):
        raise ItemUnusable(url, "is not HTML: it has no markup at all")
    return parse(text, url)


def parse(html: str, url: str) -> lxml.html.HtmlElement:
    """Parse a document or a fragment into a tree with a body.

    Raises ItemUnusable where nothing is in it, or where it is too deep (libxml2 then drops the rest
    without a word, and half an article must not pass for a whole one) or too large.
    """
    if len(html) > _SHORT_CHARS and programs.has_monstrous_tag(html):
        raise ItemUnusable(url, f"has an element with more than {programs.MOST_ATTRIBUTES} attributes")
    return parse_again(html, url)


def parse_again(html: str, url: str) -> lxml.html.HtmlElement:
    """Parse what was made of a page that `parse` has taken, without looking at each tag another time."""
    parser = html_parser()
    html = unbroken_markup(_WORD_BREAK.sub("", html))
    data = _legible(without_bad_references(html) if _BAD_REFERENCE.search(html) else html)
    try:
        root = lxml.html.document_fromstring(data, parser=parser, ensure_head_body=True)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise ItemUnusable(url, f"cannot be read as HTML ({error})") from error
    if any(fault.type_name == "ERR_RESOURCE_LIMIT" for fault in parser.error_log):
        raise ItemUnusable(url, "is nested too deeply for an article")
    is_crowded = data.count(b"<") > MOST_ELEMENTS and root.xpath("count(//*)") > MOST_ELEMENTS
    if is_crowded or (len(data) * 256 > MAX_VISITS and _visits(root) > MAX_VISITS):
        raise ItemUnusable(url, "is too large for an article")
    _close_void(root)
    return root


def _close_void(root: lxml.html.HtmlElement) -> None:
    """Take out what libxml2 puts into elements that HTML lets hold nothing: all that follows an `<embed>`."""
    for element in list(root.iter(*_VOID)):
        children, tail = list(element), element.tail
        element.tail, element.text = element.text, None
        last = element
        for child in children:
            last.addnext(child)
            last = child
        last.tail = f"{last.tail or ''}{tail or ''}"


def _legible(html: str) -> bytes:
    for character in _NO_CHARACTERS:
        if character in html:
            html = html.replace(character, "")
    return html.encode(errors="ignore").translate(None, _FORBIDDEN)


def decode(body: bytes, content_type: str) -> str:
    """Turn a page's bytes into characters: what they plainly are, what header or meta say, a guess."""
    body, marked = _without_mark(body)
    if marked:
        return body.decode(marked, "replace")
    # Other encodings hardly ever pass for UTF-8, and a header "iso-8859-1" is often a server's mere default.
    utf_8 = body.decode("utf-8", "replace")
    faults = utf_8.count("\ufffd")
    if "\x1b" not in utf_8 and (not faults or faults * 20 < len(body) - len(utf_8)):
        return utf_8
    for name in (_charset(content_type), EncodingDetector.find_declared_encoding(body, is_html=True)):
        text = body.decode(_codec(name), "replace") if name and _codec(name) else ""
        if text and text.count("\ufffd") * 100 <= len(text):
            return text
    guess = guessed_encoding(_TAG.sub(b" ", body[:_DETECTION_BYTES])[:_GUESSED_BYTES])
    return body.decode(_codec(guess) or "cp1252", "replace")


def _without_programs(body: bytes) -> bytes:
    """The same in encodings where what looks like a tag is one: not in UTF-16, nor between the escapes of ISO-2022."""
    is_other = b"\x1b" in body or body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return body if is_other else programs.without_programs(body)


def _without_mark(body: bytes) -> tuple[bytes, str]:
    """The bytes after a byte order mark, and the encoding that it stands for ('' without one)."""
    for mark, encoding in _MARKS.items():
        if body.startswith(mark):
            return body[len(mark) :], encoding
    return body, ""


def _charset(content_type: str) -> str:
    message = Message()
    message["Content-Type"] = content_type.replace("\n", " ").replace("\r", " ")
    return str(message.get_param("charset", ""))


def _codec(label: str) -> str:
    """Python's codec for what browsers take this label for; '' where there is none that makes text."""
    name = codec(label)
    return _CODECS.get(name, name)


def _visits(root: lxml.html.HtmlElement) -> int:
    """Characters of markup, each counted once for every element around it."""
    depth = visits = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        text = element.text if event == "start" else element.tail
        visits += depth * (len(text or "") + _ELEMENT_CHARS)
    return visits

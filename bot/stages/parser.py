"""The parser of pages and bodies: UTF-8 becomes a tree of lxml.html's elements, without comments."""

from __future__ import annotations

import lxml.html
from lxml import etree

# The elements of lxml.html, without a call of Python for each to find out which kind it is.
_ELEMENTS = etree.ElementDefaultClassLookup(element=lxml.html.HtmlElement)


def html_parser() -> lxml.html.HTMLParser:
    """A new one, for one document: its `error_log` is of that alone."""
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    parser.set_element_class_lookup(_ELEMENTS)
    return parser

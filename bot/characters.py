r"""The characters that a text may hold: those that XML 1.0 ("Char") knows.

Strangers send others too, for instance half a character in JSON ("\ud800"). No database takes all of them, nor
does XML-RPC; so each place where a stranger's text comes in takes them out.
"""

from __future__ import annotations

import re

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def legible(text: str) -> str:
    """The text without what is no character in XML."""
    return _FORBIDDEN.sub("", text)

"""XML-RPC over the wire: what goes out is XML that WordPress can read, what comes back is one whole answer."""

from __future__ import annotations

import re
import xmlrpc.client
from typing import Any
from xml.parsers.expat import ExpatError

from bot.engines.wordpress.wire import NoAnswer, Wire, glimpse

_CONTROLS = bytes(code for code in range(0x20) if code not in b"\t\n\r")
_SURROGATE = re.compile(rb"&#5(?:529[6-9]|5[3-9]\d\d|[67]\d\d\d);")
_DECLARATION = re.compile(rb"<\?xml[^>]*\?>\s*\Z")
_OPEN, _CLOSE = b"<methodResponse", b"</methodResponse>"


class Transport(xmlrpc.client.Transport):
    """The `transport` of python-wordpress-xmlrpc's Client: bound to one address, sends every call once.

    The one of the standard library sends a POST again when a kept-alive connection was closed: two posts.
    It keeps no state between calls, so that one Client serves all threads.
    """

    def __init__(self, wire: Wire, address: str) -> None:
        super().__init__()
        self._wire = wire
        self._address = address

    def request(self, host: object, handler: str, request_body: Any, verbose: bool = False) -> Any:  # noqa: ARG002, FBT001, FBT002 - the signature of xmlrpc.client
        """Send one call. Raises NotSent, NoAnswer, Answered, xmlrpc.client.Fault."""
        return self._parse(cut_answer(self._wire.post(self._address, clean_request(request_body))))

    def _parse(self, answer: bytes) -> Any:
        parser, unmarshaller = self.getparser()
        try:
            parser.feed(answer)
            parser.close()
            return unmarshaller.close()
        except (ExpatError, xmlrpc.client.ResponseError) as error:
            raise NoAnswer(f"not XML-RPC: {error}") from error
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # Well-formed, but the values are not what their tags say: the unmarshaller trips over them.
            raise NoAnswer("not XML-RPC: its values cannot be read") from error


def clean_request(body: bytes) -> bytes:
    """Take out what XML 1.0 forbids (2.2 Characters): WordPress refuses the whole call for one of them.

    Done on the encoded call, so that no string in it can be forgotten. `xmlrpc.client` has escaped every `&` of
    the content by now: a numeric reference can only be a lone surrogate that UTF-8 could not carry.
    """
    body = body.translate(None, _CONTROLS).replace(b"\xef\xbf\xbe", b"").replace(b"\xef\xbf\xbf", b"")
    return _SURROGATE.sub(b"", body) if b"&#5" in body else body


def cut_answer(body: bytes) -> bytes:
    """The XML-RPC answer within what came: hosts put a BOM, PHP warnings or a notice around it.

    What stands before it goes, a DOCTYPE and its entities too. Raises NoAnswer where there is no whole one.
    """
    start, end = body.find(_OPEN), body.rfind(_CLOSE)
    if start < 0:
        raise NoAnswer(
            f'a page came instead of XML-RPC: "{glimpse(body)}"' if body.strip() else "an empty answer"
        )
    if end < start:
        raise NoAnswer("the answer was cut off")
    declaration = _DECLARATION.search(body, max(0, start - 200), start)
    answer = body[start : end + len(_CLOSE)].translate(None, _CONTROLS)
    return (declaration[0] if declaration else b"") + answer

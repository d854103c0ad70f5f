"""Cut sanitised markup into the texts a translator may see, and put their translations back.

The markup is never handed out and never parsed back: everything outside a text is copied, byte for byte.
That is possible because SafeHtml comes from one serialiser (nh3): tags are balanced, attributes stand in
double quotes, no comments. A segment is the inline run between two borders (block tags and `<br>`).
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from bot.model import SafeHtml
from bot.stages.tokens import OPAQUE, TOKEN, Token, tokens

_TEXT_ATTRIBUTE = re.compile(r'(\s(?:alt|title)=")([^"]*)(")', re.IGNORECASE)
_SPACE = re.compile(r"[ \t\n\r\f]+")
_EDGE_SPACE = r"(?:[ \t\n\r\f\xa0]|&nbsp;)*"
_TEXT = re.compile(rf"({_EDGE_SPACE})(.*?)({_EDGE_SPACE})", re.DOTALL)
_MERGED_CHARS = 2000  # a merged code grows no longer: input nested without end must stay cheap
_FILE_NAME = re.compile(r"\S+\.\w{2,5}|https?://\S+", re.IGNORECASE)


class Mark(NamedTuple):
    """Where a code stands in a text: the start or the end of a pair, or a point."""

    code: int
    kind: Literal["open", "close", "point"]


Item = str | Mark
Items = tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Markup that a mark stands for, as it is written. A point has no `closing`."""

    opening: str
    closing: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """One text with its marks. Plain text inside, white space collapsed; `raw` is its markup as it was."""

    items: Items
    codes: tuple[Code, ...] = ()
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """Markup, cut: what is copied, and the segments between. `attributes` are the alt and title texts."""

    parts: tuple[str | Segment, ...]
    attributes: tuple[str, ...]

    @property
    def segments(self) -> list[Segment]:
        """The segments, in the order of the text."""
        return [part for part in self.parts if isinstance(part, Segment)]


def segment(markup: SafeHtml) -> Document:
    """Cut `markup`. Texts without a letter, opaque elements and translate="no" are copied, not cut out."""
    parts: list[str | Segment] = []
    attributes: dict[str, None] = {}
    run: list[Token] = []
    for token in tokens(markup):
        if token.kind == "border":
            _flush(run, parts)
            run = []
            parts.append(token.raw)
        else:
            run.append(token)
        if token.name and token.name not in OPAQUE:
            attributes.update(dict.fromkeys(_attribute_texts(token.raw)))
    _flush(run, parts)
    return Document(tuple(parts), tuple(attributes))


def plain(text: str) -> Segment:
    """A text that is no markup (a title, an alt text) as a segment."""
    collapsed = _SPACE.sub(" ", text).strip()
    return Segment((collapsed,) if collapsed else (), (), escape(text))


def rebuild(
    document: Document, read: Callable[[Segment], Segment | None], attributes: Mapping[str, str]
) -> str:
    """The markup with its texts replaced.

    `read` gives the translated segment, or None to leave it as it is; `attributes` the texts that
    replace alt and title texts. The result must be sanitised again, like any markup.
    """
    pieces = []
    for part in document.parts:
        other = read(part) if isinstance(part, Segment) else None
        if isinstance(part, str):
            pieces.append(part)
        elif other is None or other.items == part.items:
            pieces.append(part.raw)
        else:
            pieces.append(render(other))
    markup = "".join(pieces)
    return _with_attributes(markup, attributes) if attributes else markup


def render(segment: Segment) -> str:
    """The segment as markup: texts escaped, marks replaced by what they stand for."""
    return "".join(
        escape(item) if isinstance(item, str) else _written(segment.codes[item.code], item.kind)
        for item in segment.items
    )


def escape(text: str) -> str:
    """Text as markup, written the way the sanitiser writes it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\xa0", "&nbsp;")


def has_letters(text: str) -> bool:
    """Whether there is anything to translate in it."""
    return any(map(str.isalpha, text))


def _written(code: Code, kind: str) -> str:
    return code.closing if kind == "close" else code.opening


# --- attributes ---------------------------------------------------------------------------------


def _attribute_texts(tag: str) -> Iterator[str]:
    for match in _TEXT_ATTRIBUTE.finditer(tag):
        text = html.unescape(match[2])
        if has_letters(text) and not _FILE_NAME.fullmatch(text.strip()):
            yield text


def _with_attributes(markup: str, texts: Mapping[str, str]) -> str:
    def attribute(match: re.Match[str]) -> str:
        text = texts.get(html.unescape(match[2]))
        return match[0] if text is None else match[1] + escape(text).replace('"', "&quot;") + match[3]

    def tag(match: re.Match[str]) -> str:
        return _TEXT_ATTRIBUTE.sub(attribute, match[0]) if match[2] else match[0]

    return TOKEN.sub(tag, markup)


# --- one run ------------------------------------------------------------------------------------


def _flush(run: list[Token], parts: list[str | Segment]) -> None:
    """Add the run to `parts`: what encloses the text as it is, the text as a segment."""
    if not any(token.kind == "text" and has_letters(html.unescape(token.raw)) for token in run):
        parts.append("".join(token.raw for token in run))
        return
    before, core, after = _lift(_fold(run))
    raw = "".join(token.raw for token in core)
    parts += [before, _numbered(core, raw), after]


def _fold(run: list[Token]) -> list[Token]:
    """The run with pairs that hold no letter or digit as points, and pairs around pairs as one."""
    folded: list[Token] = []
    starts: list[tuple[int, int]] = []  # where a pair starts, how many texts came before it
    texts = 0
    for token in run:
        folded.append(token)
        if token.kind == "text":
            texts += any(map(str.isalnum, token.raw))
        elif token.kind == "open":
            starts.append((len(folded) - 1, texts))
        elif token.kind == "close":
            start, texts_before = starts.pop()
            if texts == texts_before or (len(folded) - start < 8 and _is_reference(folded[start:])):
                folded[start:] = [Token("".join(t.raw for t in folded[start:]), "code", "point")]
            else:
                _merge(folded, start)
    return [token for token in folded if token.kind != "gone"]


def _is_reference(pair: list[Token]) -> bool:
    """Whether these tokens are a note's number or a superscript, nothing that a translator needs to see."""
    text = html.unescape("".join(token.raw for token in pair if token.kind == "text"))
    return len(text) <= 6 and not has_letters(text) and (pair[0].name in {"sub", "sup"} or text[:1] == "[")


def _merge(folded: list[Token], start: int) -> None:
    """Make one pair of the pair that starts at `start` and the pair that is all it holds."""
    outer, inner = folded[start], folded[start + 1]
    if inner.kind == "open" and inner.partner is folded[-2] and len(outer.raw + inner.raw) < _MERGED_CHARS:
        folded[start + 1] = Token("", kind="gone")
        outer.raw += inner.raw
        folded[-1].raw = folded[-2].raw + folded[-1].raw
        del folded[-2]


def _lift(run: list[Token]) -> tuple[str, list[Token], str]:
    """Split into what stands before, the core with the text in it, and what stands after."""
    first, last = 0, len(run) - 1
    while (
        run[first].kind == "point"
        or run[last].kind == "point"
        or run[first].partner is run[last]
        or (_is_blank(run[first]) or _is_blank(run[last]))
    ):
        if run[first].partner is run[last]:
            first, last = first + 1, last - 1
        elif run[first].kind == "point" or _is_blank(run[first]):
            first += 1
        else:
            last -= 1
    core = run[first : last + 1]
    before, core[0] = _cut_space(core[0], 1)
    after, core[-1] = _cut_space(core[-1], 3)
    return _raw(run[:first]) + before, core, after + _raw(run[last + 1 :])


def _cut_space(token: Token, group: int) -> tuple[str, Token]:
    """The white space before (group 1) or after (group 3) a text, and the text without it."""
    match = _TEXT.fullmatch(token.raw) if token.kind == "text" else None
    if match is None or not match[group]:
        return "", token
    raw = match[2] + match[3] if group == 1 else match[1] + match[2]
    return match[group], Token(raw)


def _is_blank(token: Token) -> bool:
    return token.kind == "text" and not html.unescape(token.raw).strip()


def _raw(tokens: list[Token]) -> str:
    return "".join(token.raw for token in tokens)


def _numbered(core: list[Token], raw: str) -> Segment:
    """The segment of these tokens; codes get their numbers in the order they start."""
    items: list[Item] = []
    codes: list[Code] = []
    numbers: dict[int, int] = {}
    for token in core:
        if token.kind == "text":
            text = _SPACE.sub(" ", html.unescape(token.raw))
            items[-1:] = [items[-1] + text] if items and isinstance(items[-1], str) else [*items[-1:], text]
        elif token.kind == "close":
            items.append(Mark(numbers[id(token.partner)], "close"))
        else:
            closing = token.partner.raw if token.partner else ""
            numbers[id(token)] = len(codes)
            items.append(Mark(len(codes), "open" if closing else "point"))
            codes.append(Code(token.raw, closing))
    return Segment(tuple(items), tuple(codes), raw)

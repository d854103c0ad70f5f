"""The quality gate: is this text an article, or what sites show in the place of one?"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from bot.stages.extract.metadata import Facts, squeeze

SHORTEST_CHARS = 200  # an ideograph counts for three letters
SHORTEST_BESIDE_MEDIA_CHARS = 50  # under a video, or several pictures
NOTICE_CHARS = 1500  # a longer text is an article, even one about cookies
STUB_CHARS = 2500  # up to here a text that ends in a request to subscribe is a sample
LINKED_SHARE = 0.6
WHOLE_SHARE = 0.9
PROSE_CHARS, PROSE_SHARE = 100, 0.5  # with so much in lines of so many, and three of them, it is no heap
HEAPS = ((8, 60), (40, 30))  # so many lines of less than so many characters: in one block, in several

STEM_LETTERS = 5  # of a word of title and lead: it may be inflected
LEAST_WORDS = 8
TITLE_CHARS = 600  # a longer one is none
RELATED_SHARE = 0.1  # true articles have 0.4 and more, comments 0.04
SPACED_CHARS = 12

_WORD = re.compile(rf"[^\W\d_]{{{STEM_LETTERS},}}")
_IDEOGRAPHS = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

# What these pages say, in the languages of many feeds. Two matches make a notice; in a very short text, one.
_NOTICES = {
    "an error page": (
        r"page (?:not found|introuvable|non trouvée)|40[34] (?:error|not found|forbidden)|error 40[34]|"
        r"(?:could ?n[o’']t|can ?not|can[’']t|unable to) (?:be found|find (?:the|that|this|your) page)|"
        r"page you (?:are|were) looking for|no longer (?:available|exists?)|has been (?:moved|deleted|removed)|"
        r"(?:mistyped|check) the (?:address|url)|(?:go|return|back) to (?:the|our) (?:home ?page|front page)|"
        r"internal server error|bad gateway|service (?:temporarily )?unavailable|access denied|"
        r"seite (?:wurde )?nicht gefunden|página no encontrada|página não encontrada|pagina non trovata|"
        r"страница не найдена|页面不存在|找不到(?:该|此)?页面|الصفحة غير موجودة|ページが見つかりません"
    ),
    "a cookie notice": (
        r"(?:use|uses|store|accept(?: all)?|allow|reject(?: all)?|manage|essential|necessary) (?:\w+ ){0,3}cookies|"
        r"cookie (?:policy|settings|preferences|notice|consent)|your privacy (?:choices|settings)|our \d* ?partners|"
        r"(?:utilis\w+|accepter) (?:\w+ ){0,2}cookies|(?:utiliz\w+|usa\w*|aceptar|aceitar) (?:\w+ ){0,2}cookies|"
        r"(?:verwende\w*|nutzen|akzeptieren) (?:\w+ ){0,2}cookies|cookies (?:zu|akzeptieren)|"
        r"(?:utilizz\w+|accett\w+) (?:\w+ ){0,2}cookie|использу\w+ (?:файлы )?cookie|使用 ?cookie|cookie を使用"
    ),
    "a demand for JavaScript": (
        r"(?:enable|activate|turn on|requires?|allow) java ?script|java ?script (?:is|must be|seems to be|needs to be) "
        r"(?:disabled|enabled|turned|required|not)|without java ?script|(?:activer|activez) java ?script|"
        r"java ?script (?:aktivieren|ist deaktiviert)|(?:habilit|activ|ativ)\w+ (?:el |o )?java ?script|"
        r"включите java ?script|supports? java ?script"
    ),
    "a check for robots": (
        r"(?:checking|verify(?:ing)?) (?:that )?(?:your browser|you are (?:a )?human)|are you a robot|not a robot|"
        r"\bcaptcha\b|unusual (?:traffic|activity)|ddos protection|security (?:check|of your connection)|\bray id\b|"
        r"just a moment"
    ),
}
_NOTICES_COMPILED = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _NOTICES.items()}
_PAYWALL = re.compile(
    r"subscribe (?:now )?(?:to|and) (?:continue|keep|read|unlock|get)|(?:to|and) (?:continue|keep) reading|"
    r"(?:only|exclusive(?:ly)?|reserved) (?:available )?(?:for|to) (?:our )?(?:\w+ )?(?:subscribers|members)|"
    r"already (?:a|an) (?:subscriber|member)|(?:log|sign) ?in to (?:continue|read)|free articles? (?:left|remaining)|"
    r"(?:this (?:article|story|content) is|reserved) for (?:\w+ ){0,2}(?:subscribers|members)|"
    r"réservée? (?:à nos|aux) abonnés|la suite (?:de l[’']article )?est réservée|il vous reste [\d.,]+ ?%|nur für abonnenten|"
    r"(?:weiterlesen|jetzt testen) mit|exklusiv für abonnenten|会員限定|有料会員|続きを(?:お読み|読むには)|"
    r"(?:solo|exclusivo) para suscriptores|para assinantes|"
    r"riservato agli abbonati|только для подписчиков|仅限(?:会员|订阅)|للمشتركين فقط",
    re.IGNORECASE,
)
_PAYWALL_TAIL_CHARS = 600


def fault(body: HtmlElement, facts: Facts, feed_text: str) -> str:
    """What keeps this body from being the article; '' where nothing does.

    `feed_text` is what the feed itself holds: a page that shows much less of it is not the article.
    """
    text = squeeze(body.text_content())
    length = chars(text)
    media = len(body.xpath(".//a[@data-embed]")) * 3 + len(body.findall(".//img"))
    shortest = SHORTEST_BESIDE_MEDIA_CHARS if media >= 3 else SHORTEST_CHARS
    return (
        _notice(text, facts.title)
        or _paywall(text, facts)
        or (f"only {len(text)} characters of text" if length < shortest else "")
        or _links(body, text, media)
        or _heap(body)
        or _unrelated(text, facts)
        or _shorter_than_feed(length, chars(feed_text))
    )


def part_fault(body: HtmlElement, facts: Facts) -> str:
    """What keeps this body from being a further page of an article, which may be short; '' where nothing does."""
    text = squeeze(body.text_content())
    media = len(body.xpath(".//a[@data-embed] | .//img"))
    too_short = not media and chars(text) < SHORTEST_BESIDE_MEDIA_CHARS
    return (
        _notice(text, facts.title)
        or _paywall(text, facts)
        or (f"only {len(text)} characters of text" if too_short else "")
        or _links(body, text, media)
    )


def is_too_short(body: HtmlElement) -> bool:
    """Whether it has less text than any article without pictures."""
    return chars(squeeze(body.text_content())) < SHORTEST_CHARS


def chars(text: str) -> int:
    """The length of a text as one in Latin letters."""
    return len(text) + 2 * len(_IDEOGRAPHS.findall(text))


def _notice(text: str, title: str) -> str:
    if chars(text) > NOTICE_CHARS:
        return ""
    for name, pattern in _NOTICES_COMPILED.items():
        found = {match[0].casefold() for match in pattern.finditer(f"{title}\n{text}")}
        if len(found) >= (1 if chars(text) < SHORTEST_CHARS * 2 else 2):
            return name
    return ""


def _paywall(text: str, facts: Facts) -> str:
    length = chars(text)
    asks = length < STUB_CHARS and _PAYWALL.search(text[-_PAYWALL_TAIL_CHARS:])
    paid = length < STUB_CHARS and facts.paid and not _is_told_whole(text, facts)
    return "the beginning of a paid article" if asks or paid else ""


def _is_told_whole(text: str, facts: Facts) -> bool:
    """Whether it has about as many words as the page itself says that its article has."""
    return 0 < facts.words * WHOLE_SHARE <= len(text.split())


def _links(body: HtmlElement, text: str, media: int) -> str:
    linked = sum(len(squeeze(link.text_content())) for link in body.iter("a"))
    return "a list of links" if not media and linked > len(text) * LINKED_SHARE else ""


def _heap(body: HtmlElement) -> str:
    """Menus, or trafilatura's last resort: all texts of the page as the lines of one paragraph.

    A story that a long table or list of names follows is none, nor is a text set in lines of one width.
    """
    blocks = [each.text_content().strip() for each in body.iter("p", "li", "h2", "h3")]
    blocks = list(filter(None, blocks)) or [body.text_content()]
    lines = [chars(line.strip()) for block in blocks for line in block.split("\n") if line.strip()]
    most, mean = HEAPS[len(blocks) > 1]
    is_heap = len(lines) >= most and sum(lines) < len(lines) * mean
    prose = [line for line in lines if line >= PROSE_CHARS]
    is_story = len(prose) >= 3 and sum(prose) >= max(sum(lines) * PROSE_SHARE, SHORTEST_CHARS * 3)
    return "a heap of short lines" if is_heap and not is_story else ""


def _unrelated(text: str, facts: Facts) -> str:
    """Whether hardly a word of title and lead is in it: the comments, or the list beside the article."""
    if text.count(" ") * SPACED_CHARS < len(text):
        return ""  # words are not parted by spaces
    words = {
        word[:STEM_LETTERS] for word in _WORD.findall(f"{facts.title[:TITLE_CHARS]} {facts.lead}".casefold())
    }
    text = text.casefold()
    found = sum(word in text for word in words)
    is_other = len(words) >= LEAST_WORDS and found < len(words) * RELATED_SHARE
    return f"holds {found} of the {len(words)} words of title and lead" if is_other else ""


def _shorter_than_feed(length: int, feed_length: int) -> str:
    too_short = length * 2 < feed_length and feed_length > SHORTEST_CHARS
    return f"shorter than the feed's own text ({length} characters, {feed_length} there)" if too_short else ""

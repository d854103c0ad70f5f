"""What sites put between and around the paragraphs of an article, known by its class or by its words.

Every rule looks at one box or one line, never at a part of a sentence. A rule that could hit a sentence of an
article asks in addition that the line is mostly a link, or short and complete as it stands.
"""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement

from bot.stages.clean import shape

_BOX_CLASSES = re.compile(
    r"(?<![a-z])(?:"
    r"share(?:daddy)?(?:-?(?:bar|box|line|links?|buttons?|icons?|prompt|this|tools?|widget|post|article|story|container))?"
    r"|sharing|addtoany\w*|addthis\w*|jp-relatedposts|feedflare"
    r"|social-?(?:bar|box|links?|buttons?|icons?|media|share|sharing|follow)?"
    r"|(?:news-?letter|subscribe|sign-?up)(?:-?(?:box|form|widget|block|cta|promo|module|inline|banner|container|prompt))?"
    r"|(?:inline-?|article-?|story-?)?related(?:-?(?:posts?|articles?|stories|story|links?|content|news|box|cards?|items?|topics?))?"
    r"|read-?(?:more|also|next)(?:-?\w+)?|recirc\w*|recommend(?:ed|ations?)(?:-?\w+)?|also-(?:read|interesting)"
    r"|promo(?:-?(?:box|block|banner|unit|card))?|outbrain|taboola|most-?(?:read|popular)"
    r"|ads?(?:-?(?:slot|unit|container|wrapper|label|box|banner|block|text|placeholder))?"
    r"|advert(?:isement|ising|orial)?s?(?:-?\w+)?|sponsor(?:ed)?(?:-?(?:content|links?|box|by))?"
    r"|cookie-?(?:notice|note|banner|bar|consent|law|message|popup|wall|policy)|gdpr(?:-?\w+)?"
    r"|(?:about-(?:the-)?)?(?:author|writer)-?(?:bio|box|card|info|profile|about)|about-(?:the-)?(?:author|writer)|bio-?box"
    r"|comments?(?:-?(?:list|area|link|section|form|count|box))?|respond|disqus\w*"
    r"|breadcrumbs?|by-?line|(?:entry|post|article|story)-(?:meta|tags|footer|nav|navigation)|tags?-?(?:list|links|cloud)"
    r"|print-?(?:link|button|only)|screen-reader-text|sr-only|visually-?hidden|wp-block-buttons?|paywall(?:-?\w+)?"
    r")(?![a-z0-9])"
)
_NEVER_BOXES = (
    "figure",
    "table",
    "pre",
    "tr",
    "td",
    "th",
    "tbody",
    "thead",
    "img",
    "a",
    "span",
    "strong",
    "em",
    "b",
    "i",
)
_BOX_SHARE = 0.3  # a box with more of the text than this is the article, whatever its class says

_NETWORKS = (
    r"(?:facebook|twitter|x|instagram|telegram|whats ?app|you ?tube|tik ?tok|linked ?in|google news|bluesky|mastodon|"
    r"threads|reddit|pinterest|vk|viber|messenger|flipboard|e-?mail|social media)"
)

# Lines that are no part of any article, whole as they stand.
_LINES = (
    # advertising
    r"[-—* ]*(?:advertisements?|advertising|sponsored(?: content| links?)?|promoted(?: content)?)[-—* :]*",
    r"[-—* ]*(?:publicité|anzeige|werbung|publicidade?|pubblicità|реклама|reklama?|إعلان|広告|广告|廣告|광고)[-—* :]*",
    r"(?:story|article) continues (?:below|after)(?: this| the)?(?: advertisement| ad\w*)?\.?",
    r"(?:la suite|suite de l[’']article) après (?:la|cette) publicité",
    # sharing and following
    r"you can (?:also )?share this (?:story|article|post|page|report)\b.{0,160}",
    r"share(?: this| it)?(?: story| article| post| page| news| video)?(?: (?:on|via) .{1,30}| ?[:!.])?",
    r"share (?:this|it) with (?:friends|others|your (?:friends|network))\b.{0,20}",
    rf"(?:please )?(?:follow|join|like|find|add) (?:us|me|our (?:page|channel|team)) (?:on|via) {_NETWORKS}\b.{{0,120}}",
    rf"(?:follow|join) (?-i:[A-Z@])[\w’'. ]{{1,50}} on {_NETWORKS}\b.{{0,60}}",
    r"partage[rz](?: cet article| sur .{1,40})?",
    r"(?:suivez-nous|síguenos|siga-nos|folgen sie uns|seguici|подписывайтесь на нас|تابعونا)\b.{0,100}",
    r"(?:comparte|compartir|compartilhe|compartilhar|teilen|condividi|поделиться|شارك)(?: .{1,30})?",
    # letters and subscriptions
    r"(?:sign up|subscribe|register|join)\b.{0,80}\b(?:newsletters?|inbox|mailing list|e-?mail (?:updates|alerts))\b.{0,120}",
    r"get (?:the|our|all|more|your)\b.{0,80}\b(?:inbox|newsletters?)\b.{0,60}",
    r"(?:inscrivez|abonnez)-vous\b.{0,80}\b(?:newsletter|lettre)\b.{0,80}",
    r"(?:suscríbete|suscríbase|assine|jetzt abonnieren|iscriviti)\b.{0,80}\b(?:newsletter|boletín)\b.{0,80}",
    r"(?:this (?:web)?site|we) uses? cookies (?:to|and similar|and other)\b.{0,200}",
    # comments, printing, sending
    r"(?:leave|post|write|add) (?:a|your) (?:comment|reply)|\d+ comments?|no comments|comments ?(?:\(\d+\)|: ?\d+|off)?",
    r"join the (?:conversation|discussion)|(?:show|view|see|read) (?:all )?(?:\d+ )?comments",
    r"print this(?: page| article| story)?|(?:e-?mail|send) this(?: to a friend| page| article| story)?",
    r"copy(?: the)? link|save(?: this)? (?:article|story)|back to top|skip to (?:main )?content",
    r"this (?:entry|post) was (?:posted|filed) (?:on|in|by|under) .{1,300}",
)
_WHOLE_LINE = re.compile("|".join(_LINES), re.IGNORECASE)

# The foot of a feed's entry, as WordPress and its translations write it; the names in it are links.
_FEED_FOOT = re.compile(
    r"the post .{1,300} (?:appeared first on|first appeared on) .{1,150}|l[’']article .{1,300} est apparu en premier sur .{1,150}|"
    r"der beitrag .{1,300} erschien zuerst auf .{1,150}|la entrada .{1,300} (?:se publicó|aparece|apareció) primero en .{1,150}|"
    r"o (?:post|conteúdo) .{1,300} apareceu (?:primeiro|antes) em .{1,150}|l[’']articolo .{1,300} proviene da .{1,150}|"
    r"(?:сообщение|запись) .{1,300} (?:появились? сначала на|впервые появилась) .{1,150}",
    re.IGNORECASE,
)

# Words that lead away from the article, if what follows them is a link or nothing.
_LEADS_AWAY = re.compile(
    r"[>»▶→►•*\[( -]*(?:(?:"
    r"read (?:more|also|next|on)|also read|see also|watch also|also interesting|more on this(?: story)?|"
    r"more (?:stories|news)|related (?:articles?|stories|story|news|posts?|reading|content|topics?|links?|coverage)|"
    r"recommended (?:for you|reading|stories|articles)|you (?:may|might)(?: also)? (?:like|enjoy|be interested in)|"
    r"don[’']t miss|editor[’']s (?:picks?|choice)|most (?:read|popular)|top stories|in case you missed it|"
    r"(?:continue|keep) reading|read the (?:full|whole|original|rest of the) (?:story|article|post|report)|"
    r"(?:à )?(?:lire|voir) (?:aussi|également)|lire la suite|sur le même (?:sujet|thème)|"
    r"(?:lea|lee|leer|ver|vea) (?:también|más)|te puede interesar|leia (?:também|mais)|veja também|saiba mais|"
    r"(?:lesen sie|lies|siehe) auch|mehr zum thema|auch interessant|weiterlesen|leggi anche|vedi anche|"
    r"lees ook|læs også|läs också|czytaj (?:też|także|również)|"
    r"чита(?:йте|ть) (?:также|далее|ещё|еще)|смотрите также|по теме|чита(?:йте|ти) також|"
    r"ayrıca okuyun|اقرأ (?:أيضا|أيضًا|أيضاً|المزيد)|延伸阅读|相关(?:阅读|新闻|报道|文章)|関連記事|続きを読む"
    r")(?:[ :：–—|»›→….\])-]+|$)|(?:read|read this|watch|more|see more|related|recommended)(?: ?[:：–—|»›→]+ ?|$))",
    re.IGNORECASE,
)
_BIOGRAPHY = re.compile(
    r",? (?:is|are|was) (?:a|an|the|our)\b|: | (?:writes|covers|edits|reports|works|lives)\b", re.IGNORECASE
)

_LINE_CHARS = 400
_PREAMBLE_LINES = 5
_PREAMBLE_CHARS = 150
_BYLINE_LETTERS = 40  # "Published on Wednesday, March", "By", "Staff writer, in"
_LINKED_SHARE = 0.8


def drop_boxes(body: HtmlElement) -> None:
    """Drop the boxes whose class or id says that they are no part of the article."""
    whole = len(shape.text_of(body))
    for element in list(body.iter(etree.Element)):
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        if element.tag in _NEVER_BOXES or not names.strip() or not _is_boilerplate_class(names):
            continue
        if len(shape.text_of(element)) < whole * _BOX_SHARE:
            element.drop_tree()


def drop_lines(body: HtmlElement, author: str) -> None:
    """Drop the lines whose words say so; after a heading like "Related", also the links below it."""
    for line in shape.lines(body):
        if line.getparent() is None or _is_embed(line):
            continue
        if _leads_away(line):
            _drop_links_after(line)
            line.drop_tree()
        elif _is_boilerplate(line):
            line.drop_tree()
    remaining = shape.lines(body)
    if author and remaining and _is_biography(shape.text_of(remaining[-1]), author):
        remaining[-1].drop_tree()


def drop_preamble(body: HtmlElement, author: str) -> None:
    """Drop by-line, date line and section link from above the first sentence."""
    first = True
    for line in shape.lines(body)[:_PREAMBLE_LINES]:
        text = shape.text_of(line)
        if _is_byline(line, text, author) or (first and _is_section(line, text)):
            line.drop_tree()
        elif text:
            first = False


def _is_section(line: HtmlElement, text: str) -> bool:
    return 0 < len(text) <= _PREAMBLE_CHARS and not _is_embed(line) and _linked(line) == len(text)


def _is_byline(line: HtmlElement, text: str, author: str) -> bool:
    """Whether little but names and dates is in it, and no sentence."""
    if line.tag != "p" or len(text) > _PREAMBLE_CHARS or text.endswith((".", "!", "?", "”", '"')):
        return False
    dates = " ".join(map(shape.text_of, line.iter("time")))
    rest = text.replace(dates, "") if dates else text
    names = [name for name in author.split(", ") if name and name in rest]
    for name in names:
        rest = rest.replace(name, "")
    letters = sum(map(str.isalpha, rest))
    return bool(dates or names) and letters <= _BYLINE_LETTERS


def _is_boilerplate_class(names: str) -> bool:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", names).lower().replace("_", "-")
    return any(_BOX_CLASSES.fullmatch(word.strip("-")) for word in words.split())


def _is_boilerplate(line: HtmlElement) -> bool:
    text = shape.text_of(line)
    if len(text) > _LINE_CHARS:
        return False
    return bool(_WHOLE_LINE.fullmatch(text) or (_FEED_FOOT.fullmatch(text) and _links_its_names(line, text)))


def _links_its_names(line: HtmlElement, text: str) -> bool:
    return len(line.findall(".//a")) > 1 or _linked(line) >= len(text) / 2


def _leads_away(line: HtmlElement) -> bool:
    text = shape.text_of(line)
    match = _LEADS_AWAY.match(text) if len(text) <= _LINE_CHARS else None
    if match is None:
        return _is_tag_line(line)
    return match.end() == len(text) or _linked(line) >= len(text[match.end() :]) * _LINKED_SHARE


def _is_tag_line(line: HtmlElement) -> bool:
    tags = line.xpath(".//a[contains(concat(' ', @rel, ' '), ' tag ')]")
    return bool(tags) and sum(len(shape.text_of(tag)) for tag in tags) >= len(shape.text_of(line)) / 2


def _drop_links_after(line: HtmlElement) -> None:
    following = line.getnext()
    while (
        following is not None and following.tag in ("ul", "ol", "p", "h3", "h4") and _is_all_links(following)
    ):
        following.drop_tree()
        following = line.getnext()


def _is_all_links(element: HtmlElement) -> bool:
    text = shape.text_of(element)
    return bool(text) and not _is_embed(element) and _linked(element) >= len(text) * _LINKED_SHARE


def _is_embed(element: HtmlElement) -> bool:
    return element.find(".//a[@data-embed]") is not None


def _linked(element: HtmlElement) -> int:
    """How many characters of its text stand in links."""
    return len(" ".join(filter(None, map(shape.text_of, element.iter("a")))))


def _is_biography(text: str, author: str) -> bool:
    """Whether the last line introduces the author to the reader."""
    name = author.partition(",")[0].strip()
    return text.startswith(name) and len(text) <= _LINE_CHARS and bool(_BIOGRAPHY.match(text[len(name) :]))

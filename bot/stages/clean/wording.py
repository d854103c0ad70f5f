"""What stands between and around the paragraphs of an article, word for word, in the languages of many feeds.

A new phrase is added here, with a line in tests/stages/test_clean.py.
"""

from __future__ import annotations

import re

_NETWORKS = (
    r"(?:facebook|twitter|x|instagram|telegram|whats ?app|you ?tube|tik ?tok|linked ?in|google news|bluesky|mastodon|"
    r"threads|reddit|pinterest|vk|viber|messenger|flipboard|e-?mail|social media)"
)

NETWORKS = re.compile(rf"(?:{_NETWORKS}[\s|,·•/+]*)+", re.IGNORECASE)

SHARING = re.compile(
    r"share|intent|send|mailto:|pin/create|submit", re.IGNORECASE
)  # in the address of a link

# Lines that are no part of any article, whole as they stand.
_LINES = (
    # advertising
    r"[-—* ]*(?:advertisements?|advertising|sponsored(?: content| links?)?|promoted(?: content)?)[-—* :]*",
    r"[-—* ]*(?:publicité|anzeige|werbung|publicidade?|pubblicità|reklama?|annons|annon[cs]e|advertentie|mainos|hirdetés)[-—* :]*",
    r"[-—* ]*(?:реклама|διαφήμιση|פרסומת|إعلان|آگهی|विज्ञापन|โฆษณา|quảng cáo|iklan|広告|广告|廣告|광고)[-—* :]*",
    r"(?:[-—* ]*advertisements?[-–—:* ]+)?(?:story|article|post) continues (?:below|after)(?: this| the)?(?: advertisement| ad\w*| gallery| video)?\.?",
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
    r"(?:suscríbete|suscríbase|apúntate|assine|jetzt abonnieren|iscriviti)\b.{0,80}\b(?:newsletter|boletín)\b.{0,80}",
    r"(?:jetzt )?newsletter (?:bestellen|abonnieren)|si está interesado en licenciar este contenido\b.{0,60}",
    r"(?:✅ ?)?clique aqui para seguir\b.{0,100}|a version of this article appears in print on\b.{0,200}",
    r"(?:read or )?share this story: ?http\S+|by signing up, you agree to our\b.{0,120}",
    r"(?:this (?:web)?site|we) uses? cookies (?:to|and similar|and other)\b.{0,200}",
    # dates below the text
    r"(?:(?:first |last )?(?:published|updated|modified)|publiée?|mise? à jour)\b.{0,40}\d{4}(?:.{0,30}[^.!?])?",
    r"(?:publicado|actualizado|atualizado|veröffentlicht|aktualisiert|pubblicato|aggiornato)\b.{0,40}\d{4}(?:.{0,30}[^.!?])?",
    r"(?:опубликовано|обновлено)\b.{0,40}\d{4}(?:.{0,30}[^.!?])?",
    # how long it takes to read
    r"(?:estimated )?(?:reading time|read time|time to read) ?[:：]? ?(?:about )?\d+ ?(?:m|min\.?|mins|minutes?)?",
    r"(?:\d+|one|two|three|four|five)[ -]min(?:ute)?s?[ -]read",
    r"(?:tempo de leitura|temps de lecture|tiempo de lectura|tempo di lettura|lesezeit|leestijd|время чтения) ?[:：]? ?\D{0,6}\d+ ?\w{0,10}\.?",
    # rights
    r"(?:©|ⓒ|\(c\)|copyright) ?.{0,60}\d{4}.{0,80}|(?:©|ⓒ|\(c\)|copyright) .{0,60}all rights reserved.{0,60}",
    # pictures
    r"(?:hide|toggle|show|view) captions?(?: [+–-])?|(?:view|enlarge) (?:this )?(?:image|photo|picture)(?: ›| »| in full)?",
    r"view (?:photo )?(?:gallery|slideshow)(?: ›| »)?",
    # players
    r"- source:",
    # comments, printing, sending
    r"(?:leave|post|write|add) (?:a|your) (?:comment|reply)|\d+ comments?|no comments|comments ?(?:\(\d+\)|: ?\d+|off)?",
    r"(?:blog )?comments powered by\b.{0,20}|learn more",
    r"join the (?:conversation|discussion)(?::| facebook)?|(?:submit|send) a letter to the editor\.?",
    r".{0,40}\bis committed to publishing a diversity of letters to the editor\b.{0,300}",
    r"we want to (?:hear|know) what you think about this (?:article|story)\. (?:submit|send|write)\b.{0,150}",
    r"what[’']s your reaction\? share this reaction\b.{0,40}",
    r"(?:show|view|see|read) (?:all )?(?:\d+ )?comments",
    r"story tools|kudos|tweet|listen to this article|add to (?:favou?rites|reading list|business exchange)",
    r"print this(?: page| article| story)?|(?:e-?mail|send) this(?: to a friend| page| article| story)?",
    r"copy(?: the)? link|save(?: this)? (?:article|story)|back to top|skip to (?:main )?content",
    r"(?:table of )?contents|(?:in|on) this (?:article|page)|inhaltsverzeichnis|sommaire|índice",
    r"(?:go )?back to (?:the )?(?:index|home ?page|front page|overview|list|news)",
    r"this (?:entry|post) was (?:posted|filed) (?:on|in|by|under) .{1,300}",
)
WHOLE_LINE = re.compile("|".join(_LINES), re.IGNORECASE)

# The foot of a feed's entry, as WordPress and its translations write it; the names in it are links.
FEED_FOOT = re.compile(
    r"the post .{1,300} (?:appeared first on|first appeared on) .{1,150}|l[’']article .{1,300} est apparu en premier sur .{1,150}|"
    r"der beitrag .{1,300} erschien zuerst auf .{1,150}|la entrada .{1,300} (?:se publicó|aparece|apareció) primero en .{1,150}|"
    r"o (?:post|conteúdo) .{1,300} apareceu (?:primeiro|antes) em .{1,150}|l[’']articolo .{1,300} proviene da .{1,150}|"
    r"(?:сообщение|запись) .{1,300} (?:появились? сначала на|впервые появилась) .{1,150}",
    re.IGNORECASE,
)

# Words that lead away from the article, if what follows them is a link or nothing.
LEADS_AWAY = re.compile(
    r"[>»▶→►•*\[( -]*(?:(?:"
    r"read (?:more|also|next|on)|also read|see also|watch also|also interesting|more on this(?: story)?|"
    r"more (?:stories|news)|related (?:articles?|stories|story|news|posts?|reading|content|topics?|links?|coverage)|"
    r"recommended (?:for you|reading|stories|articles)|you (?:may|might)(?: also)? (?:like|enjoy|be interested in)|"
    r"don[’']t miss|editor[’']s (?:picks?|choice)|most (?:read|popular)|(?:top|latest|trending) (?:stories|news)|trending now|in case you missed it|"
    r"(?:continue|keep) reading|read the (?:full|whole|original|rest of the) (?:story|article|post|report)|"
    r"(?:à )?(?:lire|voir) (?:aussi|également)|lire la suite|sur le même (?:sujet|thème)|"
    r"(?:lea|lee|leer|ver|vea) (?:también|más)|te puede interesar|leia (?:também|mais)|veja também|saiba mais|"
    r"(?:lesen sie|lies|siehe) auch|mehr zum thema|auch interessant|weiterlesen|leggi anche|vedi anche|"
    r"lees ook|læs også|läs också|czytaj (?:też|także|również)|"
    r"чита(?:йте|ть) (?:также|далее|ещё|еще)|смотрите также|по теме|чита(?:йте|ти) також|"
    r"ayrıca okuyun|اقرأ (?:أيضا|أيضًا|أيضاً|المزيد)|यह भी पढ़ें|ये भी पढ़ें|আরও পড়ুন|"
    r"เรื่องที่เกี่ยวข้อง|ข่าวที่เกี่ยวข้อง|อ่านเพิ่มเติม|xem thêm|đọc thêm|tin liên quan|baca juga|baca selengkapnya|ilgili haberler|"
    r"بیشتر بخوانید|διαβάστε (?:επίσης|ακόμη)|olvass(?:a|on)? (?:tovább|is)|citește și|citiți și|vezi și|läs (?:mer|mera)|lees meer|"
    r"lue (?:myös|lisää)|čtěte (?:také|dále)|קראו (?:עוד|גם)|עוד בנושא|관련 ?기사|함께 보기|延伸阅读|相关(?:阅读|新闻|报道|文章)|関連記事|続きを読む"
    r")(?:[ :：–—|»›→….\])-]+|$)|(?:read|read this|watch|more|see more|related|recommended)(?: ?[:：–—|»›→]+ ?|$))",
    re.IGNORECASE,
)

# Before the links to all that bears the same tag.
TAGS = re.compile(
    r"(?:tags?|topics?|filed (?:under|in|to)|posted in|categor(?:y|ies)|keywords|more about|"
    r"mots[- ]clés|etiquetas|schlagwörter|schlagworte|tagi|теги|метки) ?[:：]\s*(?=\S)",
    re.IGNORECASE,
)

BIOGRAPHY = re.compile(
    r",? (?:is|are|was) (?:a|an|the|our)\b|: | (?:writes|covers|edits|reports|works|lives)\b", re.IGNORECASE
)

# A date with its year: a time alone begins the lines of a ticker.
DATE = re.compile(
    r"\b\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d{2}\b|\b(?:19|20)\d{2}[-/.]\d{1,2}[-/.]\d{1,2}\b"
    r"|(?:19|20)\d{2}年|\b\d{1,2}\.? [\w/]+,? (?:19|20)\d{2}\b|\b\w+ \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d{2}\b"
)

BRACKETS = re.compile(r"[\[\](){}<>«»|/\\\s]+")

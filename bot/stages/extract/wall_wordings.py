"""What sites say below the beginning of an article that they sell, in the languages of many feeds.

All in lower case. Each speaks to the reader of a page, as news does not: "to continue reading", "this article is for
subscribers"; not "the bar is for members only".
"""

from __future__ import annotations

import re


def _any(*wordings: str) -> re.Pattern[str]:
    return re.compile("|".join(wordings))


_PIECE = r"(?:article|story|post|content|page|piece|issue|episode)"
_REST = rf"(?:this|the (?:full|rest of this|rest of the|whole|entire)) {_PIECE}"
_SIGN_UP = r"(?:subscribe|register|sign ?up|sign ?in|log ?in|become a (?:paid )?(?:member|subscriber))\b"
_READ_ON = rf"(?:continue(?: reading|[.!?]|$)|(?:keep|continue) reading|read (?:on|more)|unlock|(?:read|access|view) {_REST})"

REQUEST = _any(
    # English
    rf"{_SIGN_UP}[^.!?]{{0,30}} (?:to|and) {_READ_ON}|create (?:a |an |your )?(?:free )?account to {_READ_ON}",
    r"(?:to|and) (?:continue|keep) reading|(?:subscribe|register)[^.!?]{0,20} for (?:unlimited|full) access",
    rf"already a (?:paid |digital )?subscriber|unlock {_REST}|reached your (?:\w+ )?(?:article )?limit",
    r"(?:no|0) (?:more )?free articles|(?:limit of|used all)(?: \w+){0,2} free articles|last free article",
    rf"to (?:read|see|view) {_REST},? [^.!?]{{0,30}}(?:plan|subscri|member|regist|account|log ?in|sign)",
    rf"{_PIECE} continues (?:below )?for (?:subscribers|members)",
    # French
    r"(?:abonnez|inscrivez|connectez|identifiez)-vous[^.!?]{0,30} (?:pour|et) (?:lire la|continuer|poursuivre)",
    r"pour (?:lire la suite|poursuivre (?:votre|la) lecture)|il vous reste [\d.,]+ ?%|déjà abonnée? ?\?",
    r"[\d.,]+ ?% (?:de cet article )?à (?:lire|découvrir)|la suite (?:de (?:l[’']|cet )article )?est réservée",
    # German
    r"weiterlesen mit|jetzt testen mit|um (?:\w+ ){0,4}weiter(?:zu)?lesen|(?:artikel|beitrag) weiterlesen\?",
    r"jetzt (?:abo(?:nnement)? abschließen|abonnieren und|freischalten|registrieren und)",
    r"(?:bereits|schon) (?:\w+-)?abonnent(?:in)?\?|(?:abonnieren|registrieren) sie[^.!?]{0,40}(?:weiter|zu lesen)",
    # Spanish, Italian, Portuguese
    r"(?:suscríbete|suscríbase|regístrate|regístrese|inicia sesión)[^.!?]{0,30}para (?:seguir|continuar|leer)",
    r"para (?:seguir|continuar) leyendo|ya eres suscriptor|ya está suscrito",
    r"per continuare a leggere|per (?:proseguire|continuare) (?:la|nella) lettura|già abbonat[oa]\?",
    r"(?:abbonati|registrati|accedi) per leggere (?:tutto|il|l[’'])",
    r"continue (?:lendo|a ler) com|para continuar (?:lendo|a ler|a leitura)|já é assinante",
    r"(?:assine|cadastre-se|registe-se|faça login)[^.!?]{0,30}(?:para|e) (?:continuar|continue|ler)",
    # Dutch, Swedish, Danish, Norwegian, Finnish
    r"om (?:verder|door) te lezen|verder ?lezen\?|lees verder met|(?:word|al|nog geen) abonnee(?: vanaf|\?)",
    r"för att (?:läsa (?:vidare|hela)|fortsätta läsa)|redan prenumerant|for at (?:læse (?:videre|hele)|fortsætte)",
    r"(?:allerede|er du) abonnent\?|for å (?:lese (?:videre|hele)|fortsette å lese)",
    r"(?:tilaa|kirjaudu)[^.!?]{0,30}(?:jatkaaksesi|lukeaksesi|lue koko)",
    # Polish, Czech, Russian, Ukrainian, Turkish
    r"pozostało (?:do przeczytania )?\d+ ?%|(?:kup|wykup|zaloguj)[^.!?]{0,40}(?:czyta[jć] dalej|przeczytać)",
    r"(?:aby|żeby) (?:czytać dalej|przeczytać cał)|(?:předplaťte|přihlaste) (?:si|se)[^.!?]{0,30}(?:číst|dočíst)",
    r"продолжение доступно|(?:оформите|купите)[^.!?]{0,20} подписку[^.!?]{0,20}(?:читать|продолжить)",
    r"чтобы (?:читать (?:дальше|далее|полностью)|дочитать|продолжить чтение)|полный текст[^.!?]{0,30}подпис",
    r"(?:оформіть|придбайте)[^.!?]{0,20} (?:підписку|передплату)[^.!?]{0,20}(?:читати|продовжити)",
    r"щоб (?:читати далі|продовжити читання)|повний текст[^.!?]{0,20}(?:передплат|підпис)",
    r"(?:abone|üye) ol\w*[^.!?]{0,30}okumaya|okumaya devam etmek|devamını okumak için",
    # Arabic, Chinese, Japanese, Korean
    r"اشترك[^.!؟]{0,20}(?:لمتابعة|لمواصلة|لإكمال) القراءة|لمتابعة القراءة",
    r"(?:订阅|訂閱|登录|登入|注册|付费|付費|购买后)后?(?:即可|可|以)?(?:继续|繼續)?(?:阅读|閱讀)|解锁全文|剩余\d+%",
    r"続きを(?:お読み|読むには)|残り\d[\d,]*文字|登録(?:して|すると|で)(?:続き|全文)",
    r"구독하(?:고|시면) (?:계속|전체|이어)|로그인 (?:후|하시면) (?:계속|전체)",
)
"""A request to pay, or to register, addressed to who reads: wherever it stands, the text ends there."""

_START = r"(?:^|[.!?:|•*] ?)"
# A piece, or what a sentence begins with; that it is only for; subscribers.
_KEPT_FOR = (
    (
        _PIECE,
        r"(?:only|exclusive(?:ly)?|reserved)(?: available)? (?:for|to)(?: \w+)?",
        "subscribers",
    ),
    (r"(?:article|contenu|suite|lecture|enquête)", r"réservée?s?", r"(?:à nos|aux) abonnés"),
    (
        r"(?:artikel|beitrag|inhalt|text)",
        r"(?:nur|exklusiv|ausschließlich) für(?: unsere)?",
        r"(?:[\w+]+-)?abonnent",
    ),
    (
        r"(?:artículo|contenido|noticia)",
        r"(?:solo|sólo|exclusiv[oa]|reservad[oa])? ?(?:para|a)(?: nuestros)?",
        "suscriptores",
    ),
    (
        r"(?:articolo|contenuto|servizio)",
        r"(?:riservato|solo|esclusivo)",
        r"(?:agli|ai soli|per gli) abbonati",
    ),
    (
        r"(?:conteúdo|artigo|matéria|reportagem)",
        r"(?:exclusiv[oa]|apenas|restrit[oa]|reservad[oa]) (?:para|a|aos)(?: nossos)?",
        "assinantes",
    ),
    (r"(?:artikel|verhaal|inhoud)", r"(?:alleen|exclusief|enkel)(?: \w+){0,2} voor(?: onze)?", "abonnees"),
    (
        r"(?:dostęp|artykuł|treść)",
        r"(?:tylko|wyłącznie) dla(?: naszych)?",
        r"(?:prenumeratorów|subskrybentów)",
    ),
    (r"(?:článek|obsah|text)", r"(?:pouze|jen) pro", "předplatitele"),
    (
        r"(?:материал|статья|доступ\w*|текст)",
        r"(?:только|исключительно)(?: для)?(?: наших)?",
        "подписчик",
    ),
    (
        r"(?:матеріал|стаття|доступ\w*|текст)",
        r"(?:лише|тільки|виключно)(?: для)?(?: наших)?",
        r"(?:передплатник|підписник)",
    ),
    (r"(?:içerik|makale|haber|yazı)", r"(?:sadece|yalnızca)", r"(?:abone|üye)\w* (?:özel|açık)"),
    (r"(?:artikeln|innehållet|texten)", r"(?:(?:endast|bara|låst) )?för(?: våra)?", "prenumeranter"),
    (
        r"(?:artik\w+|indhold\w*|saken)",
        r"(?:kun|forbeholdt|bare)(?: for)?(?: vores| våre)?",
        "abonnent",
    ),
    (r"(?:artikkeli|sisältö|juttu)", "vain", "tilaajille"),
)

# All at once: one by one, each place of a text would be looked at thirty times.
_KEPT = "|".join(f"{only} {whom}" for _, only, whom in _KEPT_FOR)
_PIECE_KEPT = "|".join(rf"{piece}\b[^.!?]{{0,25}}{only} {whom}" for piece, only, whom in _KEPT_FOR)

STATUS = _any(
    f"{_START}(?:{_KEPT})",
    rf"\b(?:{_PIECE_KEPT})",
    rf"(?:this {_PIECE}|rest of (?:this|the) {_PIECE})[^.!?]{{0,40}} (?:for|to)(?: \w+)? (?:subscribers|members)\b",
    rf"{_START}(?:for )?subscribers? only|subscribers?[- ]only {_PIECE}",
    r"dieser (?:artikel|beitrag|inhalt) ist (?:kostenpflichtig|teil von)",
    r"доступ\w* (?:только )?по подписке",
    r"للمشتركين فقط|(?:仅限|僅限|只限|仅供|专供)(?:付费)?(?:会员|會員|订阅|訂閱|订户)|(?:付费|付費)(?:内容|文章)",
    r"会員限定|有料会員|구독자 전용|유료 ?(?:구독자|회원) 전용",
)
"""That something is for subscribers: of this article, unless it stands in a link to another one."""

_KEPT_FROM = "subscribe|subscription|subscriber|register|registration|login|meter|content|article|premium"
_WALLS = "|".join(
    (
        r"pay-?wall\w*",
        r"reg-?wall\w*",
        rf"(?:{_KEPT_FROM})[-_]*(?:wall|gate|barrier|blocker)\w*",
        r"c-gate",
        r"piano\w*",
        r"tp-(?:modal|container|backdrop)\w*",
        r"premium-(?:teaser|offer|box)",
        r"subscribe-(?:prompt|offer|box)",
        r"plus-(?:offer|teaser)",
    )
)
WALL = re.compile(rf"(?:^|[\s_-])(?:{_WALLS})(?=$|[\s_-])")
"""Names of the boxes in which such requests stand (class or id)."""

FADE = re.compile(
    r"(?:^|[\s_-])(?:fade(?:-?out|-?overlay|-?bottom)?|faded|truncated?|gradient|text-?fade)(?=$|[\s_-])"
)
"""Names of what lets a text grow pale where it is cut off."""

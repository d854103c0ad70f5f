"""What sites say in the place of an article, in the languages of many feeds.

All in lower case. Each was chosen to speak to the reader of a page, as news does not; what news says as well stands
apart (`Notice.doubtful`), and counts beside another only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_NEVER = r"(?!)"


def _any(*wordings: str) -> re.Pattern[str]:
    return re.compile("|".join(wordings))


@dataclass(frozen=True, slots=True)
class Notice:
    """One kind of page: what it says, what news may say as well, and how it is headed."""

    plain: re.Pattern[str]
    doubtful: re.Pattern[str]
    heading: re.Pattern[str]
    is_long: bool = False  # some fill a page

    def phrases(self, text: str) -> tuple[int, int]:
        """How many different wordings of each sort are in it: plain ones, and doubtful ones beside them."""
        rest = self.plain.sub(" ", text)
        return len(_distinct(self.plain, text)), len(_distinct(self.doubtful, rest))


def _distinct(pattern: re.Pattern[str], text: str) -> set[str]:
    return {match[0] for match in pattern.finditer(text)}


def _notice(
    plain: Iterable[str],
    doubtful: Iterable[str] = (),
    heading: Iterable[str] = (),
    *,
    is_long: bool = False,
) -> Notice:
    return Notice(_any(*plain), _any(*doubtful, _NEVER), _any(*heading, _NEVER), is_long)


_SHOWN = r"(?:page|article|story|content|file|document|link|listing|video)"
_GONE = r"(?:has (?:been (?:moved|deleted|removed)|expired|moved)|(?:is )?no longer (?:available|exists?))"
_ABSENT = r"(?:(?:does not|doesn[’']t) exist|is (?:not available|unavailable))"
_STATUS = r"(?:40[0-9]|50[0-9])"
_STATUS_WORDS = r"(?:error|not found|forbidden|unauthorized|gone|bad gateway|service|access|internal|page)"
_PLACE = r"(?:country|region|location|area)"
_EDITION = r"(?:edition|country|region|language|location)"

NOTICES = {
    "an error page": _notice(
        plain=(
            r"page (?:not found|introuvable|non trouvée)|40[34] (?:error|not found|forbidden)|error 40[34]",
            r"(?:find|found) (?:the|that|this|your) page|(?:page|url) (?:could ?n[o’']t|can ?not) be found",
            rf"{_SHOWN} (?:that )?you(?:[’']re| are| were|[’']ve| have)? (?:looking for|requested|tried to)",
            rf"(?:this {_SHOWN}|the page) (?:{_GONE}|{_ABSENT})",
            r"(?:mistyped|check) the (?:address|url)|(?:go|return|back) to (?:the|our) (?:home ?page|front page)",
            r"internal server error|bad gateway|service temporarily unavailable|we looked everywhere but",
            r"try (?:a search|searching)[,.]|\b0 results|no results (?:were )?found for|nothing (?:was )?found for",
            r"did not match any (?:articles|results)",
            r"seite (?:wurde )?nicht gefunden|pagina niet gevonden|sidan hittades inte|siden blev ikke fundet",
            r"página no encontrada|página não encontrada|pagina non trovata|sayfa bulunamadı",
            r"strona nie istnieje|nie znaleziono strony|страница не найдена|сторінку не знайдено",
            r"页面不存在|找不到(?:该|此)?页面|ページが見つかりません|الصفحة غير موجودة",
        ),
        doubtful=(r"no longer (?:available|exists?)|has been (?:moved|deleted|removed)|access denied",),
        heading=(
            rf"(?:error |http )?{_STATUS}(?:\W+{_STATUS_WORDS}.*)?|(?:(?:page|file|article|story) )?not found",
            r"oops|whoops|sorry|uh-oh|nothing (?:here|found)|access (?:denied|forbidden)|forbidden|error",
            r"bad gateway|service unavailable|search results.*|no results(?: found)?",
            r"(?:this |the )?(?:page|article|story) (?:not found|.{0,20}expired|.{0,20}no longer available)",
            r"seite nicht gefunden|page (?:introuvable|non trouvée)|página (?:no|não) encontrada",
        ),
    ),
    "a notice of maintenance": _notice(
        plain=(
            r"(?:we[’']re|we are|website is|site is)(?: \w+){0,3} (?:maintenance|down for)",
            r"(?:we[’']ll|will) be back (?:online|shortly)|(?:website|site) coming soon",
        ),
        doubtful=(
            r"sorry for (?:the|any) inconvenience|thank you for your patience|scheduled maintenance",
            r"(?:we[’']ll|will) be back|under maintenance|wartungsarbeiten|wartungsmodus|en maintenance",
            r"en mantenimiento|in manutenzione|em manutenção|технические работы|технічні роботи",
            r"网站维护|メンテナンス中",
        ),
        heading=(
            r"(?:site |scheduled |under )?(?:maintenance|construction)(?: mode)?|coming soon",
            r"we[’'](?:ll|re) (?:be )?(?:right )?back(?: soon)?",
            r"wartung(?:sarbeiten|smodus)?|mantenimiento|manutenzione|manutenção|en maintenance",
        ),
    ),
    "a cookie notice": _notice(
        plain=(
            r"(?:we|we and our \w*|our (?:site|website)|this (?:site|website)) (?:may )?uses? (?:\w+ ){0,3}cookies",
            r"(?:accept(?: all)?|allow all|reject all|manage|strictly necessary) (?:\w+ )?cookies",
            r"cookie (?:policy|settings|preferences|notice|consent)|your privacy (?:choices|settings)",
            r"we and our \d* ?partners|consent framework|withdraw your consent",
            r"(?:click|clicking)(?: on)? [‘'“\"]?(?:accept|reject|agree|manage)",
            r"nous utilisons (?:\w+ ){0,2}cookies|accepter (?:\w+ )?cookies|continuer sans accepter",
            r"retirer votre consentement|accepter et (?:continuer|fermer)",
            r"(?:utilizamos|usamos) (?:\w+ ){0,2}cookies|(?:aceptar|aceitar) (?:\w+ )?cookies|rechazar todo",
            r"(?:verwenden|nutzen) (?:\w+ ){0,2}cookies|cookies (?:zu|akzeptieren)|gespeicherten cookies",
            r"(?:mit werbung|werbefrei) weiterlesen|werbung und tracking|ohne (?:werbe)?tracking|pur-abo",
            r"zustimmung ist jederzeit|jederzeit widerruf|geräte-kennungen",
            r"(?:utilizziamo|accett\w+) (?:\w+ ){0,2}cookie|wij gebruiken cookies|cookies accepteren",
            r"używamy (?:plików )?cookie|vi använder (?:cookies|kakor)|vi bruger cookies",
            r"используем (?:файлы )?cookie|використовуємо (?:файли )?cookie|使用 ?cookie|cookie を使用",
        ),
        doubtful=(
            r"(?:use|uses|store|accept|allow|essential|necessary) (?:\w+ ){0,3}cookies|our \d* ?partners",
            r"information on (?:a|your) device|process (?:your )?personal data|personali[sz]ed (?:ads|advert)",
            r"nos (?:\d+ )?partenaires|données personnelles|nuestros (?:\d+ )?socios|pliki cookie|çerez",
            r"(?:unsere|\d+) (?:partner|drittanbieter)n?|personenbezogene daten|ihre (?:einwilligung|zustimmung)",
        ),
        heading=(
            r"(?:we value )?(?:your )?privacy(?: settings| matters)?|(?:cookies?|privacy) (?:consent|settings|notice)",
            r"(?:.{0,40} [-–|] )?(?:einwilligung|zustimmung|datenschutzeinstellungen)|gestion des cookies|consent",
        ),
        is_long=True,
    ),
    "a demand for JavaScript": _notice(
        plain=(
            r"(?:enable|activate|turn on|requires?) java ?script",
            r"java ?script (?:is|must be|seems to be|needs to be) (?:disabled|enabled|turned|required|not enabled)",
            r"(?:activer|activez) java ?script|java ?script (?:aktivieren|ist deaktiviert)",
            r"(?:habilit|activ|ativ)\w+ (?:el |o )?java ?script|(?:включите|увімкніть) java ?script",
        ),
        doubtful=(r"(?:without|allow|supports?) java ?script",),
    ),
    "a check for robots": _notice(
        plain=(
            r"(?:checking|verify(?:ing)?) (?:that )?(?:your browser|you are (?:a )?human)|are you a robot",
            r"(?:i[’']m|are|you[’']re) not a robot|(?:solve|complete) (?:the|this) captcha|\bray id\b",
            r"you have been blocked|you (?:are unable to|don[’']t have permission to) access",
            r"security service to protect|security of your connection|unusual (?:traffic|activity) from your",
            r"your (?:access|request|ip(?: address)?)(?: \w+){0,2} blocked",
        ),
        doubtful=(
            r"\bcaptcha\b|unusual (?:traffic|activity)|just a moment|access denied|security check|ddos protection",
        ),
        heading=(
            r"just a moment|attention required.*|(?:security|robot) (?:check|verification)|blocked",
            r"are you (?:a robot|human)\?*|verify you are human|(?:sorry, )?you have been blocked",
            r"access (?:denied|to this page has been denied)",
        ),
    ),
    "a request to log in": _notice(
        plain=(
            r"(?:log|sign) ?in or (?:create|register|sign)|(?:forgot|forgotten) (?:your )?password",
            r"by (?:continuing|signing up|logging in),? you (?:agree|accept)|don[’']t have an account",
            r"mot de passe oublié|passwort vergessen|olvidado (?:su|tu) contraseña|esqueceu (?:sua|a) senha",
            r"password dimenticata|wachtwoord vergeten|забыли пароль|забули пароль|忘记密码|パスワードを(?:お)?忘れ",
        ),
        doubtful=(r"\b(?:log|sign) ?in\b|your (?:e-?mail|password)|create an account|remember me",),
        heading=(
            r"(?:please )?(?:log|sign) ?in(?: or .*| to .*)?|log-?in|create (?:an|your) account|register|sign ?up",
            r"anmelden|anmeldung|einloggen|se connecter|connexion|identifiez-vous|iniciar sesión|acceder",
            r"accedi|entrar|fazer login|inloggen|zaloguj się|logowanie|logga in|log ind|giriş(?: yap)?",
            r"вход|войти|увійти|登录|登入|ログイン|로그인|تسجيل الدخول",
        ),
    ),
    "a demand to switch off an ad blocker": _notice(
        plain=(
            r"(?:disable|turn off|switch off|deactivate|pause) your ad ?-?block|you(?:[’']re| are) using an ad ?-?block",
            r"ad ?-?blocker (?:detected|is (?:on|enabled))|(?:whitelist|allow ads on) (?:us|our site|this site)",
            r"désactive[rz] (?:votre |le )bloqueur|ihren (?:ad-?|werbe)blocker|desactiv\w+ (?:el |tu |su )bloqueador",
            r"отключите блокировщик|вимкніть блокувальник",
        ),
        doubtful=(r"\bad ?-?block|bloqueur de publicités?|werbeblocker|bloqueador de anuncios",),
        heading=(
            r"(?:please )?(?:disable|turn off|switch off|pause) your ad ?-?block.*|ad ?-?block\w* detected.*",
            r"désactive[rz] .{0,20}bloqueur.*|.{0,20}(?:ad|werbe)-?blocker (?:deaktivieren|erkannt|aus.*)",
        ),
    ),
    "a block by country": _notice(
        plain=(
            rf"unavailable (?:due to|for) legal reasons|(?:not available|unavailable) in your {_PLACE}",
            r"access(?:ing)? (?:this|our) (?:website|site) from a country|access cannot be granted",
            r"in ihrem land nicht verfügbar|pas disponible dans votre (?:pays|région)",
            r"no (?:está )?disponible en su país",
        ),
        doubtful=(r"\bgdpr\b|general data protection regulation",),
        heading=(
            rf"(?:error )?451(?:\W.*legal.*)?|unavailable .{{0,10}}legal reasons|.{{0,20}}in your {_PLACE}",
        ),
    ),
    "a check of age": _notice(
        plain=(
            r"\bare you (?:over |at least )?(?:18|21)\b|\bi am (?:18|21) or (?:older|over)",
            r"(?:verify|confirm) your age|(?:sind sie|bist du) (?:über |mindestens )?18",
            r"avez-vous (?:plus de )?18 ans|eres mayor de (?:edad|18)",
        ),
        doubtful=(
            r"age-restricted|age of majority|you (?:are|must be) (?:at least|over) (?:18|21)|by entering",
        ),
        heading=(r"are you (?:over|at least|of) (?:18|21|legal|age).*|age (?:verification|check|gate)",),
    ),
    "a choice of edition": _notice(
        plain=(
            rf"(?:choose|select) (?:your|an?) {_EDITION}|remember your choice",
            r"choisissez (?:votre|une) (?:édition|pays|langue)|(?:elige|elija) (?:su|tu) (?:edición|país|idioma)",
            r"wählen sie (?:ihre|ihr|eine) (?:ausgabe|land|sprache)",
        ),
        heading=(
            rf"(?:please )?(?:choose|select) (?:your|an?) {_EDITION}|choisissez votre (?:édition|pays)",
        ),
    ),
}

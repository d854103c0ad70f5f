"""Query parameters that tell where a reader came from, not what is read."""

from __future__ import annotations

import re

_OF_ANY_LINK = (
    r"utm_\w+|pk_\w+|piwik_\w+|mtm_\w+|matomo_\w+|_ga|_gl|gclid|dclid|gbraid|wbraid|srsltid|"  # campaigns, Google
    r"fbclid|msclkid|yclid|twclid|ttclid|igshid|igsh|__twitter_impression|ref_src|"  # networks
    r"mc_[ce]id|_hsenc|_hsmi|mkt_tok|guccounter|guce_\w+|"  # letters, consent
    r"wt[._]mc(?:_id)?|xtor|s_cid|cmpid|intcmp|"  # Webtrekk, AT Internet, Adobe
    r"at_(?:medium|campaign(?:_type)?|custom\d*|bbc_team|channel|creation|format|link(?:_\w+)?|network|platform|"
    r"ptr_name|send_(?:date|time)|variant|emailtype|recipient_(?:id|list))|"
    r"ns_(?:campaign|mchannel|source|linkname|fee)"  # comScore
)
_IN_COMPARING = r"cmp|ncid|smid|trk|ocid|ito|ftag|echobox|_hs\w+|usqp|amp_(?:js_v|gsa)"

DROPPED = re.compile(_OF_ANY_LINK, re.IGNORECASE)
"""Left out of the links that readers are given: sure enough that no page shows something else without them."""

OVERLOOKED = re.compile(f"{_OF_ANY_LINK}|{_IN_COMPARING}", re.IGNORECASE)
"""Overlooked where two addresses are compared: a site may want them, but they do not tell its articles apart."""

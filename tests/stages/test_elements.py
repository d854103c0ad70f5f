from __future__ import annotations

import pytest

from bot.stages.clean import clean
from bot.stages.extract import extract
from tests.stages.pages import BODY, FEED, SENTENCES, URL, page


def relayed(body: str) -> str:
    return clean(extract(page(body), "text/html", URL), FEED).html


def test_custom_elements_leave_nothing_but_what_they_hold():
    body = f"<x-body><p>{SENTENCES}</p><my-island><div><p>{SENTENCES}</p></div></my-island><p>It costs <x-price>5</x-price> cents.</p></x-body>"
    text = SENTENCES.strip()
    assert relayed(body).replace(" </p>", "</p>").split("\n") == [
        f"<p>{text}</p>",
        f"<p>{text}</p>",
        "<p>It costs 5 cents.</p>",
    ]


def test_what_unfolds_in_amp_stays_and_what_advertises_goes():
    html = relayed(
        f"{BODY}<amp-ad><p>Buy lamps</p></amp-ad><amp-accordion><section><h4>Background</h4><p>{SENTENCES}</p></section></amp-accordion>"
    )
    assert "Buy lamps" not in html
    assert f"<h4>Background</h4>\n<p>{SENTENCES.strip()}" in html


def test_the_speaker_of_a_quote_stays_in_it():
    html = relayed(f"{BODY}<blockquote><p>{SENTENCES}</p><footer>— A. Farmer</footer></blockquote>{BODY}")
    assert "<p>— A. Farmer</p></blockquote>" in html


@pytest.mark.parametrize(
    ("formula", "written"),
    [
        ("<math><msup><mi>x</mi><mn>2</mn></msup></math>", "x^2"),
        ("<math alttext='x_{1}'><msub><mi>x</mi><mn>1</mn></msub></math>", "x_{1}"),
        ("<math><semantics><mi>x</mi><annotation encoding='application/x-tex'>\\sqrt{x}</annotation></semantics></math>", "\\sqrt{x}"),
        ("<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>", "1/2"),
    ],
)  # fmt: skip
def test_a_formula_is_written_out_and_not_translated(formula, written):
    assert f'Take <span translate="no">{written}</span> lamps.' in relayed(
        f"{BODY}<p>Take {formula} lamps.</p>{BODY}"
    )


LINKS = "<ul><li><a href='{0}/a{1}'>The plan of the council for all the lamps</a></li><li><a href='{0}/b{1}'>Its annex of forty pages</a></li></ul>"


@pytest.mark.parametrize(
    ("line", "host", "end", "stays"),
    [
        ("The documents in full:", "https://gov.example", "", True),
        ("The documents in full.", "https://gov.example", ".pdf", True),
        ("The documents in full:", "", ".pdf", True),
        ("The council met.", "https://gov.example", "", False),
        ("Elsewhere on this site:", "", "", False),
        ("Read more:", "https://gov.example", "", False),
    ],
)
def test_a_list_of_links_stays_where_it_is_the_sources_of_the_text(line, host, end, stays):
    html = relayed(f"<div>{BODY}<p>{line}</p>{LINKS.format(host, end)}{BODY}</div>")
    assert ("Its annex of forty pages" in html) is stays

"""`bot extract` on files: what a person, or a script that measures extraction, gets to see."""

from __future__ import annotations

import json

import pytest

from bot.cli import run
from tests.stages.pages import BODY, SENTENCES, page


@pytest.fixture
def extract(tmp_path, monkeypatch, capfd):
    """Runs the command on pages, each written into a file of its own; there is no config."""
    monkeypatch.chdir(tmp_path)

    def call(*bodies: str | bytes, as_json: bool = True):
        names = [f"{number}.html" for number in range(1, len(bodies) + 1)]
        for name, body in zip(names, bodies, strict=True):
            (tmp_path / name).write_bytes(body if isinstance(body, bytes) else page(body))
        code = run(["extract", *names, *(["--json"] if as_json else [])])
        out, err = capfd.readouterr()
        return code, [json.loads(line) for line in out.splitlines()] if as_json else out, err

    return call


def test_the_text_is_the_body_and_nothing_beside_it(extract):
    picture = "<figure><img src='https://osk.example/a.jpg'><figcaption>Dusk in Osk. Photo: R. Tull</figcaption></figure>"
    player = "<iframe src='https://www.youtube.com/embed/dQw4w9WgXcQ'></iframe>"
    first = "<figure><img src='https://osk.example/lead.jpg' width='900' height='600'></figure>"
    code, [article], err = extract(f"{first}{BODY}{picture}<h2>Oil</h2>{player}<ul><li>Wicks</li></ul>{BODY}")
    paragraph = SENTENCES.strip()
    assert (code, err, article["refused"]) == (0, "", "")
    assert article["text"].split("\n") == [paragraph, paragraph, "Oil", "Wicks", paragraph, paragraph]
    assert "Dusk in Osk" in article["html"]
    assert "youtube.com" in article["html"]


def test_a_picture_story_is_told_in_its_captions(extract):
    pictures = "".join(
        f"<figure><img src='https://osk.example/{number}.jpg'><figcaption>{number}. {SENTENCES}</figcaption></figure>"
        for number in range(5)
    )
    assert "4. The lamplighter" in extract(f"<p>{SENTENCES}</p>{pictures}")[1][0]["text"]


def test_what_the_relay_would_refuse_is_shown_and_called_so(extract):
    sample = f"<p>{SENTENCES}</p><p>Subscribe to continue reading.</p>"
    code, [article], err = extract(sample)
    assert code == 0
    assert "a paid article" in article["refused"]
    assert article["text"].startswith(SENTENCES.strip())
    assert err.startswith("refused: no article found (readability: the beginning of a paid article")


def test_a_page_without_a_title_is_shown(extract):
    code, [article], _ = extract(f"<html><body><p>{SENTENCES}</p><p>{SENTENCES}</p></body></html>".encode())
    assert (code, article["title"], article["refused"]) == (0, "", "has no title")
    assert article["text"].count("Osk") == 2


def test_of_two_poor_texts_that_with_an_article_in_it_is_shown(extract):
    code, [article], _ = extract("<p>A lamp went out in Osk.</p>")
    assert (code, "only 2" in article["refused"], article["text"]) == (0, True, "A lamp went out in Osk.")


def test_several_files_are_a_line_of_json_each_and_one_that_holds_nothing_stops_no_other(extract):
    code, articles, err = extract(BODY, b"no markup at all", BODY)
    assert code == 1
    assert [each["file"] for each in articles] == ["1.html", "3.html"]
    assert err.startswith("2.html: ")
    assert "is not HTML" in err


def test_a_file_that_holds_nothing_is_told_in_one_line(extract):
    code, articles, err = extract(b"no markup at all")
    assert (code, articles, err.count("\n")) == (1, [], 1)


def test_as_a_person_reads_it(extract):
    code, out, _ = extract(BODY, as_json=False)
    assert (code, out.splitlines()[0]) == (0, "The lamplighter stays")
    code, out, _ = extract(BODY, BODY, as_json=False)
    assert [line for line in out.splitlines() if line.startswith("==")] == ["== 1.html", "== 2.html"]


def test_what_is_refused_fails_where_only_its_text_is_printed(extract):
    code, out, err = extract(f"<p>{SENTENCES}</p><p>Subscribe to continue reading.</p>", as_json=False)
    assert (code, SENTENCES.strip() in out, err.startswith("refused: ")) == (1, True, True)


def test_a_link_that_is_named_by_its_site_is_a_word_of_its_sentence(extract):
    story = "<p>It was first told by <a href='https://www.osk.example/x'>osk.example</a>, and then by the lamps.</p>"
    assert "told by osk.example, and" in extract(f"{BODY}{story}")[1][0]["text"]


def test_what_stands_below_a_quote_is_no_caption(extract):
    quote = "<figure><blockquote><p>The lamps are mine.</p></blockquote><figcaption>Jo Tull, mayor</figcaption></figure>"
    assert "Jo Tull, mayor" in extract(f"{BODY}{quote}{BODY}")[1][0]["text"]

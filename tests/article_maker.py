"""Makes news articles of many shapes, the same for the same seed: markup as real pages have it, words of ours."""

from __future__ import annotations

import random
from collections.abc import Callable
from html import escape
from pathlib import Path

WHO = (
    "the city council", "a group of farmers", "Dr. Amina Yusuf", "the health ministry", "two former judges",
    "residents of Port Hale", "the fishing union", "engineers at the plant", "Mayor Tomas Rehn", "the opposition",
    "a spokesperson for the bank", "students from three schools", "the U.N. office in Geneva", "volunteers",
    "Prof. J. K. Oduya", "the owners of the ferry line", "local reporters", "the court",
)  # fmt: skip
DID = (
    "approved a plan to rebuild the harbor wall", "asked for more time to study the report",
    "refused to comment on the findings", "opened a clinic near the old market", "promised to plant 12,500 trees",
    "warned that the dam could fail within 3 years", "published figures that nobody had seen before",
    "met behind closed doors until 11:30 p.m.", "rejected the offer of $4.75 million", "started a petition online",
    "cut the price of bread by 15%", "found lead in 27 of 40 water samples", "walked out of the talks",
    "sent a letter to every household", "called the decision unfair", "moved the vote to 2026",
)  # fmt: skip
WHEN = (
    "on Tuesday", "last week", "after months of delay", "in early March 2024", "despite heavy rain", "before dawn",
    "for the first time since 1998", "in front of a packed hall", "without giving a reason", "a day later",
)  # fmt: skip
BECAUSE = (
    "because the road to the north is still closed", "although few people expected it",
    "while prices in the region keep rising", "so that work can begin before winter",
    "which many see as a turning point", "as the river reached its highest level in a decade",
    "even though the money has not arrived", "and nobody knows who will pay for it",
)  # fmt: skip
QUOTES = (
    "We have waited too long for an answer", "This is not about money", "Nobody told us anything",
    "I can see the water from my kitchen", "They came at night and took the files", "It’s a start, nothing more",
    "You can’t eat a promise", "The children ask me every day when the school will open",
)  # fmt: skip
NAMES = (
    "Maria Lopez",
    "Ken Adebayo",
    "Li Wei",
    "Sofia Brandt",
    "Omar Haddad",
    "Anna-Lena Koskinen",
    "J. P. Moreau",
)
HEADS = (
    "What comes next", "A long dispute", "Who pays?", "Background", "The numbers", "Voices from the coast",
    "How the vote went", "Why it matters now!",
)  # fmt: skip
CAPTIONS = (
    "The harbor at low tide", "Farmers wait outside the hall", "A map of the flooded area", "Empty shelves in May",
)  # fmt: skip
CYRILLIC = (
    "Совет города одобрил план восстановления моста после долгих споров",
    "Жители попросили министерство опубликовать отчёт о качестве воды за 2023 год",
    "Никто не объяснил, почему работы остановились весной",
    "Рыбаки говорят, что река изменилась и сети возвращаются пустыми",
    "Суд перенёс заседание на неделю, потому что документы не были готовы",
)  # fmt: skip

Wrap = Callable[[str], str]


class ArticleMaker:
    """Articles for one seed: `title`, `lead`, `html`."""

    def __init__(self, seed: int, *, cyrillic: bool = False, paragraphs: tuple[int, int] = (5, 40)) -> None:
        self.rng = random.Random(seed)
        self.paragraphs = paragraphs
        self.cyrillic = cyrillic
        self.title = self.sentence(marks=0).rstrip(".")
        self.lead = self.sentence(marks=0)
        self.html = self.body()

    def body(self) -> str:
        rng = self.rng
        blocks = [self.paragraph() for _ in range(rng.randint(*self.paragraphs))]
        others = [
            self.heading,
            self.list,
            self.quote,
            self.figure,
            self.table,
            self.lines,
            self.code,
            self.nested,
        ]
        for _ in range(rng.randint(2, 9)):
            blocks.insert(rng.randrange(len(blocks)), rng.choice(others)())
        return "\n".join(blocks)

    def sentence(self, marks: float = 0.6) -> str:
        rng = self.rng
        if self.cyrillic:
            words = rng.choice(CYRILLIC)
            return self.marked(words, marks) + "."
        subject = rng.choice(WHO)
        parts = [subject[0].upper() + subject[1:], rng.choice(DID), rng.choice(WHEN), rng.choice(BECAUSE)]
        text = " ".join(
            self.marked(escape(part, quote=False), marks * 0.35) for part in parts[: rng.randint(3, 4)]
        )
        if rng.random() < 0.25:
            quote = self.marked(rng.choice(QUOTES), marks * 0.2)
            return f"“{quote},” said {self.marked(rng.choice(NAMES), marks * 0.3)}. {text}."
        return text + rng.choice((".", ".", ".", ".", "!", "?"))

    def marked(self, text: str, chance: float) -> str:
        """`text`, perhaps with a word or all of it in inline markup."""
        rng = self.rng
        if rng.random() >= chance:
            return text
        words = text.split(" ")
        start = rng.randrange(len(words))
        end = rng.randint(start + 1, len(words))
        inner = rng.choice(self.wraps())(" ".join(words[start:end]))
        return " ".join([*words[:start], inner, *words[end:]])

    def wraps(self) -> list[Wrap]:
        number = self.rng.randint(1, 999)
        return [
            lambda t: (
                f'<a href="https://example.org/story/{number}?a=1&amp;b={number}" rel="noopener">{t}</a>'
            ),
            lambda t: (
                f'<a href="https://example.org/{number}" title="More about this" rel="noopener">{t}</a>'
            ),
            lambda t: f"<strong>{t}</strong>",
            lambda t: f"<em>{t}</em>",
            lambda t: f"<b><i>{t}</i></b>",
            lambda t: f'<span lang="en">{t}</span>',
            lambda t: f"{t}<sup>[{number % 30}]</sup>",
            lambda t: f'<a href="https://example.org/{number}" rel="noopener"><strong>{t}</strong></a>',
            lambda t: f"(<em>{t}</em>)",
            lambda t: f"<q>{t}</q>",
            lambda t: f"{t} <code>rate={number}</code>",
            lambda t: f"{t}, see https://example.org/data/{number}?x=y&amp;z=1,",
        ]

    def paragraph(self) -> str:
        count = self.rng.choice((1, 2, 2, 3, 3, 4, 6))
        return f"<p>{' '.join(self.sentence() for _ in range(count))}</p>"

    def heading(self) -> str:
        return f"<h2>{self.marked(self.rng.choice(HEADS), 0.2)}</h2>"

    def list(self) -> str:
        tag = self.rng.choice(("ul", "ol"))
        items = "".join(f"<li>{self.sentence().rstrip('.')}</li>" for _ in range(self.rng.randint(2, 6)))
        return f"<{tag}>{items}</{tag}>"

    def quote(self) -> str:
        name = self.rng.choice(NAMES)
        return f"<blockquote><p>“{self.rng.choice(QUOTES)}.”</p><p>— <cite>{name}</cite>, a witness</p></blockquote>"

    def figure(self) -> str:
        n, caption = self.rng.randint(1, 99), self.rng.choice(CAPTIONS)
        return (
            f'<figure><img src="https://example.org/p/{n}.jpg" alt="{caption} in spring" width="800" height="500">'
            f"<figcaption>{caption}. <em>Photo: {self.rng.choice(NAMES)}</em></figcaption></figure>"
        )

    def table(self) -> str:
        rows = "".join(
            f"<tr><td>{self.rng.choice(('North', 'South', 'Harbor district', 'All regions'))}</td>"
            f"<td>{self.rng.randint(10, 9999):,}</td><td>{self.rng.choice(('rising', 'not known yet', 'stable'))}</td></tr>"
            for _ in range(self.rng.randint(2, 5))
        )
        return f"<table><thead><tr><th>Region</th><th>Samples taken</th><th>Trend</th></tr></thead><tbody>{rows}</tbody></table>"

    def lines(self) -> str:
        return '<p>Contact the newsroom:<br>Harbor Street 14<br><a href="mailto:desk@example.org" rel="noopener">desk@example.org</a></p>'

    def code(self) -> str:
        return "<pre><code>for n in range(3):\n    print(n)  # stays as it is\n</code></pre>"

    def nested(self) -> str:
        return (
            f"<div><p><strong>Update:</strong> {self.sentence(1.5)}</p><ul><li>{self.sentence(1.5)}<ul>"
            f"<li>{self.sentence(0).rstrip('.')}</li></ul></li></ul></div>"
        )


def main() -> None:
    """Write the made articles of tests/data/articles anew."""
    folder = Path(__file__).parent / "data" / "articles"
    for seed in range(48):
        cyrillic = seed % 12 == 11
        article = ArticleMaker(seed, cyrillic=cyrillic, paragraphs=(4, 8) if seed % 2 else (12, 26))
        name = f"made-{seed:02}{'-ru' if cyrillic else ''}.html"
        (folder / name).write_text(article.html + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

from __future__ import annotations

import pytest

from bot.stages import language


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The council voted on Tuesday to rebuild the bridge.", "en"),
        ("Der Stadtrat hat am Dienstag beschlossen, die Brücke neu zu bauen.", "de"),
        ("Городской совет решил восстановить старый мост.", "ru"),
        ("市议会周二决定重建老桥，这座桥在洪水后关闭了很久。", "zh"),
        ("قرر مجلس المدينة يوم الثلاثاء إعادة بناء الجسر القديم.", "ar"),
    ],
)
def test_languages_are_told_offline(text: str, code: str) -> None:
    assert language.detect(text)[0] == code


@pytest.mark.parametrize("text", ["", "12 345", "OK", "https://example.org/a/long/address/with/words"])
def test_too_little_text_says_nothing(text: str) -> None:
    assert language.detect(text) == ("", 0.0)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("en", "en-GB", True),
        ("pt-BR", "pt", True),
        ("nb", "no", True),
        ("he", "iw", True),
        ("zh-Hans", "zh-CN", True),
        ("zh", "zh-TW", False),
        ("sr", "sr-Latn", False),
        ("fr", "en", False),
    ],
)
def test_regions_do_not_count_and_scripts_do(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - a table
    assert language.same(one, other) is same

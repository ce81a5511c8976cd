"""Words that the house does not use, because the law gives them a meaning that nothing here has."""

import re
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2] / "maillage"
# In Québec, what is anonymized can never again be linked to anybody. A fictional name is not that.
FORBIDDEN = re.compile("anonymi[sz]", re.IGNORECASE)
WORDED = sorted(path for kind in ("py", "html", "txt", "po", "toml", "js") for path in HOUSE.rglob(f"*.{kind}"))


def test_nothing_is_said_to_be_beyond_recognition() -> None:
    assert len(WORDED) > 200
    assert [path for path in WORDED if FORBIDDEN.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("sentence", ["Récit anonymisé", "L’anonymisation", "Anonymized", "anonymise"])
def test_the_word_is_seen(sentence: str) -> None:
    assert FORBIDDEN.search(sentence)

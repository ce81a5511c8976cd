"""A diff tells the whole of both versions, word by word, whatever their size."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from maillage.core import diff
from maillage.core.diff import Piece, words

TEXTS = st.lists(st.sampled_from(["un", "deux", "trois", " ", "  ", "\n", "\n\n", "l’été", ",", "\r\n", "\t"])).map(
    "".join
)


def versions(pieces: list[Piece]) -> tuple[str, str]:
    return (
        "".join(piece.text for piece in pieces if piece.kind != "added"),
        "".join(piece.text for piece in pieces if piece.kind != "removed"),
    )


@given(TEXTS | st.text(), TEXTS | st.text())
def test_both_versions_can_be_read_from_the_pieces(old: str, new: str) -> None:
    pieces = words(old, new)
    assert versions(pieces) == (old, new)
    assert all(piece.text for piece in pieces)
    assert all(one.kind != other.kind for one, other in pairwise(pieces))


@given(TEXTS)
def test_a_text_that_did_not_change_is_one_piece(text: str) -> None:
    assert words(text, text) == ([Piece("same", text)] if text else [])


def test_one_word_changed_shows_as_one_word() -> None:
    assert words("La table est fermée.\nVoilà.", "La table est ouverte.\nVoilà.") == [
        Piece("same", "La table est "),
        Piece("removed", "fermée."),
        Piece("added", "ouverte."),
        Piece("same", "\nVoilà."),
    ]


def test_a_word_added_at_the_end_leaves_the_others_alone() -> None:
    assert words("Bonjour à vous", "Bonjour à vous toutes") == [
        Piece("same", "Bonjour à vous"),
        Piece("added", " toutes"),
    ]


def test_texts_that_would_take_long_to_compare_are_shown_as_replaced() -> None:
    old, new = "a b " * 15_000, "b a c " * 10_000
    assert [piece.kind for piece in words(old, new)] == ["removed", "added", "same"]


def test_a_small_change_in_a_long_text_stays_small() -> None:
    old = "Nous avons parlé de la table et de la reddition.\n" * 1000
    new = old.replace("table", "tablée", 1)
    assert [piece.text for piece in words(old, new) if piece.kind != "same"] == ["table", "tablée"]


def test_comparing_never_starts_beyond_its_budget() -> None:
    many = ["mot"] * 300
    budget = diff._Budget()
    # 300 * 300 pairs, found again for each of 300 words, are too many; a hundredth of that is not.
    assert list(diff._runs(["x", *many, "y"], ["z", *many, "t"], budget)) == [(False, slice(0, 302), slice(0, 302))]
    assert budget.left == diff.BUDGET
    few = many[:60]
    assert len(list(diff._runs(["x", *few, "y"], ["z", *few, "t"], budget))) == 3


def test_many_costly_lines_share_one_budget() -> None:
    old = "".join(f"{n} {'a b ' * 40}\n" for n in range(40))
    new = "".join(f"{n} {'b a c ' * 30}\n" for n in range(40))
    pieces = words(old, new)
    assert versions(pieces) == (old, new)
    # The first lines are compared word by word, the last ones no longer.
    assert len(pieces) < 40 * 30

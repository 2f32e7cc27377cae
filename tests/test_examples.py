"""The notation of worked examples: what it says, and what is no example."""

from __future__ import annotations

import pytest

from headatlas.atlas.make.definitions import definition, ideal
from headatlas.patterns import examples
from tests.fake_database import make
from tests.helpers import sequence


def test_tokens_and_their_marks():
    tokens = sequence("S* the ·photo syn ⏎ the * Cat[noun0,name12] ([opening3] [[opening4]")
    assert tokens.texts == ("S", "the", " photo", "syn", "\n", "the", "*", "Cat", "(", "[")
    assert tokens.special == (True,) + (False,) * 9, "a star by itself is a token"
    assert tokens.ids[1] == tokens.ids[5]
    assert len(set(tokens.ids)) == 9
    assert tokens.roles["noun:last"] == tokens.roles["noun"] == {7: 0}
    assert tokens.roles["name"] == {7: 12}
    assert tokens.roles["opening:first"] == {8: 3, 9: 4}
    assert (tokens.source, tokens.grid) == (None, None)


def test_pairs_share_their_ids_and_images_have_a_grid():
    pair = sequence("le chat[source_word0] S* → S* the chat[target_word0]")
    assert pair.texts == ("S", "the", "chat")
    assert pair.source.texts == ("le", "chat", "S")
    assert (pair.ids[2], pair.ids[0]) == (pair.source.ids[1], pair.source.ids[2])
    assert (pair.roles["target_word"], pair.source.roles["source_word"]) == ({2: 0}, {1: 0})
    assert "source_word" not in pair.roles
    assert sequence("S* a b c / d e f").grid == (2, 3)


@pytest.mark.parametrize(
    ("text", "query", "keys"),
    [
        ("A B C A: query 3 (the second A) looks at key 1 (B).", 3, (1,)),
        ("A B C: query 2 looks at keys 0 (the 1st) and 1 (the 2nd).", 2, (0, 1)),
        ("A , : query B: query 3 (B) looks at keys 0, 2.", 3, (0, 2)),
        ("a b S* → S* x: query 1 (x) looks at key 2.", 1, (2,)),
    ],
)
def test_examples(text, query, keys):
    example = examples.parse(text)
    assert (example.query, example.keys) == (query, keys)
    assert example.key_sequence is (example.sequence.source or example.sequence)


@pytest.mark.parametrize(
    "text",
    ["", "A B C", "A B: query 2 looks at key 0.", "A B: query 1 looks at key 2.", "A B: query 1 looks at nothing.",
     "a b → x y z: query 2 looks at key 2.", "A B: query one looks at key 0."],
)  # fmt: skip
def test_what_is_no_example(text):
    assert examples.parse(text) is None


def test_the_example_of_a_description():
    description = "Attends somewhere.\n\nMore words.\n\n    A B: query 1 looks at key 0.\n"
    assert examples.find(description) == "A B: query 1 looks at key 0."
    assert examples.find("Attends somewhere.") == ""


def test_people_read_no_roles():
    text = "The[det0] ([opening0] a [[opening1] b ][closing1] )[closing0]: query 6 looks at key 1."
    assert examples.without_roles(text) == "The ( a [ b ] ): query 6 looks at key 1."


@pytest.mark.slow
def test_a_page_draws_the_example_of_a_pattern_that_is_not_installed(tmp_path):
    """With the glyphs of its tokens, without its roles, and with as much as the example says."""
    import headatlas
    from headatlas.atlas.data.atlas import Atlas
    from headatlas.atlas.data.load import all_patterns

    with headatlas.open(make(tmp_path / "heads.db")) as catalog:
        known = all_patterns(catalog)[0]
    example = "a ⏎ ·b[noun0] c[verb0]: query 3 (c) looks at keys 1, 2."
    pattern = type(known)(**{**vars(known), "name": "nobodys", "example": example})
    drawing = ideal(pattern)
    assert list(drawing.rows) == ["a", "␣", "·b", "c"]
    assert [(row, key) for row, key, _ in drawing.targets] == [(3, 1), (3, 2)]
    assert (drawing.query, drawing.causal) == (3, True)
    atlas = Atlas([], [pattern], [])
    assert definition(atlas, pattern).example == "a ⏎ ·b c: query 3 (c) looks at keys 1, 2."

"""What a token's wording says about it: the predicates behind the token-class patterns."""

from __future__ import annotations

import unicodedata

# The closed classes of English: articles, pronouns, prepositions, conjunctions, auxiliaries, particles.
FUNCTION_WORDS = frozenset(
    "a about above after against all although am among an and any are as at be because been before being below "
    "between both but by can could did do does during each either for from had has have he her hers him his how i if "
    "in into is it its may me might mine must my neither no nor not of off on or our ours out over shall she should "
    "since so some than that the their theirs them then there these they this those though through to under unless "
    "until up upon us was we were what when where whether which while who whom whose why will with within without "
    "would you your yours".split()
)
PRONOUNS = frozenset("i you he she it we they me him her us them".split())


def is_punctuation(text: str) -> bool:
    """True for a token that consists of Unicode punctuation, spaces around it aside."""
    text = text.strip()
    return bool(text) and all(unicodedata.category(letter).startswith("P") for letter in text)


def ends_sentence(text: str) -> bool:
    """True for . ! ? (also with a closing quote or bracket after it) and for a token with a line break."""
    return "\n" in text or text.strip().rstrip("\"')]\u201d\u00bb").endswith((".", "!", "?", "\u3002", "\u061f"))


def is_comma(text: str) -> bool:
    """True for a comma, in any script."""
    return text.strip() in {",", "\uff0c", "\u3001", "\u060c"}


def has_newline(text: str) -> bool:
    """True for a token with a line break in it."""
    return "\n" in text


def is_whitespace(text: str) -> bool:
    """True for a token that is nothing but white space; a space before a word does not count."""
    return bool(text) and text.isspace()


def has_digit(text: str) -> bool:
    """True for a token of digits, with or without a space or point."""
    text = text.strip().strip(".,")
    return bool(text) and text.isdigit()


def is_capitalised(text: str) -> bool:
    """True for a token whose first letter is a capital."""
    text = text.strip()
    return bool(text) and text[0].isupper()


def is_function_word(text: str) -> bool:
    """True for a word of the closed classes of English."""
    return text.strip().lower() in FUNCTION_WORDS


def is_function_token(text: str) -> bool:
    """True for what holds a text together: function words, punctuation, white space, ends of sentences and lines."""
    return is_function_word(text) or is_punctuation(text) or is_whitespace(text) or ends_sentence(text)


def is_content_word(text: str) -> bool:
    """True for a token of letters that is no word of the closed classes of English."""
    return text.strip().isalpha() and not is_function_word(text)


def is_pronoun(text: str) -> bool:
    """True for an English personal pronoun."""
    return text.strip().lower() in PRONOUNS


def is_short(text: str) -> bool:
    """True for a token of one or two letters."""
    text = text.strip()
    return text.isalpha() and len(text) <= 2


def ends_clause(text: str) -> bool:
    """True for , ; : and dashes, and for what ends a sentence or a line."""
    return text.strip() in {",", ";", ":", "-", "\u2013", "\u2014", "\uff0c", "\u3001", "\u060c"} or ends_sentence(text)


def is_opening_mark(text: str, before: str = "") -> bool:
    """True for a token of marks that ends with an opening bracket or quotation mark; `before` is the token before it.

    A straight quotation mark opens where it stands after a space, after another opening mark, or at the start.
    """
    if not is_punctuation(text):
        return False
    last = text.rstrip()[-1]
    if last not in "\"'":
        return unicodedata.category(last) in ("Ps", "Pi")
    previous = (before + text.rstrip())[:-1][-1:]
    return not previous or previous.isspace() or unicodedata.category(previous) in ("Ps", "Pi")

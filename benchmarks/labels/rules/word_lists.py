"""Short lists of English words, as predicates of whole words, for rules that look for what is spoken of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.labels.wording import Tokens, wording
from headatlas.bench.heads import BenchText

Predicate = Callable[[str], bool]
NEGATED_ENDINGS = ("n't", "n\u2019t")


def said_in(words: str) -> Predicate:
    """A predicate that is true for the words of a list, capitals aside."""
    known = frozenset(words.split())
    return lambda word: word.strip().casefold() in known


is_time_word = said_in(
    "second minute minutes hour hours day days night nights week weeks month months year years century morning evening "
    "afternoon noon midnight dawn today tomorrow yesterday tonight time times moment summer winter spring autumn age "
    "monday tuesday wednesday thursday friday saturday sunday january february march april june july august september "
    "october november december"
)
is_person_word = said_in(
    "man men woman women boy boys girl girls child children people person family mother father brother sister son "
    "daughter wife husband uncle aunt friend friends neighbour neighbours teacher doctor nurse captain king queen "
    "driver farmer keeper clerk master guest guests visitor visitors member members resident residents mr mrs miss"
)
is_size_or_colour = said_in(
    "big small large little great tiny huge long short tall high low wide narrow deep thick thin heavy light old young "
    "new red blue green yellow black white grey gray brown orange pink golden dark pale bright"
)
is_saying = said_in(
    "say says said saying tell tells told ask asks asked answer answers answered reply replied speak spoke spoken talk "
    "talked call calls called write writes wrote written think thinks thought know knows knew hear heard read believe "
    "believed hope hoped shouted whispered explained reported announced"
)
is_motion = said_in(
    "go goes going went gone come comes coming came walk walks walked walking run runs ran running move moves moved "
    "moving turn turns turned leave leaves left leaving arrive arrives arrived return returns returned bring brings "
    "brought carry carries carried take takes took taken put puts send sent follow follows followed pass passed fall "
    "falls fell rise rises rose climb climbed open opened close closed"
)
is_quantity = said_in(
    "one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred thousand million "
    "half quarter dozen pair many much few several more most less least every another enough first second third only"
)
is_negation = said_in("not no never nothing nobody none nowhere neither nor cannot without hardly")
is_whereabouts = said_in(
    "here away back down home forward near behind beside beneath beyond across along around outside inside toward "
    "towards past far left right north south east west apart together ahead everywhere"
)
is_degree = said_in(
    "very too quite almost just even still also rather really perhaps maybe always often sometimes again already soon "
    "now later ever yet well nearly usually certainly probably early late once twice"
)
is_preposition = said_in(
    "in on at by for with from of to into onto upon over under through between among about against within without "
    "during towards toward across along behind beside near around beyond"
)
is_article = said_in("a an the")
is_conjunction = said_in("and or but")
is_auxiliary = said_in(
    "am is are was were be been being have has had do does did will would shall should can could may might must"
)
is_question_word = said_in("what when where which who whom whose why how")


def negations(text: BenchText) -> Tokens:
    """Words that deny, and the n't of verbs; of words in several pieces the last one."""
    in_words = wording(text).words(_denies)
    return np.logical_or(in_words, wording(text).tokens(_is_contracted_not))


def _denies(word: str) -> bool:
    return is_negation(word) or word.casefold().endswith(NEGATED_ENDINGS)


def _is_contracted_not(text: str) -> bool:
    return text.strip().casefold() in ("'t", "\u2019t", *NEGATED_ENDINGS)

"""Heads whose truth is known: what declares and checks them, and those of benchmarks/labels."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.labels import asleep, content, narrow, nulls, planted, unlisted
from benchmarks.labels.composing import Spread, spread
from benchmarks.labels.keys import allowed_pairs, as_weights
from benchmarks.labels.rules import blind_mixtures, later_mixtures, mixtures, more_mixtures, positions, switching, turns
from benchmarks.labels.rules.every import NARROW, UNLISTED
from benchmarks.labels.rules.rule import FIT, JUDGE, Rule
from benchmarks.labels.targets import ADDED, CLASSES, CONTENT, IMPLIED, OF_ROLES, POSITIONAL, TARGETS, implied_by
from headatlas.bench.heads import BenchHead, BenchText, check_attention, head, heads_of
from headatlas.bench.source import called
from headatlas.errors import HeadatlasError
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns import PATTERNS, RIVALS
from headatlas.probes import PROBES
from headatlas.scoring.targets import targets_of
from tests.bench_texts import as_bench_text, by_hand, passage_texts, passage_tokens, random_tokens
from tests.helpers import sequence

ROOT = Path(__file__).parent.parent
MODULES = {"unlisted": unlisted, "narrow": narrow, "planted": planted, "asleep": asleep, "content": content,
           "nulls": nulls}  # fmt: skip
RULES = {rule.name: rule for rule in UNLISTED + NARROW}
ROLE_NAMES = tuple(
    "variant:last follower:first element element:last subject subject_again:last after_subject:first end:last "
    "subject_again io answer_due:last answer label_due:last label closing:last opening closing_quote:last "
    "opening_quote indented:first indented_before:first value:last key marker:last marker_before item_word:last "
    "item_word_before cell:last cell_above cell_below:last header noun:last det adj object:last verb verb:last subject "
    "prep_object:last prep possessor pronoun:last antecedent aux "
    "choice_due:last option option_letter third_due:last third repeat_due:last repeated question document "
    "named_again:last partner partner_due:last filter_due:last item line_end:last line_break "
    "phrase_due:last phrase:last chance_phrase:last reply_due:last told known "
    "turn_due:last instruction injected".split()
)
BOTH_WAYS = [True, pytest.param(False, marks=pytest.mark.slow)]
MADE_UP = (
    "Anna",
    "the end",
    "S* The old Cat , she said ( 7 times ) . ⏎ Is it the cat ? S*",
    "S* ·un believ able ·words , ·un kind ·words . ·Then ·words",
    "Mary[io0] and Ed[subject0] met[after_subject0] ; Ed[subject_again0] spoke to[end0]",
)


@pytest.fixture(scope="module")
def texts() -> list[BenchText]:
    """Passages of natural text, of any language and layout."""
    return passage_texts()


# The tests' tokenizer cuts words after six letters: the first piece of a word is mostly much longer than the rest.
CUT_AT_SIX = {("latest_longer", "word_continuation")}
RETURNING = " ".join(["B", *(f"t{number}" for number in range(29)), "A", "B"])  # 31 tokens before B is said again
SEVENTEEN = " ".join(f"t{number}" for number in range(8, 25))


@pytest.fixture(scope="module")
def repeated() -> list[BenchText]:
    """Random tokens, twice over."""
    return [as_bench_text(random_tokens(seed, repeat=True)) for seed in range(6)]


@cache
def _keys(pattern: str, text: BenchText) -> np.ndarray:
    """bool [query, key]: the keys of a pattern, which are asked for again for every rule and head."""
    keys = as_weights(TARGETS[pattern](text), text) > 0
    keys.setflags(write=False)
    return keys


# The rules, each on a text where the keys can be seen: query -> keys, none where there is nothing behind the colon.
BY_HAND = [
    ("latest_ed_or_ing", "she walked and was singing red songs", "1: 2:1 4:1 6:4"),
    ("latest_plural", "two cats saw this glass and dogs now", "1: 2:1 5:1 7:6"),
    ("latest_content_word", "the dog of the house is", "1: 3:1 4:1 5:4"),
    ("latest_of_another_script", "мир world peace мир", "0: 1:0 2:0 3:2"),
    ("latest_with_space", "un do ·it ly now", "2: 3:2 4:2"),
    ("latest_glued", "·A b , ·C", "1: 2:1 3:1"),
    ("latest_vowel_initial", "open door of apple tree", "1:0 3:0 4:3"),
    ("latest_long_word", "a mountain is tall enormous yes", "1: 2:1 5:4"),
    ("latest_of_five_letters", "the house is small and old", "1: 2:1 3:1 5:3"),
    ("latest_apostrophe", "it 's fine ' yes", "1: 2:1 4:1"),
    ("latest_symbol", "a = b , c", "1: 2:1 4:1"),
    ("latest_capital", "S* Anna and Bob ran", "1: 2:1 3:1 4:3"),
    ("latest_upper_case", "NATO and Bob ran", "1:0 3:0"),
    ("latest_number", "7 and 8 ran", "1:0 2:0 3:2"),
    ("latest_function_word", "the dog of stone here", "1:0 2:0 4:2"),
    ("latest_pronoun", "she saw the dog", "0: 3:0"),
    ("latest_opening_mark", "( a ) b", "1:0 3:0"),
    ("latest_bracket", "( a ) b", "2:0 3:2"),
    ("latest_comma", "a , b , c . d", "1: 2:1 6:3"),
    ("latest_mark", "a , b . c", "2:1 4:3"),
    ("after_function_word", "the of dog ran to sea now", "2: 3:2 5:2 6:5"),
    ("before_capital", "we saw Anna Bell go", "2: 3:1 4:1"),
    ("after_capital", "Anna Bell went home", "2: 3:2"),
    ("before_number", "the year was ( 19 82 ) new", "4: 5:2 7:2"),
    ("before_newline", "one two . ⏎ three", "3: 4:1"),
    ("after_comma", "a , b c", "2: 3:2"),
    ("before_comma", "a b , c", "2: 3:1"),
    ("before_mark", "a b . ) c", "2: 4:1"),
    ("after_opening_mark", "so ( a b", "2: 3:2"),
    ("same_first_letter", "bat dog bird Big big", "1: 2:0 3:2 4:2"),
    ("all_same_first_letter", "bat dog bird Big", "3:0,2"),
    ("alphabetically_nearest", "apple zebra mouse cat", "2:0 3:0"),
    ("alphabetically_before", "dog cat zebra mouse", "1: 2:0 3:0"),
    ("begins_as_this_ends", "tree net dog", "1:0 2:"),
    ("same_shape", "Anna 7 dog Bob 8 cat , .", "2: 3:0 4:1 5:2 7:6"),
    ("same_last_letter", "tree net cat net", "1: 2:1 3:2"),
    ("rhyme", "singing tree king", "1: 2:0"),
    ("shared_letters", "stone dog notes", "1: 2:0"),
    ("same_length", "one three two", "1: 2:0"),
    ("same_first_vowel", "map tip bad", "1: 2:0"),
    ("copy_of_two_before", "A B C A D E", "4: 5:0"),
    ("two_before_copy", "X Y A B A", "3: 4:0"),
    ("before_copy_of_previous", "X A B A C", "3: 4:0"),
    ("three_before_copy", "X Y Z A B A", "5:0"),
    ("two_after_copy", "A B C D A", "3: 4:2"),
    ("three_after_copy", "A B C D A", "4:3"),
    ("second_latest_copy", "A B A C A", "2: 4:0"),
    ("midway_to_copy", "A B C D E A", "4: 5:2"),
    ("latest_said_twice", "a b a c d a e", "2: 3:2 4:2 6:"),
    ("all_said_twice", "a b a c d", "4:0,2"),
    ("most_frequent", "a b a c a d b", "3: 5:4 6:4"),
    ("closest_id", "a d b c", "2:0 3:2"),
    ("same_parity", "a d b c", "1: 2:1 3:0"),
    ("longest_so_far", "a house is mountain here", "2:1 3:1 4:3"),
    ("shortest_so_far", "to house a big", "2:0 3:2"),
    ("latest_rare_of_nine", "a b c d e f g h z a b", "8: 9:8 10:8"),
    ("rarest_nearby", "z y b c d e f g h i j k l m", "3:0 12:0 13:1"),
    ("middle", 7, "3: 4:2 6:3"),
    ("third_of_the_way", 7, "5: 6:2"),
    ("oldest_quarter", 13, "4: 12:1,2"),
    ("newest_quarter", 41, "39: 40:30,31,32,33,34,35,36,37,38,39"),
    ("powers_of_two", 40, "15: 16:0 39:7,23"),
    ("squares", 40, "8: 39:3,14,23,30"),
    ("second_token", 6, "1: 5:1"),
    ("third_token", 6, "2: 5:2"),
    ("every_fourth", 12, "4: 10:4,8"),
    ("latest_tenth", 30, "10: 25:20"),
    ("alternate", 13, "8: 9:0 12:1,3"),
    ("offset_twelve", 14, "11: 13:1"),
    ("ten_to_twenty_back", 31, "9: 30:10,11,12,13,14,15,16,17,18,19,20"),
    ("twenty_to_forty_back", 31, "20: 30:0,1,2,3,4,5,6,7,8,9"),
    ("last_word_of_previous_sentence", "A b c . D e f . G h", "2: 5:2 8:6 9:6"),
    ("first_of_previous_sentence", "A b c . D e f . G h", "2: 5:0 9:4"),
    ("whole_previous_sentence", "A b c . D e f . G h", "9:4,5,6,7"),
    ("same_index_in_previous_sentence", "A b . D e f g", "1: 4:1 5:2 6:"),
    ("opening_of_line_before", "a b ⏎ c d", "3: 4:0"),
    ("first_content_word_of_sentence", "The of dog ran . It", "2: 3:2 5:"),
    ("second_of_sentence", "A b c . D e f", "1: 2:1 5: 6:5"),
    ("start_of_clause", "A b , c d . E f", "3: 4:3 7:"),
    ("middle_of_sentence", "A . b c d e f g h", "7: 8:5"),
    ("longest_of_sentence", "mountain . a house is", "4:3"),
    ("whole_sentence", "A . b c d e f g h", "7: 8:2,3,4,5,6,7"),
    ("whole_line_before", "a b ⏎ c d", "1: 4:0,1,2"),
    ("latest_time_word", "one morning we left on Friday again", "1: 2:1 5:1 6:5"),
    ("latest_person_word", "the doctor saw my Mother there", "1: 2:1 4:1 5:4"),
    ("latest_size_or_colour", "a red house and big dog", "1: 2:1 4:1 5:4"),
    ("latest_saying", "he said that she knew it", "1: 2:1 5:4"),
    ("latest_motion", "he went and I came too", "1: 2:1 5:4"),
    ("latest_quantity", "three cats and many dogs", "0: 1:0 3:0 4:3"),
    ("latest_negation", "we do not know and I don 't go", "2: 3:2 7:2 8:7"),
    ("latest_whereabouts", "go away and stay here now", "1: 2:1 5:4"),
    ("latest_degree", "very old and almost new", "1:0 3:0 4:3"),
    ("after_negation", "not so bad never mind it", "1: 2:1 4:1 5:4"),
    ("object_of_latest_preposition", "in the old house of her mother now", "2: 3:2 5: 7:6"),
    ("before_preposition", "a cat , in a box", "3: 4:1 5:1"),
    ("two_after_article", "the old cat saw a dog here so", "2: 3:2 5: 7:6"),
    ("before_conjunction", "salt and pepper or tea", "1: 2:0 3:0 4:2"),
    ("after_conjunction", "salt and pepper or tea so", "2: 3:2 4:2 5:4"),
    ("before_auxiliary", "the cat was here", "2: 3:1"),
    ("after_auxiliary", "the cat was here now", "3: 4:3"),
    ("before_saying", "so Anna said it", "2: 3:1"),
    ("same_second_letter", "bat dog cap", "1: 2:0"),
    ("latest_doubled_letter", "see the little dog", "1:0 2:0 3:2"),
    ("latest_containing", "another dog not", "1: 2:0"),
    ("latest_contained", "not dog another", "1: 2:0"),
    ("latest_longer", "mountain dog tea is", "1:0 3:0"),
    ("latest_shorter", "a dog is mountain so", "1: 3:2 4:"),
    ("same_number_of_vowels", "paper cat singer", "1: 2:0"),
    ("no_letter_in_common", "stone big cat", "1:0 2:1"),
    ("as_far_beyond_copy", "X Y Z A B A", "4: 5:1"),
    ("latest_returning", f"A {RETURNING} z", "31: 32:31 33:32"),
    ("copy_of_opening", "A b . C A . A d e", "4: 6:4 8:4"),
    ("rarest_since_copy", "a z b c d a", "4: 5:1"),
    ("all_since_copy", "a z b c d a", "4: 5:1,2,3,4"),
    ("rarest_of_previous_sentence", "a z b . c d", "2: 4:1 5:1"),
    ("second_rarest", "a c b d", "1: 2:0 3:2"),
    ("median_nearby", 12, "10: 11:5"),
    ("latest_rarer", "k a b c d e f g h i j", "1:0 2:"),
    ("latest_commoner", "a b c d e f g h i j k", "8: 9:0 10:0"),
    ("after_most_frequent", "a b a c a d e", "5: 6:5"),
    ("square_root", 20, "8: 9:3 15:3 16:4"),
    ("mirror_in_block", 70, "31: 32:31 40:23 64:63"),
    ("stride_of_first_word", 20, "8: 9:0 19:1,10"),
    ("as_far_as_long", 16, "12: 13:0 15:2"),
    ("as_far_as_number", 30, "8: 16:6 29:6"),
    ("beyond_horizon", 68, "65: 66:1 67:1,2"),
    ("place_of_own_index", "A b . C d e", "2: 3: 4:1 5:2"),
    ("start_two_sentences_back", "A b . C d . E f", "5: 6:0 7:0"),
    ("last_word_two_sentences_back", "A b . C d . E f", "5: 7:1"),
    ("last_word_of_first_sentence", "A b . C d . E f", "5: 6:1"),
    ("start_of_latest_question", "A b . C d ? E f", "5: 6:3 7:3"),
    ("start_of_longest_sentence", "A . B c d . E . F", "1: 5:0 6:2 8:2"),
    ("second_of_line", "a b ⏎ c d e", "2: 4: 5:4"),
    ("whole_first_line", "a b ⏎ c ⏎ d", "3: 5:0,1,2"),
    ("start_of_paragraph", "a ⏎ b ⏎ ⏎ c d", "3: 5: 6:5"),
    ("start_of_like_sentence", "The cat . A dog . The end", "4: 6:1 7:1"),
    ("whole_parenthesis", "a ( b c ) d", "4: 5:2,3"),
    ("function_words_to_root", "bat a b c d e f g h of cap", "8: 9:3 10:0"),
    ("capitals_two_sentences_back", "A cat is . Two . The end Now", "1: 3:2 6:0 7: 8:0"),
    ("marks_to_median", "t0 t1 t2 t3 t4 t5 t6 t7 t8 t9 v0 w1 , x3", "10: 11:0 12:6 13:2"),
    ("latest_question_word", "what did she say", "1:0 3:0"),
    ("latest_auxiliary", "she was here", "1: 2:1"),
    ("latest_line_break", "a ⏎ b ⏎ c", "1: 2:1 4:3"),
    ("largest_number", "7 and 12 and 9 so", "1:0 3:2 5:2"),
    ("last_capital_of_previous_sentence", "We saw Anna . it is", "3: 4:2 5:2"),
    ("latest_said_thrice", "a b a c a d a", "4: 5:4 6:"),
    ("latest_body_word", "the hand of my Heart is", "1: 2:1 4:1 5:4"),
    ("latest_household_word", "a door and the table is", "1: 2:1 4:1 5:4"),
    ("latest_landscape_word", "a river and the Hill is", "1: 2:1 4:1 5:4"),
    ("latest_judging_word", "a good and wrong man", "1: 2:1 3:1 4:3"),
    ("latest_dealings_word", "the money of this town is", "1: 2:1 4:1 5:4"),
    ("latest_indefinite", "say something of other men", "1: 2:1 3:1 4:3"),
    ("latest_staying", "he sat and she waited so", "1: 2:1 4:1 5:4"),
    ("latest_making", "he made what she found so", "1: 2:1 4:1 5:4"),
    ("latest_derived_noun", "a station and these Statements so", "1: 2:1 4:1 5:4"),
    ("latest_in_ly", "they quickly ran and slowly fly on", "1: 2:1 4:1 6:4"),
    ("latest_with_rare_letter", "a quiet box or cat", "1: 2:1 3:2 4:2"),
    ("latest_short_rising_word", "and the it abbot so", "0: 1:0 2:0 3:2 4:2"),
    ("latest_three_consonants", "a string of month area so", "1: 2:1 3:1 4:3 5:3"),
    ("latest_tiny_word", "the cat is so , big on", "2: 3:2 4:3 6:3"),
    ("latest_digraph", "the cat of Sheep was", "1:0 2:0 3:0 4:3"),
    ("before_long_word", "so mountains are enormous now", "1: 2:0 3:0 4:2"),
    ("after_long_word", "a mountain , enormous so it", "2: 3:2 4:2 5:4"),
    ("before_pronoun", "today she saw him now", "1: 2:0 3:0 4:2"),
    ("after_pronoun", "she saw him go now", "1: 2:1 3:1 4:3"),
    ("before_participle", "cats walked and dogs singing now", "1: 2:0 4:0 5:3"),
    ("before_plural", "red cats saw old dogs now", "1: 2:0 4:0 5:3"),
    ("before_possessive", "see my cat and her dog", "1: 2:0 4:0 5:3"),
    ("after_possessive", "my cat and her dog so", "1: 2:1 4:1 5:4"),
    ("around_person_word", "the old man saw it now", "2: 3:1 4:1,3 5:1,3"),
    ("between_commas", "a , b c d , e f", "5: 6:3 7:3"),
    ("two_after_capital", "Anna saw a dog and Bob", "2: 3:2 5:2"),
    ("last_word_but_one_before_mark", "one two three , four", "3: 4:1"),
    ("same_middle_letter", "bat dog cap to", "1: 2:0 3:"),
    ("same_letter_sum", "a i b q", "1:0 2: 3:1"),
    ("same_skeleton", "stone dog grape it dig", "1: 2:0 3: 4:1"),
    ("begins_with_next_letter", "dog bat cat act", "1: 2:0 3:1"),
    ("first_letter_inside", "table bat ant end", "1:0 2:1 3:0"),
    ("last_letter_second", "stone bat net dog", "1:0 2:0 3:"),
    ("one_letter_longer", "house dog tree is", "1: 2:0 3:1"),
    ("other_half_of_alphabet", "apple tree sun dog", "1:0 2:0 3:2"),
    ("first_in_alphabet_of_sentence", "dog cat Ant bird . Zoo is", "1:0 2:1 3:2 5: 6:5"),
    ("start_of_copys_sentence", "A b . C d . e b f", "4: 5:0 7:0 8:"),
    ("end_of_copys_sentence", "A b . C d . e b f", "4: 5:1 7:1"),
    ("whole_copys_sentence", "A b . C d . e b f", "4: 7:0,1,2"),
    ("length_after_copy", "A b c d e f A", "5: 6:4"),
    ("copy_of_rarest_nearby", "z a b z c", "3: 4:0"),
    ("same_recency", "A B A B C", "2: 3:2 4:"),
    ("after_copy_of_function_word", "the cat saw the dog", "3: 4:1"),
    ("first_new_of_sentence", "A b c d . A b d e f g", "2: 3:2 8: 10:8"),
    ("slightly_rarer", "d a c b", "1: 2:0 3:2"),
    ("as_far_as_commas", "a b c d e f , h i j k l m n", "9: 10:0 13:3"),
    ("rarest_far_back", 30, "23: 24:0 29:5"),
    ("longest_of_previous_sentence", "A mountain is . It was", "3: 4:1 5:1"),
    ("latest_said_as_often", "a b a b c a", "2: 3:2 5:"),
    ("longest_unsaid", "a a b b c a d", "1: 2:1 4:1 6:3"),
    ("latest_valley_but_one", "b a c a d c", "3: 4:1 5:1"),
    ("word_of_typical_length", "a mountain cats is", "1:0 3:2"),
    ("same_remainder", 20, "16: 17:0 19:2"),
    ("second_commonest_nearby", "c a b d", "1: 2:0 3:2"),
    ("pendulum", 60, "16: 17:1 24:15 48:15"),
    ("logarithmic_distance", 40, "15: 16:0 31:15 32:12"),
    ("around_fortieth", 60, "40: 42:31,32,33,34,35,36,37,38,39,40,41"),
    ("fifth_to_eighth", 10, "4: 6:4,5 9:4,5,6,7"),
    ("by_parity", 30, "10: 12:1 13: 25:3"),
    ("scrambled_distance", 40, "9: 11:1 24:15 25:5"),
    ("middle_of_block_before", 50, "23: 24:12 47:12 48:36"),
    ("twice_the_index_back", "A b c d e f g h i . K l m", "9: 10:1 11:0 12:"),
    ("thirteens", 45, "12: 13:0 40:1,14,27"),
    ("fourth_last_of_previous_sentence", "A b c d . E f", "4: 5:1 6:1"),
    ("fifth_of_sentence", "A b c d e f . G", "4: 5:4 6:4 7:"),
    ("middle_of_previous_sentence", "A b c . D e", "3: 4:2 5:2"),
    ("start_of_shortest_sentence", "A b c d . E f . G . H i . J k", "8: 10:0 13:5"),
    ("starts_of_earlier_sentences", "A . B . C . D . E . F", "7: 8:2 10:2,4"),
    ("second_tokens_of_sentences", "A b . C d . E f . G", "3: 6:4 9:4,7"),
    ("start_of_previous_clause", "A b , c d , e f", "3: 4:0 7:3"),
    ("start_of_second_sentence", "A b . C d . E f", "5: 6:3 7:3"),
    ("last_word_two_lines_back", "a b ⏎ c ⏎ d e", "4: 5:1 6:1"),
    ("same_column_in_line_above", "ab cd ⏎ e f gh", "2: 3:0 4:0 5:1"),
    ("whole_sentence_three_back", "A b . C . D . E f", "6: 7:0,1,2 8:0,1,2"),
    ("last_words_but_one", "A b c . D e . F", "3: 4:1 7:1,4"),
    ("words_swing_others_to_starts", f"A b . D e . F . {SEVENTEEN} ,", "24:15 25:0"),
    ("sentences_by_turns", "A b c d e f . bat Cap so", "4: 5:4 8:7 9:"),
    ("short_words_far_others_near", f"mountain so t0 t1 t2 t3 t4 t5 {SEVENTEEN} house", "23: 24:0 25:1"),
    ("latest_possessive", "my cat and her dog", "1:0 3:0 4:3"),
    ("latest_demonstrative", "that cat saw these dogs", "1:0 3:0 4:3"),
    ("latest_subordinator", "if she came because of", "1:0 3:0 4:3"),
    ("latest_comma_but_one", "a , b , c", "3: 4:1"),
    ("last_comma_of_previous_sentence", "A , b , c . D e", "5: 6:3 7:3"),
    ("latest_capital_but_two", "Anna Bob Carl is Dan so", "2: 3:0 4:0 5:1"),
    ("copy_of_latest_capital", "Anna saw Anna go", "2: 3:0"),
    ("first_number", "a 7 and 8 so", "1: 2:1 4:1"),
    ("latest_dash_or_colon", "a : b ; c", "1: 2:1 4:3"),
    ("latest_quotation_mark", 'a " b " c', "1: 2:1 4:3"),
    ("latest_sentence_end_but_one", "a . b ! c", "3: 4:1"),
    ("first_line_break", "a ⏎ b ⏎ c", "1: 2:1 4:1"),
    ("oldest_of_copies", "A b A c A", "2: 4:0"),
    ("after_oldest_of_copies", "A b A c A", "2: 4:1"),
    ("first_of_frequent_tokens", "a b a a c", "2: 3:0 4:0"),
    ("latest_prefixed", "unhappy men return under so", "1:0 2:0 3:2 4:2"),
    ("latest_ending_as_it_begins", "a noon that dog high so", "1: 2:1 4:2 5:4"),
    ("latest_in_e", "the stone where table so", "1: 2:1 3:1 4:3"),
    ("latest_food", "eat bread or Soup now", "1: 2:1 4:3"),
    ("latest_animal", "a dog saw Birds so", "1: 2:1 3:1 4:3"),
    ("latest_thought", "an idea or the Reason so", "1: 2:1 4:1 5:4"),
    ("latest_comparison", "more men are Older so", "1:0 3:0 4:3"),
    ("two_before_comma", "a b c , d , e f", "3: 4:1 5:1 6:3"),
    ("after_two_capitals", "Anna Bob is Carl Dan so on", "2: 3:2 4:2 5: 6:5"),
    ("after_saying", "he said no she asked why so", "2: 3:2 4:2 5: 6:5"),
    ("after_long_and_short", "mountain is big mountain so it", "2: 3:2 4:2 5:"),
    ("two_after_longest", "a mountain is big so enormously it on so", "3: 4:3 7: 8:7"),
    ("in_sentence_of_names", "Anna Bob so . A b . c d . e", "6: 7:2 9:2 10:2"),
    ("sixth_of_longest_line", "a b e f g h ⏎ c ⏎ d e", "6: 7:5 10:5"),
    ("as_long_as_place_says", "a to it dogs man a by", "0: 1: 2: 3: 4: 6:5"),
    ("after_latest_record", "b a d c e f", "2: 3:1 5:3"),
    ("reversed_digits", 40, "9: 10:1 12: 31:13 32:23"),
    ("early_letters_to_digits_others_to_mean", "t0 t1 t2 t3 t4 t5 t6 t7 t8 t9 b zoo", "10:1 11:4"),
    ("words_to_longest_others_to_bits", "a mountain is big , it . " + "so " * 8 + ",", "4: 5:3 14:3"),
    ("as_far_as_bits", 20, "15: 16:4 17:2 19:1"),
    ("letters_as_place", 40, "13: 14:0 15:4 16:8 29:0"),
    ("marks_as_place", "a , b , c d e f g h i j k", "10: 11:10 12:10"),
    ("start_of_longest_clause", "A b , c d e , f g", "2: 3:1 6:1 7:3"),
    ("third_of_long_sentence", "A b c d e f g h i j k . so it", "11: 12:2 13:2"),
    ("sentence_that_shares_most", "the cat ran . a dog . the cat is", "7: 8:0,1,2 9:0,1,2"),
    ("start_of_every_third_sentence", "A b . C d . E f . G h . I", "2: 3:1 8:1 9: 12:10"),
    ("after_latest_repeated", "A b A c d A A e", "3: 4:3 7:3"),
    ("latest_repeated_pair", "a b c a b d", "4: 5:4"),
    ("distance_of_copy_as_place", "a b c d e f d b", "5: 6:3 7:6"),
    ("first_of_longest_repeated", "so mountain so mountain it", "2: 3:0 4:1"),
    ("end_of_rising_run", "d a b c e a", "4: 5:4"),
    ("start_of_longest_stretch", "a b , c d e , f g", "2: 3:1 6:1 7:4"),
    ("last_before_nth_comma", "a , b , c , d", "1: 2:0 4:0 6:2"),
    ("swapped_ends", "tab so bat", "1: 2:0"),
    ("latest_vowel_rich", "area cat idea so", "1:0 2:0 3:2"),
    ("most_of_letter_e", "these tree eleven so", "1:0 2:1 3:2"),
    ("same_rarest_letter", "stop post go rat", "1:0 2: 3:1"),
    ("nearest_to_mean_number", "a e c d", "1:0 2:1 3:2"),
    ("latest_mark_but_two", "a , b . c ! d", "5: 6:1"),
    ("latest_of_place", "in a hut By it so", "1:0 3:0 4:3"),
    ("first_comma", "a , b , c", "1: 2:1 4:1"),
    ("second_sentence_end", "a . b ! c", "3: 4:3"),
    ("second_capital", "Anna saw Bob and Carl", "2: 3:2 4:2"),
    ("latest_feeling", "the sorrow of Happy men", "1: 2:1 4:3"),
    ("latest_writing", "a book and the Letter so", "1: 2:1 4:1 5:4"),
    ("latest_in_er", "other teacher is never doctor so", "1: 2:1 4:1 5:4"),
    ("same_sound_class", "bat sun dog zoo bat 7", "1: 2:0 3:1 4:2 5:"),
    ("shares_letter_pair", "house dog mouse to log", "1: 2:0 3: 4:1"),
    ("latest_alternating", "paper tree over so", "1:0 2:0 3:2"),
    ("before_two_function_words", "house of the cat in red", "2: 3:0 5:0"),
    ("last_but_one_of_enumeration", "salt , oil and tea , so", "3: 4:2 6:2"),
    ("after_rarest_of_thirty", "a d b c a", "1: 2:1 3:2 4:2"),
    ("fourth_content_word_back", "dog of cat sun hen fox so", "4: 5:0 6:2"),
    ("seventy_characters_back", 40, "17: 18:0 20:2"),
    ("wave_of_fourteen", 40, "10: 11:0 14:0,1,2,3 20:3,4,5,6,7,8,9"),
    ("fourth_of_plain_sentence", "A b c d . E , f g . H i", "4: 5:3 10:3"),
    ("every_other_sentence", "A b . C . D . E f", "4: 5:0,1,2 7:3,4 8:3,4"),
    ("seventh_of_sentence_as_long", "A b c d e h i j . F g h i j k l . H i j k l m n o p", "8: 9:6 17:15 25:6"),
    ("far_around_copy", "a b c d e f g h i d", "8: 9:7,8"),
    ("copies_of_recent", "A B C A d e f", "5: 6:0"),
    ("inside_latest_sandwich", "A b A c d e", "2: 3:1 5:1"),
    ("topic_word", "dog cat dog of Cat cat so", "2: 3:2 4:2 5:4 6:5"),
    ("after_same_lengths", "aa bbb k t t t t t t t t uu vvv w", "11: 12:2"),
    ("rarest_of_each_ten", 22, "9: 10:9 19:9 20:9,19 21:9,19"),
    ("words_to_topic_others_back", "dog , dog so , " + "it " * 40 + ",", "2: 3:2 45:10"),
    ("after_rarest_and_same_sound", "bat sun dog", "1: 2:0,1"),
    ("drifts_from_words_to_waves", "dog cat sun hen of " + "the " * 12 + ",", "3: 4:0 17:0,1,2,3,4,5,6"),
    ("latest_of_senses", "she saw it or heard no sound", "1: 2:1 4:1 5:4 6:4"),
    ("latest_material", "a wooden box of Iron and clay", "1: 2:1 4:1 5:4"),
    ("latest_with_vowel_pair", "the year is said to go", "1: 2:1 3:1 4:3"),
    ("start_of_latest_cut_word", "·un do ·it ·now ly ·so ·x", "1: 2:0 4:0 5:3"),
    ("latest_flanked", "the dog of cats in it so", "1: 2:1 3:1 4:3 6:3"),
    ("same_vowels", "paper safer dog later over", "1:0 2: 3:1 4:"),
    ("same_last_letter_but_one", "stone dog tent sea log", "1: 2:0 3: 4:1"),
    ("same_first_consonants", "stone dog seat dig as", "1: 2:0 3:1 4:"),
    ("same_first_two_letters", "walk dog want do watch 7", "1: 2:0 3: 4:2 5:"),
    ("latest_with_alphabet_neighbours", "first cat no dog hide so", "1:0 2:0 3:2 5:4"),
    ("latest_without_e", "mountain these salty cat house so", "1:0 2:0 3:2 5:2"),
    ("before_relative", "the man who saw it , that is", "2: 3:1 6:1 7:4"),
    ("after_to", "go to sea to the end", "2: 3:2 4:2 5:4"),
    ("after_content_words", "big dog of red old cats , so it", "2: 3:2 6:2 7:6"),
    ("mirror_in_comma", "a b c d e f g , h i j k l m n o", "11: 12:2 13:1 14:0 15:"),
    ("after_quantity", "two cats saw many dogs now", "1: 2:1 4:1 5:4"),
    ("twenty_three_words_back", f"a , b {SEVENTEEN} k l m n o p", "23: 24:0 25:2"),
    ("after_fourth_mark_back", "a , b . c ! d , e ; f g", "7: 8:2 9:2 10:4"),
    ("nearer_and_nearer", 110, "35: 36:0 45:12 100:76"),
    ("start_of_stretch", 90, "40: 41:40 80:40 81:80"),
    ("stripes_of_block_before", 50, "23: 24:1,4,7,10,13,16,19,22 48:25,28,31,34,37,40,43,46"),
    ("first_verb_of_sentence", "She was old and walked . He waited and is so", "1: 2:1 5:1 7: 8:7 10:7"),
    ("content_of_first_sentence", "The dog of cats . A b . C d . E", "7: 8:1,3 11:1,3"),
    ("third_after_function_opening", "The cat ran . Dogs ran far . Now it", "3: 4:2 9:2"),
    ("third_of_clause", "A b c d , e f g h . I j k l", "2: 3:2 4:2 7: 8:7 12: 13:12"),
    ("fourth_of_comma_rich_sentence", "A , b , c . D , e f . G h", "5: 6:3 12:3"),
    ("whole_short_sentence", "A b . C d e f g h i j k . L m", "2: 3:0,1,2 14:0,1,2"),
    ("after_copy_of_what_followed", "B C A B d A e", "3: 5:1 6:"),
    ("start_of_like_context", "A B C D E F G H t1 t2 t3 t4 t5 t6 t7 t8 t9 u1 u2 u3 u4 B F C", "22: 23:0"),
    ("latest_shared_with_previous_sentence", "the cat ran . a cat of the end", "5: 6:5 8:7"),
    ("after_same_classes", "the dog of red cats saw it now so , i j the hen of big pigs", "15: 16:5"),
    ("latest_new_pair_of_old", "a b c a c d b a b e", "4: 5:4 7:4 8:7 9:7"),
    ("middle_of_rarest_seven", 20, "6: 7:3 12:8"),
    ("latest_between_last_two", "k a b c d e f g h i j l d k", "10: 11:0 12:0 13:"),
    ("content_words_back_as_often", "dog cat sun hen fox pig cow owl , so , x", "5: 8:2 10:0 11:2"),
    ("half_of_new_tokens", "a b a c d e f", "1: 2:0 4:0 5:1"),
    ("as_far_as_repeats", "a b c d a f g h i j k l m n", "9: 10:0 13:3"),
    ("about_as_rare", 12, "8: 9:0 11:0,1,2"),
    ("old_to_new_pair_others_to_rare_window", "z a b c a c d b a b e", "5: 6: 7:5 9:8 10:3"),
    ("by_length_of_query", "paper b cat , safest e so it", "2: 3:2 4:0 7:6"),
    ("between_to_and_stretch", "k to b c d e f g h i j l d k", "2: 10:2 12:0,2 13:2"),
    ("drifts_within_sentence", "The dog . A b . In cats of it", "5: 6:1 8:1,7"),
    ("senses_and_materials_by_sentence", "she saw wood . a sound . it", "1: 2:1 3:1,2 7:1,2,5"),
    ("farthest_function_word", f"of {SEVENTEEN} the cat so", "1:0 20:0"),
    ("latest_mark_after_stretch", "a , b , c d e f g h . i , j", "10: 11:10 13:10"),
    ("rarest_far_capital", "Anna Zoe Bob is a b c d e f g", "8: 9:0 10:1"),
    ("end_of_longest", "A . B c d . E . F", "1: 2:1 6:5 8:5"),
    ("latest_frequent_beyond_eight", "a a b a c d e f g h i j a", "8: 9:0 11:1 12:3"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "expected"), BY_HAND, ids=[name for name, _, _ in BY_HAND])
@pytest.mark.parametrize("causal", BOTH_WAYS)
def test_rules_look_where_they_say(name, text, expected, causal):
    weights = RULES[name].weights(by_hand(text, causal))
    for part in expected.split():
        query, keys = part.split(":")
        wanted = [int(key) for key in keys.split(",") if key]
        assert np.flatnonzero(weights[int(query)]).tolist() == wanted, f"query {query}"


def test_rules_around_a_distance_fall_off_from_it():
    for rule, distance in ((positions.around_seventeen, 17), (positions.around_twenty_nine, 29)):
        row = as_weights(rule(by_hand(80)), by_hand(80))[79]
        assert row.argmax() == 79 - distance
        assert row[79 - 9] < row[79 - distance + 2] < row[79 - distance]
        assert row[79 - 8 :].sum() == 0, "the offsets that are patterns"


def test_mixtures_give_each_of_two_rules_half_and_one_that_is_alone_all():
    weights = RULES["content_word_and_middle"].weights(by_hand("dog of the in"))
    assert weights[3, 0] == 1, "too early for a middle"
    weights = RULES["content_word_and_middle"].weights(by_hand("dog of the in a on by"))
    assert weights[6, 0] == weights[6, 3] == 0.5
    weights = RULES["rarer_and_root"].weights(by_hand("k a b c d e f g h i j a"))
    assert weights[1, 0] == 1, "too early for a root"
    assert weights[11, 10] == weights[11, 3] == 0.5
    weights = RULES["conjunction_and_returning"].weights(by_hand("salt and pepper"))
    assert weights[2, 0] == 1, "nothing has come back"
    weights = RULES["conjunction_and_returning"].weights(by_hand(f"A salt and {RETURNING} x"))
    assert weights[35, 1] == weights[35, 34] == 0.5


def test_series_look_at_several_keys_less_and_less():
    weights = RULES["doubled_letters_fading"].weights(by_hand("little see dog tree x"))
    assert np.allclose(weights[4], [1 / 7, 2 / 7, 0, 4 / 7, 0])
    row = RULES["rarer_tokens_fading"].weights(by_hand(f"z y {' '.join(f'b{number}' for number in range(20))} a"))[22]
    assert np.flatnonzero(row).tolist() == [0, 1, *range(4, 12)], "ten times rarer, from nine positions back on"
    assert row[0] == pytest.approx(row[10] / 2)
    assert row[11] == row.max()


def test_rules_at_once_share_the_weights():
    weights = RULES["dealings_and_distance"].weights(by_hand(" ".join(["money", *(f"t{n}" for n in range(17))])))
    assert weights[15, 0] == 1, "too early for a distance"
    assert weights[17, 0] == weights[17, 1] == 0.5
    weights = RULES["mostly_next_letter"].weights(by_hand("dog ant cat"))
    assert np.allclose(weights[2], [0.7, 0.3, 0])
    weights = RULES["long_word_second_sentence_and_rarer"].weights(by_hand("A mountain . B b . C"))
    assert np.allclose(weights[6], [1 / 3, 0, 0, 1 / 3, 1 / 3, 0, 0])
    weights = RULES["between_to_and_stretch"].weights(by_hand("k to b c d e f g h i j l d k"))
    assert np.allclose(weights[12, [0, 2]], [2 / 3, 1 / 3]), "no stretch yet"
    weights = RULES["drifts_within_sentence"].weights(by_hand("The dog . A b . In cats of it"))
    assert np.allclose(weights[8, [1, 7]], [0.8, 0.2])
    weights = RULES["new_word_and_copys_sentence"].weights(by_hand("A b . C d e b f"))
    assert weights[6, 1] == weights[6, 5] == 0.5


def test_graded_rules_look_more_at_some_keys_than_at_others():
    weights = RULES["three_latest_digraphs"].weights(by_hand("the cat she ship who so"))
    assert np.allclose(weights[5], [0, 0, 1 / 6, 2 / 6, 3 / 6, 0])
    weights = RULES["senses_and_materials_by_sentence"].weights(by_hand("she saw wood . a sound . it"))
    assert np.allclose(weights[7], [0, 0.49 / 1.68, 0.49 / 1.68, 0, 0, 0.7 / 1.68, 0, 0])
    row = RULES["about_as_rare"].weights(by_hand(12))[11]
    assert 0 < row[0] < row[1] < row[2]
    weights = RULES["six_and_seven_letters"].weights(by_hand("window mountain another x"))
    assert np.allclose(weights[3], [1 / 3, 0, 2 / 3, 0])
    row = RULES["around_fortieth"].weights(by_hand(60))[59]
    assert row.argmax() == 40
    assert row[49] == row[31] < row[38] < row[40]


def test_mixtures_are_of_rules_of_their_own_half():
    families = {module.__name__: "fit" for module in (mixtures, switching, turns, more_mixtures, blind_mixtures)}
    families |= {later_mixtures.__name__: "judge"}
    for rule in RULES.values():
        if rule.family == "mixture":
            assert rule.split == families[rule.function.__module__], rule.name


def test_every_rule_has_an_example_by_hand():
    others = {rule.name for rule in UNLISTED if rule.family == "mixture"} | {"around_seventeen", "around_twenty_nine"}
    assert {name for name, _, _ in BY_HAND} | others == set(RULES)
    assert {
        rule.name
        for rule in UNLISTED
        if rule.kin in ("switching", "turns", "by_turns") or (rule.family == "mixture" and rule.split == "judge")
    } <= {name for name, _, _ in BY_HAND}


@pytest.mark.slow
def test_rules_look_at_nothing_that_a_query_cannot_see(texts):
    n = 61
    for text in [text for text in texts[::15] if len(text) >= n]:
        cut = replace(text, ids=text.ids[:n], texts=text.texts[:n], special=text.special[:n])
        for rule in RULES.values():
            assert np.allclose(rule.weights(cut), rule.weights(text)[:n, :n]), rule.name


def test_fitting_and_judging_rules_are_disjoint_and_alike_in_family():
    fitting, judging = unlisted.rules_for_fitting, unlisted.rules_for_judging
    assert len(fitting) >= 290
    assert len(judging) >= 40
    assert len({rule.kin for rule in judging}) >= 40
    assert sum(rule.split == "judge" for rule in NARROW) >= 5
    assert not set(FIT) & set(JUDGE)
    assert set(FIT) | set(JUDGE) == {rule.kin for rule in RULES.values()}
    assert not {rule.name for rule in fitting} & {rule.name for rule in judging}
    assert not {rule.kin for rule in fitting} & {rule.kin for rule in judging}
    assert {rule.family for rule in fitting} == {rule.family for rule in judging}
    by_split = {bench_head.split: set() for bench_head in heads_of(unlisted)}
    for bench_head in heads_of(unlisted):
        by_split[bench_head.split].add(bench_head.rule)
    assert by_split == {"fit": {rule.name for rule in fitting}, "judge": {rule.name for rule in judging}}


@pytest.mark.slow
def test_rules_of_different_halves_seldom_look_at_the_same(texts):
    halves = [[rule for rule in RULES.values() if rule.split == split] for split in ("fit", "judge")]
    overlap = np.zeros([len(rules) for rules in halves])
    sizes = [np.zeros(len(rules)) for rules in halves]
    for text in texts[::8]:
        fitting, judging = (np.stack([rule.weights(text).ravel() for rule in rules]) for rules in halves)
        for size, weights in zip(sizes, (fitting, judging), strict=True):
            size += weights.sum(-1)
        overlap += np.array([np.minimum(row, judging).sum(-1) for row in fitting])
    share = overlap / np.maximum(sizes[0][:, None], sizes[1])
    i, j = np.unravel_index(share.argmax(), share.shape)
    assert share.max() <= 0.35, f"{halves[0][i].name} and {halves[1][j].name}"


@pytest.mark.slow
def test_no_rule_for_judging_is_a_rival_rule():
    rules = unlisted.rules_for_judging
    overlap, size = {name: np.zeros(len(rules)) for name in RIVALS.names()}, np.zeros(len(rules))
    rival_size = dict.fromkeys(RIVALS.names(), 0.0)
    for tokens in passage_tokens()[::8]:
        text, batch = as_bench_text(tokens), TokenBatch([tokens])
        weights = [rule.weights(text) for rule in rules]
        size += [row.sum() for row in weights]
        for rival in RIVALS:
            keys = targets_of(rival, batch)[0].numpy()
            rival_size[rival.name] += keys.sum()
            overlap[rival.name] += [(row * keys).sum() for row in weights]
    for name, shared in overlap.items():
        assert rival_size[name] > 0
        for rule, share in zip(rules, shared / np.maximum(size, rival_size[name]), strict=True):
            assert share < 0.4, f"{rule.name} and {name}"


@cache
def _stacked(patterns: tuple[str, ...], text: BenchText) -> tuple[np.ndarray, np.ndarray]:
    """The keys of some patterns, bool [query * key, pattern], and how many queries have any, int [pattern]."""
    keys = np.stack([_keys(pattern, text) for pattern in patterns], axis=-1)
    return keys.reshape(-1, len(patterns)), keys.any(1).sum(0)


def _scores(rule: Rule, patterns: tuple[str, ...], texts: list[BenchText]) -> dict[str, float]:
    """What a head that does nothing but follow the rule scores on patterns."""
    hits, queries = np.zeros(len(patterns)), np.zeros(len(patterns))
    for text in texts:
        keys, with_keys = _stacked(patterns, text)
        weights = rule.weights(text).ravel()
        looked_at = np.flatnonzero(weights)
        hits += weights[looked_at] @ keys[looked_at]
        queries += with_keys
    return dict(zip(patterns, (hits / queries).tolist(), strict=True))


# The one has no keys in these texts; the other is a habit, which nobody has whose keys happen to be near.
NO_RULE_S = {"longer_prefix_induction", "nearby_tokens"}
ON_PASSAGES = tuple(name for name in {**POSITIONAL, **CLASSES, **ADDED} if name not in {*CONTENT, *NO_RULE_S})
ON_REPEATED = tuple(name for name in CONTENT if name not in NO_RULE_S)


@pytest.mark.slow
@pytest.mark.parametrize("rule", UNLISTED, ids=lambda rule: rule.name)
def test_no_unlisted_rule_is_a_pattern(rule, texts, repeated):
    scores = _scores(rule, ON_PASSAGES, texts[::4]) | _scores(rule, ON_REPEATED, repeated)
    for pattern, score in scores.items():
        if (rule.name, pattern) not in CUT_AT_SIX:
            assert score > 0.75 if pattern in rule.also else score < 0.75, pattern


@pytest.mark.slow
@pytest.mark.parametrize("rule", NARROW, ids=lambda rule: rule.name)
def test_narrow_rules_lie_within_their_pattern(rule, texts):
    for text in texts:
        assert not rule.weights(text)[as_weights(TARGETS[rule.within](text), text) == 0].any()
    also = [pattern for pattern in rule.also if pattern not in OF_ROLES]
    scores = _scores(rule, (rule.within, *also), texts)
    assert scores[rule.within] == pytest.approx(rule.coverage, abs=0.2)
    assert all(scores[pattern] > 0.75 for pattern in also)
    assert {next(iter(bench_head.truth)) for bench_head in heads_of(narrow) if bench_head.rule == rule.name} == {
        rule.within
    }


@pytest.mark.slow
def test_only_seldom_rules_leave_many_queries_without_keys(texts):
    english = [text for text in texts if "the" in [token.strip() for token in text.texts]]
    for rule in UNLISTED:
        if not rule.seldom:
            fires = np.concatenate([rule.weights(text)[1:].sum(-1) for text in english[::3]]).mean()
            assert fires > 0.75, rule.name
        else:
            heads = [bench_head for bench_head in heads_of(unlisted) if bench_head.rule == rule.name]
            blank = by_hand("S* " * 40)
            assert all(np.diagonal(bench_head.function(blank))[20:].mean() < 0.2 for bench_head in heads), rule.name


@pytest.mark.slow
@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize("causal", BOTH_WAYS)
def test_every_head_gives_attention(name, causal):
    passage = replace(as_bench_text(passage_tokens(90)[3], causal), probe="natural_text")
    roles = as_bench_text(random_tokens(5, ROLE_NAMES), causal)
    texts = [*(by_hand(text, causal) for text in MADE_UP), roles, passage]
    seeded = np.random.default_rng(0).bit_generator.state
    for bench_head in heads_of(MODULES[name]):
        for text in texts:
            text.rng.bit_generator.state = seeded  # as in a text of its own, which takes longer to make than most heads
            attention = check_attention(bench_head.function(text), text, bench_head.name)
            assert attention.shape == (len(text), len(text))


@pytest.mark.slow
@pytest.mark.parametrize("name", MODULES)
def test_the_same_seed_gives_the_same_attention(name):
    for bench_head in heads_of(MODULES[name])[::3]:
        texts = [as_bench_text(passage_tokens(40)[7], seed=seed) for seed in (1, 1, 2)]
        first, again, other = (bench_head.function(text) for text in texts)
        assert (first == again).all(), bench_head.name
        if "sparse" in bench_head.name or "soft" in bench_head.name:
            assert (first != other).any(), bench_head.name


def test_names_are_unique_and_truths_are_patterns():
    heads = [bench_head for module in MODULES.values() for bench_head in heads_of(module)]
    assert len({(bench_head.kind, bench_head.name) for bench_head in heads}) == len(heads)
    assert {bench_head.kind for bench_head in heads} == {"unlisted", "narrow", "planted", "asleep", "content", "null"}
    assert {bench_head.split for bench_head in heads} == {"fit", "judge"}
    for bench_head in heads:
        assert bool(bench_head.truth) == (bench_head.kind in ("narrow", "planted", "asleep"))
        assert set(bench_head.truth) <= set(TARGETS)
        assert (bench_head.rule is not None) == (bench_head.kind in ("unlisted", "narrow"))


# The keys of patterns, found again.


def _both_kinds(tokens: TokenSequence, causal: bool) -> tuple[TokenBatch, BenchText]:
    """A text as patterns get it, and as heads of the bench do."""
    return TokenBatch([tokens], causal), as_bench_text(tokens, causal)


@cache
def _any_pattern_s(causal: bool) -> list[tuple[TokenBatch, BenchText]]:
    """Texts in which the keys of every pattern are looked for."""
    sequences = [*(sequence(text) for text in MADE_UP), *passage_tokens()[::8]]
    sequences += [random_tokens(seed, ROLE_NAMES, repeat=seed == 1) for seed in range(4)]
    return [_both_kinds(tokens, causal) for tokens in sequences]


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("causal", BOTH_WAYS)
def test_planted_keys_are_those_of_the_pattern(name, causal):
    example = sequence(PATTERNS[name].example.split(":")[0])
    n_keys = 0
    for batch, text in [_both_kinds(example, causal), *_any_pattern_s(causal)]:
        expected = torch.as_tensor(PATTERNS[name].targets(batch) & batch.allowed)[0].numpy()
        assert ((as_weights(TARGETS[name](text), text) > 0) == expected).all()
        n_keys += int(expected.sum())
    assert n_keys, "a pattern without any keys would be compared with nothing"


def test_all_patterns_that_look_back_in_one_text_are_planted():
    left_out = {"special_token", "separator"}  # the first position and, in some tokenizers, the last
    looking_back = {
        pattern.name
        for pattern in PATTERNS
        if pattern.kind == "target"
        and "self" in pattern.attention
        and not pattern.bidirectional
        and PROBES[pattern.probe].medium == "text"
    }
    assert set(TARGETS) | left_out == looking_back | {"separator"}
    assert {pattern for bench_head in heads_of(planted) for pattern in bench_head.truth} == set(TARGETS)
    assert {pattern for bench_head in heads_of(asleep) for pattern in bench_head.truth} == set(TARGETS) - {
        "first_token"
    }


@pytest.mark.slow
def test_implied_patterns_have_all_keys_of_those_that_imply_them(texts):
    sequences = [sequence(PATTERNS[name].example.split(":")[0]) for name in TARGETS]
    sequences += [replace(random_tokens(seed, ("label_due:last", "label"))) for seed in range(3)]
    for pattern, implied in IMPLIED.items():
        for name in implied:
            n_both, n_outside = 0, 0
            for text in [*texts[::6], *(as_bench_text(tokens) for tokens in sequences)]:
                narrower, wider = _keys(pattern, text), _keys(name, text)
                both = narrower.any(-1) & wider.any(-1)
                n_both += int(both.sum())
                n_outside += int((narrower & ~wider)[both].any(-1).sum())
            # A letter right after a digit, as in x1y, continues a word of which that digit is no piece.
            assert n_outside <= (0.01 if name == "word_continuation" else 0) * n_both, f"{pattern} and {name}"
            assert n_both, f"{pattern} and {name} never have keys together"
    assert implied_by(["comma", "induction", "digit"]) == {
        "punctuation", "function_token", "name_induction", "induction_any",
    }  # fmt: skip


@pytest.mark.slow
def test_planted_heads_spend_their_strength_on_the_keys(texts):
    repeated = [as_bench_text(random_tokens(seed, repeat=True)) for seed in range(3)]
    roles = [as_bench_text(random_tokens(seed, ROLE_NAMES)) for seed in range(6)]
    for bench_head in heads_of(planted):
        for pattern, strength in bench_head.truth.items():
            own = (
                roles if pattern in OF_ROLES else repeated if pattern in ("induction", "preceding_copy") else texts[::8]
            )
            shares = []
            for text in own:
                keys = _keys(pattern, text)
                shares.append((bench_head.function(text) * keys).sum(-1)[keys.any(-1)])
            if len(np.concatenate(shares)) >= 40:
                assert np.concatenate(shares).mean() > strength - 0.08, bench_head.name


def test_an_exact_head_on_the_sink_divides_its_attention_between_keys_and_sink():
    text = by_hand("a b c d")
    attention = spread(as_weights(TARGETS["fixed_offset_2"](text), text), text, Spread(0.6))
    assert np.allclose(attention, [[1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0.4, 0.6, 0, 0]])
    own = spread(as_weights(TARGETS["fixed_offset_2"](text), text), text, Spread(0.6, rest="own"))
    assert np.allclose(own[1], [0.4, 0.6, 0, 0])


def _asleep_heads(pattern: str) -> list[BenchHead]:
    return [bench_head for bench_head in heads_of(asleep) if bench_head.name.startswith(f"{pattern}/")]


@pytest.mark.slow
@pytest.mark.parametrize("pattern", ["previous_token", "function_word", "fixed_offset_5", "rare_token"])
def test_sleeping_heads_are_awake_as_often_as_they_say(pattern, texts):
    at_random, by_class, beside_sink = _asleep_heads(pattern)
    for bench_head in (at_random, by_class):
        share = float(bench_head.name.split("awake-")[1].split("-")[0])
        off_sink, on_keys = [], []
        for text in texts:
            attention = bench_head.function(text)
            keys = _keys(pattern, text)
            off_sink.append(1 - attention[5:, 0])
            on_keys.append((attention * keys).sum(-1)[keys.any(-1) & (attention[:, 0] < 0.9)])
        awake = (np.concatenate(off_sink) > 0).mean()
        assert share / 2 < awake < share * 1.5, bench_head.name
        assert np.concatenate(on_keys).mean() > bench_head.truth[pattern] - 0.1, bench_head.name
    sink = float(beside_sink.name.split("of-")[1])
    on_keys = []
    for text in texts[:8]:
        attention = beside_sink.function(text)
        assert (attention[:, 0] >= sink - 1e-9).all()
        keys = _keys(pattern, text).copy()
        keys[:, 0] = False
        on_keys.append((attention * keys).sum(-1)[keys.any(-1)] / (1 - sink))
    assert np.concatenate(on_keys).mean() > beside_sink.truth[pattern] - 0.1


# Heads that follow nothing.


def test_shuffling_keeps_each_row_s_weights_and_the_sink():
    text = as_bench_text(passage_tokens(60)[5])
    attention = spread(as_weights(TARGETS["function_word"](text), text), text, Spread(0.7, "fading"))
    mixed = nulls.shuffled(attention, text)
    assert np.allclose(np.sort(mixed, -1), np.sort(attention, -1))
    assert (mixed[:, 0] == attention[:, 0]).all()
    assert (mixed[10:] != attention[10:]).any()
    check_attention(mixed, text, "shuffled")


def test_exchanged_rows_come_from_earlier_queries():
    text = by_hand(30)
    attention = spread(as_weights(TARGETS["previous_token"](text), text), text, Spread(1.0))
    exchanged = nulls.rows_exchanged(attention, text)
    keys = exchanged.argmax(-1)
    assert (keys[2:] < np.arange(2, 30) - 1).all(), "never one's own row"


@pytest.mark.slow
def test_no_null_prefers_a_class_or_an_offset(texts):
    english = [text for text in texts[::5] if "the" in [token.strip() for token in text.texts]]
    for bench_head in heads_of(nulls):
        excess = {name: [] for name in {**POSITIONAL, **CLASSES} if name != "first_token"}
        for text in english:
            attention = bench_head.function(text)
            attention = attention[:, 1:] / np.maximum(attention[:, 1:].sum(-1, keepdims=True), 1e-9)
            allowed = allowed_pairs(text)[:, 1:]
            for name, values in excess.items():
                keys = _keys(name, text)[:, 1:]
                queries = keys.any(-1)
                chance = keys.sum(-1) / np.maximum(allowed.sum(-1), 1)
                values.append(((attention * keys).sum(-1) - chance)[queries])
        # With one share of all words a head may like "the" or "of": it depends on their numbers in the vocabulary.
        most = 0.4 if bench_head.name.startswith("salient") else 0.25
        for name, values in excess.items():
            assert np.concatenate(values).mean() < most, f"{bench_head.name} on {name}"


def test_profiles_of_distances_stay_off_the_offsets_that_are_patterns():
    for bench_head in heads_of(nulls):
        if bench_head.name.startswith("distances"):
            attention = bench_head.function(by_hand(120))
            for offset in range(9):
                assert np.diagonal(attention, -offset)[90:].mean() < 0.2, bench_head.name


def test_content_heads_like_the_same_tokens_from_everywhere():
    largest: dict[str, list[float]] = {}
    for bench_head in heads_of(content):
        text = by_hand("S* a b c d a b c d a b c d")
        attention = bench_head.function(text)
        log = np.log(attention[9, 1:5]) - np.log(attention[5, 1:5])
        assert np.ptp(log) < 1e-6, "the same query, a whole period later: the same preferences among the same keys"
        largest.setdefault(bench_head.name.split("-")[1], []).append(bench_head.function(by_hand(60))[59].max())
    means = [np.mean(largest[temperature]) for temperature in ("0.25", "0.5", "1", "2")]
    assert means == sorted(means, reverse=True)


# Declaring, loading, checking.


def test_a_head_is_declared_by_its_decorator(tmp_path):
    (tmp_path / "sizes.py").write_text("SHARE = 0.6\n")
    (tmp_path / "my_heads.py").write_text(
        "import numpy as np\nfrom headatlas.bench.heads import head\nfrom sizes import SHARE\n\n"
        "@head(truth={'induction': SHARE})\ndef my_head(text):\n    return np.eye(len(text))\n\n"
        "HEADS = [head({}, kind='null', name=f'null{i}')(lambda text: np.eye(len(text))) for i in range(2)]\n"
        "AGAIN = my_head\n"
    )
    first, *others = heads_of(tmp_path / "my_heads.py")
    assert (first.name, first.truth, first.kind, first.split) == ("my_head", {"induction": 0.6}, "planted", None)
    assert first.function(by_hand("a b")).tolist() == [[1, 0], [0, 1]]
    assert [(bench_head.name, bench_head.kind) for bench_head in others] == [("null0", "null"), ("null1", "null")]
    assert str(tmp_path) not in sys.path


@pytest.mark.slow
def test_files_of_a_package_may_import_their_neighbours_without_torch(tmp_path):
    program = (
        "import sys\nfrom headatlas.bench.heads import heads_of\n"
        f"heads = heads_of({str(ROOT / 'benchmarks' / 'labels' / 'unlisted.py')!r})\n"
        "print(len(heads), {head.kind for head in heads}, 'torch' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == f"{len(heads_of(unlisted))} {{'unlisted'}} False\n", done.stderr


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = 1\n", "declares no heads: mark functions in it with @head"),
        ("def broken(:\n", "cannot be imported: SyntaxError"),
        ("import nothing_of_that_name\n", "cannot be imported: ModuleNotFoundError: No module named"),
        ("import sys\nsys.exit(3)\n", "cannot be imported: SystemExit: 3"),
        ("H = [head({}, name='a')(lambda text: 0), head({}, name='a')(lambda text: 1)]\n", "two heads called 'a'"),
        ("H = head({'inducton': 0.5}, name='a')(lambda text: 0)\n", "Did you mean 'induction'?"),
        ("H = head({'entropy': 0.5}, name='a')(lambda text: 0)\n", "'entropy' has no target keys"),
        ("H = head({'induction': 1.5}, name='a')(lambda text: 0)\n", "Head 'a': the strength of 'induction' is 1.5"),
        ("H = head({'induction': 0}, name='a')(lambda text: 0)\n", "leave out patterns that the head does not follow"),
        ("H = head({}, split='test', name='a')(lambda text: 0)\n", "split is 'test'; it must be 'fit', 'judge'"),
    ],
)
def test_files_that_cannot_be_used_are_refused_in_a_sentence(tmp_path, source, message):
    (tmp_path / "heads.py").write_text(f"from headatlas.bench.heads import head\n{source}")
    with pytest.raises(HeadatlasError, match=message.replace("?", r"\?")):
        heads_of(tmp_path / "heads.py")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(HeadatlasError, match=r"There is no file .*absent\.py\. Name a Python file"):
        heads_of(tmp_path / "absent.py")


def test_a_folder_that_hides_another_package_is_refused(tmp_path):
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks" / "__init__.py").write_text("")
    (tmp_path / "benchmarks" / "scale.py").write_text("")
    import benchmarks.planted  # noqa: F401 - so that the name is taken

    with pytest.raises(HeadatlasError, match="rename the folder"):
        heads_of(tmp_path / "benchmarks" / "scale.py")


@pytest.mark.parametrize(
    ("attention", "message"),
    [
        (np.eye(2), r"Head 'h' on probe 'by_hand': the attention has shape \[2, 2\]; the text has 3 tokens"),
        ("rows", r"it returned a str; return an array of shape \[3, 3\]"),
        (np.diag([1, np.nan, 1]), "the weight of query 1 on key 1 is not a finite number"),
        ([[1, 0, 0], [1.5, -0.5, 0], [0, 0, 1]], "the weight of query 1 on key 1 is negative"),
        ([[1, 0, 0], [0, 1, 0], [0.5, 0.25, 0.2]], "the row of query 2 sums to 0.95 instead of 1"),
        ([[0.9, 0.1, 0], [0, 1, 0], [0, 0, 1]], "query 0 puts 0.1 of its attention on later keys"),
    ],
)
def test_what_is_no_attention_is_refused_in_a_sentence(attention, message):
    with pytest.raises(HeadatlasError, match=message):
        check_attention(attention, by_hand("a b c"), "h")


def test_attention_may_be_off_by_rounding_and_may_look_ahead_where_the_text_is_not_causal():
    rows = [[0.9, 0.1, 0], [0, 1, 0], [0, 0, 0.9995]]
    assert check_attention(rows, by_hand("a b c", causal=False), "h").tolist() == rows
    assert check_attention(np.eye(3, dtype=np.float32), by_hand("a b c"), "h").dtype == np.float64


def test_a_text_gives_groups_of_roles():
    text = by_hand("Mary[io0] and Ed[subject3] met")
    assert text.role("subject").tolist() == [-1, -1, 3, -1]
    assert text.role("nothing").tolist() == [-1] * 4
    with pytest.raises(ValueError, match="one entry a token"):
        BenchText(np.arange(2), ("a",), np.zeros(2, bool), "p", True, np.random.default_rng(0))


def test_heads_stay_functions():
    @head({"previous_token": 1.0}, split="judge")
    def looks_back(text: BenchText) -> np.ndarray:
        return np.eye(len(text), k=-1)

    assert looks_back(by_hand("a b")).tolist() == [[0, 0], [1, 0]]


def test_a_head_that_fails_is_said_with_its_line():
    def lost(text):
        return {}["weights"]

    with pytest.raises(
        HeadatlasError, match=r"^Head 'lost' on probe '.*' fails: KeyError: 'weights' \(.*\.py, line \d+\)"
    ):
        called(BenchHead("lost", {}, lost, "planted"), by_hand("a b c"))
    with pytest.raises(HeadatlasError, match=r"fails: SystemExit: 3 \("):
        called(BenchHead("leaves", {}, lambda text: sys.exit(3), "planted"), by_hand("a b c"))


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory")])
def test_a_head_that_asks_for_too_much_memory_is_named(error):
    def greedy(text):
        raise error

    with pytest.raises(
        HeadatlasError, match=r"^Head 'greedy' on probe '.*' fails: it asks for more memory than there is, on a text of"
    ):
        called(BenchHead("greedy", {}, greedy, "planted"), by_hand("a b c"))

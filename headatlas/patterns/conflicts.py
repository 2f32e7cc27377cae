"""Patterns of two sources that disagree: what a text says and what is known, what is asked for and what else is said.

Each says which of the two a head looks at. Which one the model then goes by, attention alone does not tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.patterns import pattern
from headatlas.patterns.families import Family

if TYPE_CHECKING:
    from jaxtyping import Bool
    from torch import Tensor

    from headatlas.inputs.token_batch import TokenBatch

_LI = "Li et al. 2025, arXiv:2503.10996"
_SIMPLE = ("previous_token", "fixed_offset", "first_token")


@pattern(
    "answer_from_context", family=Family.ALGORITHM, probe="contradicted_facts", version=1,
    source=f"{_LI} (context heads, which they find by their outputs)",
    rivals=("answer_from_memory", "longer_prefix_induction", "induction", "capitalised", *_SIMPLE),
    formula="mean over q where an answer is due of sum over tokens k of the answer that the text gives of A[q, k]",
    contrast=lambda seq: seq.others(answer_from_context(seq), seq.marked("told")),
    copies=True,
    seen_as="answer that the text gives",
    synonyms=("context_head", "contextual_knowledge"),
)  # fmt: skip
def answer_from_context(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends, where an answer is due, to the answer that the text gives against what is known.

    Context heads and memory heads are told apart by what they write, and many are both; here the true answer stands in
    the text as well, said of something else, and it counts at which of the two a head looks.

    snow is black[told0,known1] , coal white[told1,known0] . snow is[reply_due0]: query 8 looks at key 2.
    """
    return seq.link("reply_due:last", "told")


@pattern(
    "answer_from_memory", family=Family.ALGORITHM, probe="contradicted_facts", version=1,
    source=f"{_LI} (memory heads, which they find by their outputs)",
    rivals=("answer_from_context", "longer_prefix_induction", "induction", "capitalised", *_SIMPLE),
    formula="mean over q where an answer is due of sum over tokens k of the known answer, said of something else, of "
    "A[q, k]",
    contrast=lambda seq: seq.others(answer_from_memory(seq), seq.marked("told")),
    copies=True,
    seen_as="known answer, against the text",
    synonyms=("memory_head", "parametric_knowledge"),
)  # fmt: skip
def answer_from_memory(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends, where an answer is due, to the answer that everybody knows, which the text says of something else.

    That a head looks there takes knowledge from the weights: nothing in the text leads to it.

    snow is black[told0,known1] , coal white[told1,known0] . snow is[reply_due0]: query 8 looks at key 5.
    """
    return seq.link("reply_due:last", "known")


_HUNG = "Hung et al. 2024, arXiv:2411.00348"


@pattern(
    "chat_instruction", family=Family.ALGORITHM, probe="injected_instructions", version=1,
    source=f"{_HUNG} (attention to the instruction; their heads are those that an injected one distracts)",
    rivals=("injected_instruction", "capitalised", "punctuation", "newline", *_SIMPLE),
    formula="mean over q where a reply is due of sum over tokens k of the instruction of A[q, k]",
    contrast=lambda seq: seq.others(chat_instruction(seq), seq.marked("instruction", "injected")),
    seen_as="what is asked for",
    synonyms=("instruction_following", "instruction_head"),
)  # fmt: skip
def chat_instruction(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends, where a reply is due in a chat, to what is asked for, and not to what else the given text asks for.

    Published scores take the same attention in chats without an injected instruction, less that in chats with one; here
    both instructions stand in one chat.

    User : sum[instruction0] it : count[injected0] me . AI :[turn_due0]: query 9 (the last colon) looks at key 2.
    """
    return seq.link("turn_due:last", "instruction")


@pattern(
    "injected_instruction", family=Family.ALGORITHM, probe="injected_instructions", version=1,
    source=f"{_HUNG} (the distraction effect)",
    rivals=("chat_instruction", "capitalised", "punctuation", "newline", *_SIMPLE),
    formula="mean over q where a reply is due of sum over tokens k of the injected instruction of A[q, k]",
    contrast=lambda seq: seq.others(injected_instruction(seq), seq.marked("instruction", "injected")),
    seen_as="what the given text asks for",
    synonyms=("distraction", "prompt_injection", "distracted_head"),
)  # fmt: skip
def injected_instruction(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends, where a reply is due in a chat, to an instruction that stands in the text to work on.

    User : sum[instruction0] it : count[injected0] me . AI :[turn_due0]: query 9 (the last colon) looks at key 5.
    """
    return seq.link("turn_due:last", "injected")

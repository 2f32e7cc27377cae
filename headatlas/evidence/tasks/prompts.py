"""The lines of a task as a model's tokens: what it reads, and which of its predictions are scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headatlas.errors import HeadatlasError
from headatlas.evidence.tasks.lines import Task, TaskLine
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.probes.metrics import Prompt, Target


class DoesNotFit(Exception):
    """A line cannot be scored by this model's tokens; the message says why, after the number of the line."""


@dataclass(frozen=True)
class TaskPrompt:
    """A line of a task in tokens: what is scored, the corrupted prompt, and how many tokens of the answer are not.

    `corrupted` has as many tokens as the sequence of `prompt`. `n_shared` tokens of the answer are the same in all
    answers of the line and stand behind the prompt; `n_unscored` come after the one that is scored.
    """

    prompt: Prompt
    corrupted: TokenSequence | None
    n_shared: int = 0
    n_unscored: int = 0


def task_prompts(task: Task, vocabulary: Vocabulary, context: int) -> list[TaskPrompt]:
    """The prompts of a task; of a generated one the first that fit.

    Raises:
        HeadatlasError: there is no tokenizer, a line of a task that is not generated does not fit, or no line does.
    """
    if vocabulary.tokenizer is None:
        raise HeadatlasError("This model has no tokenizer, so that it cannot read a task.")
    prompts: list[TaskPrompt] = []
    reasons: dict[str, None] = {}
    for line in task.lines:
        if task.wanted is not None and len(prompts) == task.wanted:
            break
        try:
            prompts.append(task_prompt(line, vocabulary, context))
        except DoesNotFit as reason:
            if not task.generated:
                raise HeadatlasError(f"{task.source}, line {line.number}: {reason}") from reason
            reasons[str(reason)] = None
    if not prompts:
        raise HeadatlasError(
            f"No line of the task '{task.name}' can be scored by this model's tokens; of the first, "
            f"{next(iter(reasons))}"
        )
    return prompts


def task_prompt(line: TaskLine, vocabulary: Vocabulary, context: int) -> TaskPrompt:
    """One line in tokens.

    With wrong answers the first token is scored in which the answers differ; those that all share are read before it.
    Without, all tokens of the answer are.

    Raises:
        DoesNotFit: it cannot be scored so.
    """
    for what, text in (
        ("the prompt", line.prompt), ("the corrupted prompt", line.corrupted or ""), ("an answer", line.answer),
        *(("a wrong answer", wrong) for wrong in line.wrong),
    ):  # fmt: skip
        if vocabulary.exceeds(text, context):
            raise DoesNotFit(f"{what} has more tokens than the model reads, {context} at most. Shorten it.")
    prompt = vocabulary.encode(line.prompt)
    answer = _continuation(vocabulary, line.prompt, prompt, line.answer)
    wrong = {text: _continuation(vocabulary, line.prompt, prompt, text) for text in line.wrong}
    n_shared = _n_shared([answer, *wrong.values()]) if wrong else 0
    _check_parting(line, answer, wrong, n_shared)
    read = (*prompt, *(answer[:n_shared] if wrong else answer[:-1]))
    sequence = vocabulary.sequence(list(read), before=vocabulary.before, after=())
    if len(sequence) > context:
        raise DoesNotFit(f"the prompt has {len(sequence)} tokens, and the model reads at most {context}. Shorten it.")
    last = len(sequence) - 1
    if wrong:
        others = tuple(dict.fromkeys(tokens[n_shared] for tokens in wrong.values()))
        targets: tuple[Target, ...] = (Target(last, answer[n_shared], others),)
    else:
        targets = tuple(Target(last - len(answer) + 1 + index, token) for index, token in enumerate(answer))
    corrupted = None
    if line.corrupted is not None:
        corrupted = _corrupted(line.corrupted, read[len(prompt) :], sequence, vocabulary)
    return TaskPrompt(Prompt(sequence, targets), corrupted, n_shared, len(answer) - n_shared - 1 if wrong else 0)


def _continuation(vocabulary: Vocabulary, prompt: str, tokens: Sequence[int], answer: str) -> list[int]:
    """The tokens of an answer behind its prompt, which are not always those of the answer by itself."""
    whole = vocabulary.encode(prompt + answer)
    if whole[: len(tokens)] != list(tokens):
        raise DoesNotFit(
            f"'{answer}' makes one token with the end of its prompt. Put the space between them before the answer, not "
            "behind the prompt."
        )
    if len(whole) == len(tokens):
        raise DoesNotFit(f"'{answer}' is no token of this model.")
    return whole[len(tokens) :]


def _n_shared(answers: Sequence[Sequence[int]]) -> int:
    """How many tokens all answers begin with."""
    n = 0
    for tokens in zip(*answers, strict=False):
        if len(set(tokens)) > 1:
            break
        n += 1
    return n


def _check_parting(line: TaskLine, answer: Sequence[int], wrong: dict[str, list[int]], n_shared: int) -> None:
    """Raises DoesNotFit unless the answer parts from every wrong one at the same token."""
    for text, tokens in wrong.items():
        if min(len(answer), len(tokens)) <= n_shared:
            raise DoesNotFit(
                f"in this model's tokens '{line.answer}' and '{text}' are the same as far as the shorter one goes, so "
                "that no token tells them apart. Give answers of which none is the beginning of another."
            )
        if tokens[n_shared] == answer[n_shared]:
            raise DoesNotFit(
                f"'{line.answer}' and '{text}' start with the same token, unlike other wrong answers of the line. Give "
                "wrong answers that all part from the right one at the same token."
            )


def _corrupted(text: str, after: Sequence[int], sequence: TokenSequence, vocabulary: Vocabulary) -> TokenSequence:
    tokens = [*vocabulary.encode(text), *after]
    made = vocabulary.sequence(tokens, before=vocabulary.before, after=())
    if len(made) != len(sequence):
        n_before, n_after = (len(tokens) - len(after) for tokens in (sequence, made))
        raise DoesNotFit(
            f"its prompt has {n_before} tokens and the corrupted prompt {n_after}. Heads' outputs are exchanged "
            "position by position: replace words by words of as many tokens."
        )
    return made

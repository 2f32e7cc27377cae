"""The tokens of a prompt as a model that draws pictures gets them: padded, and at times by two tokenizers in turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.vocabulary import Vocabulary

# Roles of a prompt's tokens beside those of its words.
START, END, PADDING = "start", "end", "padding"


@dataclass(frozen=True)
class PromptPart:
    """What one tokenizer makes of a prompt: `length` tokens, padding included.

    Where padding is `masked` nothing can attend to it, and it is left out. A part that is `empty` is padding alone: the
    text encoder that would read it is missing.
    """

    vocabulary: Vocabulary
    length: int
    masked: bool = False
    empty: bool = False

    @property
    def pad_id(self) -> int:
        """The token that fills the rest."""
        token = getattr(self.vocabulary.tokenizer, "pad_token_id", None)
        return int(token) if token is not None else self.vocabulary.after[-1] if self.vocabulary.after else 0

    def of(self, text: AnnotatedText) -> TokenSequence | None:
        """The tokens, with the roles `start`, `end` and `padding` beside the text's own; None when they do not fit."""
        if self.empty:
            return self._padded(TokenSequence((), (), ()))
        sequence = self.vocabulary.marked(text, limit=self.length)
        return None if sequence is None else self._padded(sequence)

    def _padded(self, sequence: TokenSequence) -> TokenSequence:
        n_real = len(sequence)
        n_start, n_end = (0, 0) if self.empty else (len(self.vocabulary.before), len(self.vocabulary.after))
        fill = 0 if self.masked else self.length - n_real
        roles = {name: dict(groups) for name, groups in sequence.roles.items()}
        roles |= {
            START: dict.fromkeys(range(n_start), 0),
            END: dict.fromkeys(range(n_real - n_end, n_real), 0),
            PADDING: dict.fromkeys(range(n_real, n_real + fill), 0),
        }
        return replace(
            sequence,
            ids=(*sequence.ids, *(self.pad_id,) * fill),
            texts=(*sequence.texts, *(self.vocabulary.text(self.pad_id),) * fill),
            special=(*sequence.special, *(True,) * fill),
            roles=roles,
        )


@dataclass(frozen=True)
class PromptTokens:
    """All parts of a prompt, in the order in which attention has their keys."""

    parts: Sequence[PromptPart]

    def of(self, text: AnnotatedText) -> TokenSequence | None:
        """The tokens of all parts, one after the other; None when one does not fit."""
        whole = TokenSequence((), (), ())
        for part in self.parts:
            sequence = part.of(text)
            if sequence is None:
                return None
            roles = {name: dict(groups) for name, groups in whole.roles.items()}
            for name, groups in sequence.roles.items():
                shifted = {len(whole) + position: group for position, group in groups.items()}
                roles[name] = roles.get(name, {}) | shifted
            whole = replace(
                whole,
                ids=whole.ids + sequence.ids,
                texts=whole.texts + sequence.texts,
                special=whole.special + sequence.special,
                roles=roles,
            )
        return whole

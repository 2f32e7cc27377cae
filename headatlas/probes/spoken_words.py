"""Words spoken by a small synthesiser: what models that write down speech are looked at on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.inputs.patch_grid import SAMPLING_RATE
from headatlas.probes import DoesNotFit, ProbeContext, probe, those_that_fit
from headatlas.probes.speaking import LEXICON, speak

if TYPE_CHECKING:
    import numpy as np

    from headatlas.inputs.patch_grid import PatchGrid
    from headatlas.inputs.sequence import TokenSequence

N_SOUNDS = 24
N_EXAMPLES = 2
LONGEST = 4.0  # seconds of speech; real windows are 30 s, of which the rest is padding
PART = 0.75  # of the model's window that speech fills at most, so that there is padding in any


@probe("spoken_words", version=1, medium="speech", smallest_set="quick")
def spoken_words(context: ProbeContext) -> Iterator[TokenSequence]:
    """Short words of a synthesised voice, each of a length of its own, and the same words for the decoder.

    Four to eight words out of 28, some twice, are made of formants, bursts of noise and silence at 16 kHz, with short
    pauses between them: speech-like rather than speech, but with every frame's word known. They last four seconds at
    most; the rest of the window is padding, as the model's feature extractor fills it up. The decoder reads the
    tokenizer's marks and the words (teacher forcing). Frames and tokens of a word have the roles `sound` and `spoken`
    with the word's number, frames between two words the role `pause`, padding the role `padding`. The first two are
    kept as examples.
    """
    patch_grid = context.patch_grid
    assert patch_grid is not None
    if context.vocabulary.tokenizer is None:
        raise DoesNotFit("left out: the model has no tokenizer, so words cannot be read")
    yield from those_that_fit(context, "sounds", (_sequence(context, patch_grid, index) for index in range(N_SOUNDS)))


def _sequence(context: ProbeContext, patch_grid: PatchGrid, index: int) -> TokenSequence | None:
    words, samples, owner = utterance(context.random, min(LONGEST, PART * patch_grid.seconds))
    heard = patch_grid.of_speech(samples, owner, "sound")
    text = AnnotatedText()
    for number, word in enumerate(words):
        text.add(" ").add(word, spoken=number)
    return context.vocabulary.target(heard, text, limit=context.max_length, example=index < N_EXAMPLES)


def utterance(random: np.random.Generator, longest: float) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Words, what they sound like [samples], and the number of the word at each sample, -1 between words.

    There are as many of four to eight words as are spoken in `longest` seconds, and one at least.
    """
    import numpy as np

    pitch = random.uniform(95, 190)
    words: list[str] = []
    parts: list[np.ndarray] = []
    owner: list[np.ndarray] = []
    length = 0
    for number in range(int(random.integers(4, 9))):
        word = str(random.choice([*LEXICON]))
        pause = np.zeros(int(SAMPLING_RATE * random.uniform(0.04, 0.14)))
        sound = speak(word, random, pitch=pitch * random.uniform(0.94, 1.06), speed=random.uniform(0.7, 1.5))
        if words and length + len(pause) + len(sound) > longest * SAMPLING_RATE:
            break
        words.append(word)
        parts += [pause, sound]
        owner += [np.full(len(pause), -1), np.full(len(sound), number)]
        length += len(pause) + len(sound)
    samples = np.concatenate(parts)
    return words, 0.2 * samples + random.normal(0, 0.001, len(samples)), np.concatenate(owner)

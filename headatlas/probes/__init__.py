"""Probes: the inputs heads are looked at on.

A probe is one decorated generator in one of this package's modules or in a plug-in. Whatever else is to be known of it,
such as which of its tokens a model should predict, is said in the decorator: no other package names a probe.

```python
@probe("repeated_random_tokens", version=1)
def repeated_random_tokens(context):
    \"\"\"Random tokens, then the same again.\"\"\"
    yield context.vocabulary.sequence(...)
```
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING

from headatlas.errors import HeadatlasError, UnknownNameError, one_line
from headatlas.registry import Reference, Registry, first_line, where
from headatlas.settings import DEFAULT_SET, PROBE_SETS

if TYPE_CHECKING:
    import numpy as np

    from headatlas.inputs.annotated_text import AnnotatedText
    from headatlas.inputs.patch_grid import PatchGrid
    from headatlas.inputs.sequence import TokenSequence
    from headatlas.inputs.vocabulary import Vocabulary
    from headatlas.probes.metrics import Metric

    Generator = Callable[["ProbeContext"], Iterator[TokenSequence]]

log = logging.getLogger("headatlas")

# Noted with the probes of which the full set reads more than the standard one.
DRAWN_IN_FULL = "full set: drawn"


class DoesNotFit(Exception):
    """A probe cannot be made for this model; the message says why and is recorded with the scan."""


@dataclass
class ProbeContext:
    """What a generator gets: the vocabulary, the longest sequence to make, and its own random numbers.

    `patch_grid` is there for models of images and sounds. `passages` is how many passages of natural text to draw; None
    leaves it to the probe. `notes` collects what was cut; they are recorded with the scan.

    A probe with `draws_in_full` is called again in the full set, each time with other random numbers.
    """

    vocabulary: Vocabulary
    max_length: int
    random: np.random.Generator
    patch_grid: PatchGrid | None = None
    passages: int | None = None
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Records something that a reader of the scores should know, once."""
        if text not in self.notes:
            self.notes.append(text)


@dataclass(frozen=True)
class Probe:
    """A named, versioned generator of token sequences.

    What `probe` says of its arguments holds for the attributes of the same names.
    """

    name: str
    version: int
    description: str
    defined_in: str
    generate: Generator
    medium: str = "text"
    metric: Metric | None = None
    nearest: str = ""
    natural: bool = False
    by_distance: bool = False
    regions: bool = False
    smallest_set: str = DEFAULT_SET
    draws_in_full: int = 1

    @property
    def sets(self) -> tuple[str, ...]:
        """The sets that it is in, the smallest first."""
        return PROBE_SETS[PROBE_SETS.index(self.smallest_set) :]

    @property
    def summary(self) -> str:
        """First line of the description."""
        return first_line(self.description)

    @property
    def references(self) -> list[Reference]:
        """The probe that the definition names."""
        return [Reference("probe", "nearest", self.nearest)] if self.nearest else []


@dataclass(frozen=True)
class ProbeText:
    """What a probe made for one model: its sequences, and why there are fewer or none."""

    probe: Probe
    sequences: tuple[TokenSequence, ...]
    note: str

    @property
    def reason(self) -> str:
        """Why there are none, as it stands within a sentence; empty where nothing is said."""
        return self.note.removeprefix("left out: ")


PROBES: Registry[Probe] = Registry("probe", "headatlas.probes")


def probe(
    name: str,
    *,
    version: int,
    medium: str = "text",
    metric: Metric | None = None,
    nearest: str = "",
    natural: bool = False,
    by_distance: bool = False,
    regions: bool = False,
    smallest_set: str = DEFAULT_SET,
    draws_in_full: int = 1,
) -> Callable[[Generator], Generator]:
    """Registers a generator ProbeContext -> token sequences.

    Args:
        name: what it is called, in one word.
        version: goes up with every change that makes scores incomparable.
        medium: what models read that it is for: "text", "pairs" (of a source and a target, for encoder-decoders),
            "images", "sounds", "speech" (sounds and what they say, for models that write it down), "scenes" (pictures
            with a sentence, for models that draw) or "captions" (pictures within text, for vision-language models).
        metric: which predictions are scored on it, and how; every token where nothing is said.
        nearest: the probe that asks for nearly the same, on which labels are tested where nothing is scored here.
        natural: it is natural text. There everything is scored, so that no effect is that of a single pattern; labels
            are tested there where nothing nearer is scored.
        by_distance: attention by distance on it says how a head looks in general: clusters and the map of heads see it.
        regions: of scenes: the role `shape` says where each thing is to be, so that what a head does to the things can
            be told from what it does elsewhere; heads of models that draw are taken out on it.
        smallest_set: the smallest set of probes that it is in, and with it in all larger ones: "quick", what the
            commonest labels need; "standard", what a scan reads where nothing is chosen; "full", for what takes long.
        draws_in_full: how many times the full set draws its texts, each time anew: patterns that are read on few texts
            have wide intervals, and what follows them weakly has no name.

    Raises:
        HeadatlasError: there is no such medium or set, there are no draws, or the name is taken.
    """

    def register(function: Generator) -> Generator:
        if medium not in _READERS:
            raise HeadatlasError(
                f"The probe '{name}' ({where(function)}) has medium='{medium}'. It is one of: {', '.join(_READERS)}."
            )
        if smallest_set not in PROBE_SETS:
            raise HeadatlasError(
                f"The probe '{name}' ({where(function)}) has smallest_set='{smallest_set}'. "
                f"It is one of: {', '.join(PROBE_SETS)}."
            )
        if draws_in_full < 1:
            raise HeadatlasError(
                f"The probe '{name}' ({where(function)}) has draws_in_full={draws_in_full}. It is 1 or more."
            )
        PROBES.add(
            Probe(
                name=name,
                version=version,
                description=inspect.getdoc(function) or "",
                defined_in=where(function),
                generate=function,
                medium=medium,
                metric=metric,
                nearest=nearest,
                natural=natural,
                by_distance=by_distance,
                regions=regions,
                smallest_set=smallest_set,
                draws_in_full=draws_in_full,
            )
        )
        return function

    return register


def natural_probes() -> list[str]:
    """Names of the probes of natural text."""
    return [probe.name for probe in PROBES if probe.natural]


def is_running_text(name: str) -> bool:
    """Whether a probe is text as people write it: natural text, or a text of the user's own (see `own_text`)."""
    return is_own_text(name) or name in natural_probes()


def is_own_text(name: str) -> bool:
    """Whether a probe of this name is made of a user's own text."""
    return name == "texts" or name.startswith(("text:", "dataset:"))


def probes_of_set(name: str) -> list[Probe]:
    """The probes of a set, in the order of the registry; of all media.

    Raises:
        UnknownNameError: there is no such set.
    """
    if name not in PROBE_SETS:
        raise UnknownNameError("set of probes", name, PROBE_SETS)
    return [probe for probe in PROBES if name in probe.sets]


def set_of(notes: Mapping[str, str]) -> str:
    """The set that was read, empty where it is no set: the smallest of which these are all the probes of their media.

    `notes` are those of a scan, by probe; that texts were drawn more than once tells the full set from others.
    """
    given = {name: PROBES.get(name) for name in notes}
    media = {probe.medium for probe in given.values() if probe is not None}
    for name in PROBE_SETS if given else ():
        if {probe.name for probe in probes_of_set(name) if probe.medium in media} == given.keys():
            return PROBE_SETS[-1] if any(DRAWN_IN_FULL in note for note in notes.values()) else name
    return ""


_READERS = {
    "text": "a model that reads text",
    "pairs": "an encoder-decoder, which reads pairs of texts",
    "images": "a model that reads images",
    "sounds": "a model that reads sounds",
    "speech": "a model that writes down speech",
    "scenes": "a model that draws pictures from prompts",
    "captions": "a model that reads pictures within text",
}


def make(
    probe: Probe,
    vocabulary: Vocabulary,
    max_length: int,
    seed: int,
    media: Container[str] = ("text",),
    patch_grid: PatchGrid | None = None,
    passages: int | None = None,
    *,
    full: bool = False,
) -> ProbeText:
    """The sequences of a probe for a model that reads these media; the same arguments give the same sequences.

    `passages` is how many passages a probe of natural text draws; None leaves it to the probe. With `full` texts are
    drawn as many times as the probe says; those of the first draw come first, and are the same as without.

    A plug-in's probe that fails has none, and the note says why; it is named in a warning.

    Raises:
        HeadatlasError: a sequence is longer than `max_length`, which is a mistake in the probe.
    """
    import numpy as np

    def context_of(*draw: int) -> ProbeContext:
        # The name goes into the seed, so that a probe's text does not depend on which others are run.
        random = np.random.default_rng([seed, *draw, *probe.name.encode()])
        return ProbeContext(vocabulary, max_length, random, patch_grid, passages)

    context = context_of()
    if probe.medium not in media:
        return ProbeText(probe, (), f"left out: this probe is for {_READERS[probe.medium]}")
    plugin = PROBES.plugin_of(probe.name)
    try:
        sequences = tuple(probe.generate(context))
        if full and probe.draws_in_full > 1 and not (probe.natural and passages):
            more = (_drawn_again(probe, context_of(draw)) for draw in range(1, probe.draws_in_full))
            sequences = tuple(_without_copies(sequences, chain.from_iterable(more)))
            context.note(f"{DRAWN_IN_FULL} {probe.draws_in_full} times")
        if any(len(sequence) > max_length for sequence in sequences):
            raise HeadatlasError(
                f"Probe '{probe.name}' ({probe.defined_in}) made a sequence of over {max_length} tokens."
            )
    except DoesNotFit as reason:
        return ProbeText(probe, (), str(reason))
    except Exception as error:  # whatever somebody else's generator does
        if plugin is None:
            raise
        said = one_line(error, named=not isinstance(error, HeadatlasError))
        log.warning("%s: the probe '%s' (%s) fails and is left out. %s", plugin, probe.name, probe.defined_in, said)
        return ProbeText(probe, (), f"left out: it fails ({said})")
    return ProbeText(probe, sequences, "; ".join(context.notes))


def _drawn_again(probe: Probe, context: ProbeContext) -> Iterator[TokenSequence]:
    """One more draw, of which as little may fit as there is: what fitted before is kept."""
    with suppress(DoesNotFit):
        yield from probe.generate(context)


def _without_copies(first: Sequence[TokenSequence], more: Iterable[TokenSequence]) -> Iterator[TokenSequence]:
    """The first sequences, then others that are not the same; examples are of the first alone."""
    yield from first
    known = {tuple(sequence.ids) for sequence in first}
    for sequence in more:
        if tuple(sequence.ids) not in known:
            known.add(tuple(sequence.ids))
            yield replace(sequence, example=False)


def texts_that_fit(context: ProbeContext, texts: Iterable[AnnotatedText]) -> Iterator[TokenSequence]:
    """The texts as tokens; the first is the example, and those too long for the model are left out with a note.

    Raises:
        DoesNotFit: there is no tokenizer, or not one text fits.
    """
    if context.vocabulary.tokenizer is None:
        raise DoesNotFit("left out: the model has no tokenizer, so text cannot be read")
    yield from those_that_fit(context, "texts", (
        context.vocabulary.marked(text, limit=context.max_length, example=index == 0)
        for index, text in enumerate(texts)
    ))  # fmt: skip


def those_that_fit(
    context: ProbeContext, what: str, sequences: Iterable[TokenSequence | None]
) -> Iterator[TokenSequence]:
    """The sequences that are there; those that were too long for the model, None, are counted in a note.

    Raises:
        DoesNotFit: not one fits.
    """
    n_made = n_fitting = 0
    for sequence in sequences:
        n_made += 1
        if sequence is not None:
            n_fitting += 1
            yield sequence
    if not n_fitting:
        raise DoesNotFit(f"left out: a context of {context.max_length} tokens is too short for any of the {what}")
    if n_fitting < n_made:
        context.note(f"{n_made - n_fitting} of {n_made} {what} left out: longer than {context.max_length} tokens")

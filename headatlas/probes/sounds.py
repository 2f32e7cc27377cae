"""Sounds made for this project: what models of sound are looked at on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from headatlas.inputs.patch_grid import SAMPLING_RATE
from headatlas.probes import ProbeContext, probe
from headatlas.probes.pictures import draw

if TYPE_CHECKING:
    import numpy as np

    from headatlas.inputs.sequence import TokenSequence

N_SOUNDS = 24
N_EXAMPLES = 2
PITCHES = (110, 147, 196, 262, 330, 440, 587, 784)  # Hz


@probe("sounds", version=1, medium="sounds", smallest_set="quick")
def sounds(context: ProbeContext) -> Iterator[TokenSequence]:
    """Notes with a little noise and silence between them; for models of spectrograms, drawn shapes.

    A waveform has three to six notes of one pitch each, with their first overtones, at 16 kHz; its mean is 0 and its
    standard deviation 1. The frames of a note have the role `shape` with the note's number. A spectrogram gets
    the discs, boxes and triangles of the probe `pictures`, in grey. The first two are kept as examples.
    """
    patch_grid = context.patch_grid
    assert patch_grid is not None
    for index in range(N_SOUNDS):
        example = index < N_EXAMPLES
        if patch_grid.n_frames:
            samples, owner = play(context.random, patch_grid.width)
            yield patch_grid.of_sound(samples, owner, example=example)
        else:
            image, owner = draw(context.random, patch_grid.height, patch_grid.width)
            yield patch_grid.of_image(image, owner, example=example)


def play(random: np.random.Generator, n_samples: int) -> tuple[np.ndarray, np.ndarray]:
    """A waveform [sample], and the number of the note at each sample [sample], -1 for silence."""
    import numpy as np

    time = np.arange(n_samples) / SAMPLING_RATE
    wave = random.normal(0, 0.01, n_samples)
    owner = np.full(n_samples, -1)
    n_notes = int(random.integers(3, 7))
    edges = np.sort(random.choice(np.arange(1, 20), 2 * n_notes - 1, replace=False)) * n_samples // 20
    edges = np.array([0, *edges])
    for number, (start, end) in enumerate(edges.reshape(-1, 2)):
        pitch = PITCHES[int(random.integers(len(PITCHES)))]
        note = sum(np.sin(2 * np.pi * pitch * k * time[start:end]) / k for k in (1, 2, 3))
        wave[start:end] += note * np.hanning(end - start) ** 0.3
        owner[start:end] = number
    return (wave - wave.mean()) / wave.std(), owner

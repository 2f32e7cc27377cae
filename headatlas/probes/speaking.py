"""A small voice: words of a few sounds each, as sums of harmonics under formants and bursts of noise.

Frequencies of the formants of vowels are those of men in Peterson & Barney 1952 (J. Acoust. Soc. Am. 24, 175-184).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headatlas.inputs.patch_grid import SAMPLING_RATE

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Sound:
    """One speech sound: seconds it lasts, formants of its voice in Hz (none where it has no voice), noise in a band."""

    seconds: float
    formants: tuple[int, ...] = ()
    loudness: float = 1.0
    noise: tuple[int, int] | None = None
    noise_loudness: float = 0.0


def _vowel(*formants: int) -> Sound:
    return Sound(0.17, formants)


def _hiss(low: int, high: int, loudness: float, voiced: bool = False) -> Sound:
    return Sound(0.1, (250,) if voiced else (), 0.3, (low, high), loudness)


def _stop(low: int, high: int, voiced: bool = False) -> Sound:
    return Sound(0.03, (200,) if voiced else (), 0.4, (low, high), 0.5)


def _glide(*formants: int) -> Sound:
    return Sound(0.07, formants, 0.6)


SOUNDS = {
    "i": _vowel(270, 2290, 3010), "ɪ": _vowel(390, 1990, 2550), "ɛ": _vowel(530, 1840, 2480),
    "æ": _vowel(660, 1720, 2410), "ɑ": _vowel(730, 1090, 2440), "ɔ": _vowel(570, 840, 2410),
    "ʊ": _vowel(440, 1020, 2240), "u": _vowel(300, 870, 2240), "ʌ": _vowel(640, 1190, 2390),
    "ɝ": _vowel(490, 1350, 1690),
    "s": _hiss(4500, 7500, 0.5), "ʃ": _hiss(2200, 5500, 0.6), "f": _hiss(1500, 7500, 0.2), "h": _hiss(500, 3000, 0.2),
    "p": _stop(300, 1500), "t": _stop(3000, 6500), "k": _stop(1200, 3000),
    "b": _stop(300, 1200, True), "d": _stop(2500, 5000, True), "g": _stop(1000, 2500, True),
    "m": _glide(250, 1000), "n": _glide(250, 1500), "l": _glide(350, 1100, 2700), "r": _glide(350, 1100, 1500),
    "y": _glide(260, 2200, 3000), "w": _glide(300, 700, 2200),
}  # fmt: skip
CLOSED = 0.045  # seconds of silence before the burst of a stop

LEXICON = {
    "see": "si", "tea": "ti", "key": "ki", "me": "mi", "go": "gɔ", "no": "nɔ", "four": "fɔr", "two": "tu",
    "you": "yu", "shoe": "ʃu", "man": "mæn", "cat": "kæt", "hat": "hæt", "red": "rɛd", "bed": "bɛd", "ten": "tɛn",
    "sun": "sʌn", "cup": "kʌp", "sit": "sɪt", "fish": "fɪʃ", "ship": "ʃɪp", "book": "bʊk", "good": "gʊd",
    "car": "kɑr", "moon": "mun", "bird": "bɝd", "leaf": "lif", "dog": "dɔg",
}  # fmt: skip


def speak(word: str, random: np.random.Generator, *, pitch: float, speed: float) -> np.ndarray:
    """A word of the lexicon as samples [sample] at 16 kHz, the loudest 1; `pitch` in Hz, `speed` 1 for the usual."""
    import numpy as np

    parts = []
    for name in LEXICON[word]:
        sound = SOUNDS[name]
        if name in "ptkbdg":
            parts.append(np.zeros(int(CLOSED / speed * SAMPLING_RATE)))
        parts.append(_sounded(sound, random, int(sound.seconds / speed * SAMPLING_RATE), pitch))
    samples = np.concatenate(parts)
    return samples / np.abs(samples).max()


def _sounded(sound: Sound, random: np.random.Generator, n_samples: int, pitch: float) -> np.ndarray:
    import numpy as np

    samples = np.zeros(n_samples)
    if sound.formants:
        # The voice is a sum of harmonics, each as loud as the formants around it are near; higher ones are softer.
        harmonics = np.arange(1, int(4000 / pitch) + 1) * pitch
        bands = 60 + 0.04 * np.array(sound.formants)
        apart = (harmonics[:, None] - np.array(sound.formants)) / bands
        gains = (1 / (1 + apart**2) / (1 + np.arange(len(sound.formants)))).sum(1) + 0.002
        falling = np.cumsum(1 - 0.06 * np.arange(n_samples) / max(1, n_samples)) / SAMPLING_RATE
        voice = gains @ np.sin(2 * np.pi * harmonics[:, None] * falling)
        samples += sound.loudness * voice / np.abs(voice).max()
    if sound.noise is not None:
        spectrum = np.fft.rfft(random.normal(size=n_samples))
        frequencies = np.fft.rfftfreq(n_samples, 1 / SAMPLING_RATE)
        spectrum[(frequencies < sound.noise[0]) | (frequencies > sound.noise[1])] = 0
        noise = np.fft.irfft(spectrum, n_samples)
        samples += sound.noise_loudness * noise / max(np.abs(noise).max(), 1e-9)
    ramp = min(int(0.008 * SAMPLING_RATE), n_samples // 2)
    edge = np.ones(n_samples)
    edge[:ramp], edge[n_samples - ramp :] = np.linspace(0, 1, ramp), np.linspace(1, 0, ramp)
    return samples * edge

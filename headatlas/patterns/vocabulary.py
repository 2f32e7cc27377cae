"""What others call heads: the names of two published lists and of single papers, beside our patterns.

`published_names.csv`, a row a name: `list` ("Kowalczyk 2025": the 52 canonical names of the Attention Head Naming
Convention, whose depth, (E) to (F), belongs to the name; "Zheng et al. 2024": the names in the list that is kept with
the survey arXiv:2409.03752; "papers": of single papers beside these); `name`; `group` (the stack, where the list has
them); `also` (the list's other names, apart by "; "); `pattern` (ours, several apart by spaces) and `fit` ("same", or
"near" where ours is narrower, wider, or only half of it); `evidence` (types of evidence that measure it);
`source` (where the name comes from).
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from headatlas.errors import spelled

COLUMNS = ("list", "name", "group", "also", "pattern", "fit", "evidence", "source")
FILE = "published_names.csv"
SAME = "same"
# The list whose rows are of a paper each.
PAPERS = "papers"


@dataclass(frozen=True)
class PublishedName:
    """A name of a kind of head, and which patterns and types of evidence of ours say the same or nearly so."""

    list: str
    name: str
    group: str
    also: tuple[str, ...]
    patterns: tuple[str, ...]
    fit: str
    evidence: tuple[str, ...]
    source: str

    @property
    def by(self) -> str:
        """Who uses the name: the list and its group, or the paper."""
        if self.list == PAPERS:
            return self.source
        return f"{self.list}, {self.group}" if self.group else self.list

    @property
    def address(self) -> str:
        """Where on the web the name is from."""
        paper = self.source.removeprefix("arXiv:")
        return f"https://arxiv.org/abs/{paper}" if paper != self.source else f"https://{self.source}"

    @property
    def spellings(self) -> tuple[str, ...]:
        """The name and its other names, spelled as ours are, without depth and "head"."""
        plain = [re.sub(r"^\([EMLF]\) ", "", self.name), *self.also]
        return tuple(dict.fromkeys(re.sub(r"_head(s?)(?=_|$)", "", spelled(name)).strip("_") for name in plain))


@cache
def published_names() -> tuple[PublishedName, ...]:
    """All names, in the order of the file."""
    text = (resources.files("headatlas.patterns") / FILE).read_text(encoding="utf-8")
    return tuple(
        PublishedName(
            row["list"],
            row["name"],
            row["group"],
            tuple(filter(None, row["also"].split("; "))),
            tuple(row["pattern"].split()),
            row["fit"],
            tuple(row["evidence"].split()),
            row["source"],
        )
        for row in csv.DictReader(io.StringIO(text, newline=""))
    )


def names_for(pattern: str) -> list[PublishedName]:
    """The published names that stand for a pattern, those that mean the same first."""
    names = [name for name in published_names() if pattern in name.patterns]
    return sorted(names, key=lambda name: name.fit != SAME)


def synonyms() -> dict[str, str]:
    """Published names that mean the same as one of our patterns, spelled as ours are, with that pattern's name."""
    return {
        spelling: name.patterns[0]
        for name in published_names()
        if name.fit == SAME and len(name.patterns) == 1
        for spelling in name.spellings[:1]
    }


def called(asked: str) -> list[PublishedName]:
    """The published names that are spelled like this, by their first names where any is, else by their others."""
    wanted = re.sub("_heads?$", "", re.sub(r"^\([emlf]\)_", "", spelled(asked)))
    names = [name for name in published_names() if name.spellings[0] == wanted]
    return names or [name for name in published_names() if wanted in name.spellings]


def elsewhere(asked: str) -> str:
    """What to say to whoever asks for a pattern by a published name of something else; empty for an unknown name."""
    names = called(asked)
    if not names:
        return ""
    patterns = list(dict.fromkeys(pattern for name in names for pattern in name.patterns))
    evidence = list(dict.fromkeys(type_ for name in names for type_ in name.evidence))
    who = "; ".join(dict.fromkeys(name.by for name in names))
    said = [f"It is a name in the literature ({who})."]
    if patterns:
        said.append(f"Nearest here: {', '.join(patterns)}.")
    if evidence:
        said.append(f"As evidence: {', '.join(evidence)}.")
    if len(said) == 1:
        said.append("Nothing here measures it; `headatlas patterns --published` lists what does.")
    return " ".join(said)

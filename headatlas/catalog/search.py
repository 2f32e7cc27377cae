"""Full-text search over what a database says in words: patterns, probes, example texts, columns, literature.

The index is made in memory when it is asked: the texts are few (some hundred for dozens of models), so it costs
milliseconds, is never stale, and needs nothing from the file.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headatlas.catalog.named_queries import QUERIES
from headatlas.errors import HeadatlasError, meant

if TYPE_CHECKING:
    from headatlas.catalog.reader import Reader

# Different words of a search.
MOST_WORDS = 100
KINDS = ("pattern", "probe", "text", "query", "literature", "name", "column")


@dataclass(frozen=True)
class SearchResult:
    """One hit: what it is, its name, and the passage with the words found between `[` and `]`."""

    kind: str
    name: str
    passage: str


def search(reader: Reader, text: str, *, kind: str | None = None, limit: int | None = 20) -> list[SearchResult]:
    """Texts that hold all words of `text` (in any form: "copies" finds "copied"), best first.

    The last word may be the beginning of one. Names count ten times as much as descriptions; the pattern that is called
    by these words, by us or in the literature, comes first, and names of the literature that are like them last.

    Raises:
        HeadatlasError: there are more words than are looked for.
    """
    from headatlas.patterns import PATTERNS  # not at the top, as below: the command line knows the kinds of results

    words = list(dict.fromkeys(re.findall(r"\w+", text.replace("_", " "))))
    if not words:
        return []
    if len(words) > MOST_WORDS:  # each is looked for in every text that has the others
        raise HeadatlasError(f"At most {MOST_WORDS} words are looked for at once, and these are {len(words):,}.")
    # Quoted, so that no word is taken for an operator.
    match = " ".join(f'"{word}"' for word in words) + "*"
    with closing(sqlite3.connect(":memory:")) as index:
        index.execute("create virtual table texts using fts5(kind unindexed, name, words, body, "
                      "tokenize = 'porter unicode61')")  # fmt: skip
        index.executemany(
            "insert into texts values (?, ?, ?, ?)",
            ((kind_, name, _names(kind_, name), body) for kind_, name, body in _texts(reader)),
        )
        rows = index.execute(
            """select kind, name, snippet(texts, 3, '[', ']', ' ... ', 24) from texts
               where texts match ? and (?2 is null or kind = ?2)
               order by kind = 'pattern' and name is ?4 desc, kind = 'name' and name <> ?5 collate nocase,
                        bm25(texts, 0, 10, 10, 1), kind, name limit ?3""",
            (match, kind, -1 if limit is None else limit, meant(text, PATTERNS.names(), PATTERNS.synonyms()), text),
        ).fetchall()
    return [SearchResult(kind_, name, " ".join(passage.split())) for kind_, name, passage in rows]


def _texts(reader: Reader) -> Iterator[tuple[str, str, str]]:
    """Kind, name and body of everything that can be found; of several versions the newest."""
    from headatlas.catalog.literature import of_scan
    from headatlas.patterns.vocabulary import published_names

    for row in reader.rows(
        "select name, family, description, formula, source, max(version) from patterns "
        "where kind <> 'rival' group by name order by name"
    ):
        yield "pattern", row["name"], "\n".join(filter(None, (row[1], row[2], row[3], row[4])))
    for row in reader.rows("select name, description, max(version) from probes group by name order by name"):
        yield "probe", row["name"], row["description"] or ""
    seen = set()
    for row in reader.rows(
        "select distinct probes.name as probe, tokens from examples join probes on probes.id = probe_id "
        "join scans on scans.id = scan_id where status = 'done' order by 1, 2"
    ):
        body = _joined([str(token) for token in json.loads(row["tokens"])])
        if body not in seen:  # models that share a tokenizer have the same texts
            seen.add(body)
            yield "text", row["probe"], body
    for scan in reader.scans():
        for finding in of_scan(scan):  # a head may have several
            body = ". ".join(filter(None, (finding.role, finding.source, finding.setting)))
            yield "literature", f"{scan['model']} {finding.name}", body
    for published in published_names():
        here = [*published.patterns, *published.evidence]
        body = ". ".join(filter(None, (published.by, f"Here: {', '.join(here)}" if here else "Not measured here")))
        yield "name", published.name, body
    for query in QUERIES.values():
        yield "query", query.name, query.title
    for row in reader.rows("select * from descriptions"):
        name = ".".join(filter(None, (row["table_name"], row["column_name"])))
        yield "column", name, row["description"] or ""


def _names(kind: str, name: str) -> str:
    """What a thing is called; a pattern also as the literature calls it, and as its heads are called."""
    from headatlas.patterns import PATTERNS
    from headatlas.patterns.vocabulary import SAME, names_for, published_names

    names = [name]
    if kind == "pattern":
        definition = PATTERNS.get(name)
        names += [*(definition.synonyms if definition is not None else ()), "head"]
        names += [published.name for published in names_for(name) if published.fit == SAME]
    if kind == "name":
        names += [other for published in published_names() if published.name == name for other in published.also]
    return " ".join(names).replace("_", " ")


def _joined(tokens: list[str]) -> str:
    """Tokens as text: byte-level pieces carry their spaces; word pieces (##) and words do not."""
    # Half of a character, as byte-level pieces may hold, cannot be stored.
    tokens = [token.encode("utf-8", "replace").decode("utf-8") for token in tokens]
    if any(token.startswith((" ", "Ġ", "▁")) for token in tokens):
        return re.sub("[Ġ▁]", " ", "".join(tokens))
    return " ".join(tokens).replace(" ##", "")

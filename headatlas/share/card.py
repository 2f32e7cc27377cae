"""The card of a scan: what was scanned, how, and what was found, in Markdown."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import Any

from headatlas.share.record import Row, ScanRecord, definition_keys

# From this share of attention on, and this far above chance, a best head is listed.
MIN_SCORE, MIN_LIFT = 0.2, 0.1
TOP_K = 3
# What a card speaks of, besides the scan and its definitions.
TABLES = ("scores", "labels", "scan_probes", "certificates", "warnings")


def card(record: ScanRecord) -> str:
    """A card in the manner of a model card, from a record's own (rounded) numbers."""
    scan = record.scan
    parts = [
        f"# {_safe(record.model)}\n",
        f"A scan by headatlas of {len(record.heads):,} attention heads: which known patterns each one follows. "
        "`headatlas import` reads this folder into a database.\n",
        "## The model\n",
        _table(
            ("", ""),
            [
                (label, value)
                for label, value in (
                    ("Architecture", scan.get("architecture")),
                    ("Source", scan.get("source")),
                    ("Revision", scan.get("revision")),
                    ("SHA-256 of the weights", scan.get("digest")),
                    ("Parameters", _count(scan.get("n_parameters"))),
                    ("Layers", scan.get("n_layers")),
                    ("Heads", _count(len(record.heads))),
                    ("Context", f"{_count(scan.get('context_length'))} tokens" if scan.get("context_length") else None),
                )
                if value not in (None, "")
            ],
        ),
        _findings(record),
        _measured(record),
        _limits(record),
    ]
    return "\n".join(part for part in parts if part)


def _findings(record: ScanRecord) -> str:
    parts = ["## What was found\n"]
    labels = Counter(row["label"] for row in record.tables.get("labels", []))
    if labels:
        rows = sorted(labels.items(), key=lambda pair: (-pair[1], pair[0]))
        parts += [_table(("Label", "Heads"), [(label.replace("_", " "), count) for label, count in rows])]
    parts += [
        f"Heads that follow each pattern most (at least {MIN_SCORE}, and {MIN_LIFT} above chance; the score is the "
        "share of attention on the pattern's keys, on the probe made for it):\n",
        _table(("Pattern", "Heads", "Chance"), list(_best(record))),
    ]
    return "\n".join(parts)


def _best(record: ScanRecord) -> Any:
    definitions = record.definitions["patterns"]
    scores: defaultdict[str, list[Row]] = defaultdict(list)
    for row in record.tables.get("scores", []):
        scores[row["pattern"]].append(row)
    for key, pattern in zip(definition_keys(definitions), definitions, strict=True):
        rows = [
            row
            for row in scores[key]
            if row["probe"].split("@")[0] == pattern["probe"]
            and row["chance"] is not None
            and row["score"] is not None
            and row["score"] >= max(MIN_SCORE, row["chance"] + MIN_LIFT)
        ]
        best = sorted(rows, key=lambda row: -row["score"])[:TOP_K]
        if best:
            heads = ", ".join(f"{row['head']} {row['score']:.2f}" for row in best)
            more = f" and {len(rows) - len(best)} more" if len(rows) > len(best) else ""
            yield key.replace("_", " "), heads + more, f"{best[0]['chance']:.2f}"


def _measured(record: ScanRecord) -> str:
    scan = record.scan
    probes = [
        (row["probe"].replace("_", " "), _count(row["n_sequences"]), _count(row["n_tokens"]), row["note"] or "")
        for row in record.tables.get("scan_probes", [])
    ]
    parts = ["## How it was measured\n", f"    {_safe(scan.get('command') or '')}\n"]
    try:
        versions = ", ".join(f"{name} {version}" for name, version in json.loads(scan.get("versions") or "{}").items())
    except (ValueError, AttributeError):
        versions = ""
    ran = ", ".join(
        str(setting)
        for setting in (scan.get("dtype"), scan.get("device"), f"seed {scan.get('seed')}", scan.get("finished"))
        if setting
    )
    parts.append(f"{ran}. {_safe(versions)}\n")
    for row in record.tables.get("certificates", []):
        if row["passed"] is None:
            parts.append(f"Certificate: {_safe(row['compared_with'] or '')}.\n")
        else:
            verdict = "passed" if row["passed"] else "FAILED"
            parts.append(
                f"Certificate {verdict}: compared with {_safe(row['compared_with'] or '')}, largest difference "
                f"{row['max_difference']:.1e} (allowed {row['tolerance']:.0e}).\n"
            )
    if probes:
        parts.append(_table(("Probe", "Sequences", "Tokens", "Note"), probes))
    return "\n".join(parts)


def _limits(record: ScanRecord) -> str:
    lines = ["## Limits\n", "Scores describe attention: what a head looks at, not what the model does with it.\n"]
    lines += [f"- {_safe(row['warning'])}" for row in record.tables.get("warnings", [])]
    return "\n".join(lines).rstrip() + "\n"


def _table(header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "".join("| " + " | ".join(_safe(str(cell)) for cell in line) + " |\n" for line in lines)


def _safe(text: str) -> str:
    """Text that stays on its line and in its cell."""
    escaped = " ".join(str(text).split()).replace("\\", "\\\\")
    for letter in "|<>":
        escaped = escaped.replace(letter, "\\" + letter)
    return escaped


def _count(value: Any) -> str:
    return "" if value is None else f"{value:,}"

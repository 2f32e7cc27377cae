"""What heads do off the sink: scores, what wakes them, what they divide their attention among, a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.store.schema.base import DESCRIPTIONS, HEAD, PROBE, foreign_keys, migrations, table_of

if TYPE_CHECKING:
    from sqlite_utils import Database

_OF_HEAD = {
    "model": "Name of the model as given to `scan`, or with --as.",
    "attention": "self, encoder, decoder, cross or vision.",
    "layer": "Layer, counted from 0.",
    "head": "Head within the layer, counted from 0.",
}
DESCRIPTIONS |= {
    "off_sink": {
        "": "How far each head follows each pattern, and each rival, with the attention that is not on the sink.",
        "head_id": "The head.",
        "pattern_id": "The pattern, or a simple rule that is nobody's pattern (kind 'rival').",
        "probe_id": "The probe it was measured on.",
        "score": "Attention on target keys besides the first position and early sinks that the layer's heads share, "
        "over all attention besides these.",
        "ci_low": "Lower end of the 95% bootstrap interval over sequences.",
        "ci_high": "Upper end of the 95% bootstrap interval over sequences.",
        "half_a": "Score on every other sequence that has targets, from the first.",
        "half_b": "Score on the others.",
        "mass": "Mean attention besides these sinks on the counted queries.",
        "awake": "Share of the counted queries on which more than 0.2 of the attention is besides these sinks.",
        "control": "What the head's own distances, and the keys that it likes, would score; of habits of looking "
        "nearby what distance does not explain; 0 for other positional patterns.",
        "contrast": "What the head would score if it looked at the right keys as at the wrong ones; else null.",
        "contrast_low": "Lower end of the interval of score - contrast; null where the pattern names no wrong keys.",
        "chance": "What uniform attention besides the first position would score.",
        "n_queries": "Queries that have a target besides the first position.",
    },
    "sinks": {
        "": "How much of its attention each head leaves on sinks: the first position, and others of its layer.",
        "head_id": "The head.",
        "probe_id": "The probe it was measured on.",
        "first": "Mean attention on the first position, over all tokens.",
        "others": "Mean attention on other sinks: positions that get a tenth of the attention of the queries that may "
        "look there (16 or more) beyond an even share, on the mean over the layer's heads.",
    },
    "awakenings": {
        "": "Classes of queries on which a head spends more attention off the sink than on all of them.",
        "head_id": "The head.",
        "probe_id": "The probe it was measured on.",
        "class": "The class: what the query's token is, or 'role:' and a role of the probe.",
        "lift": "Mean attention off the sink on these queries, over that on all queries of the probe's texts.",
        "ci_low": "Lower end of the 95% bootstrap interval over sequences.",
        "ci_high": "Upper end of the 95% bootstrap interval over sequences.",
        "q_value": "Of a paired t-test over sequences, corrected over all heads and classes (Benjamini-Hochberg).",
        "n_queries": "Queries of the class.",
    },
    "budgets": {
        "": "A head's whole attention, divided; the shares of a head and probe sum to 1.",
        "head_id": "The head.",
        "probe_id": "The probe.",
        "part": "'sink' (the first position), 'other sinks', the name of a pattern, or 'unexplained'.",
        "share": "Share of all attention on the probe.",
    },
    "sentences": {
        "": "What each head does, in words.",
        "head_id": "The head.",
        "sentence": "One or two sentences.",
    },
    "head_budget": {
        "": "What the heads of every finished scan divide their attention among; a promised view.",
        **_OF_HEAD,
        "probe": "Name of the probe.",
        "part": "'sink' (the first position), 'other sinks', the name of a pattern, or 'unexplained'.",
        "share": "Share of all attention on the probe; the shares of a head and probe sum to 1.",
    },
    "head_sentences": {
        "": "What each head of every finished scan does, in words.",
        **_OF_HEAD,
        "sentence": "One or two sentences.",
    },
}
DESCRIPTIONS["overlaps"]["off_sink"] = "The same of attention besides the first position; null where there is none."
DESCRIPTIONS["labels"] |= {
    "strength": "Share of the head's attention, on the label's basis, that only this label explains.",
    "explained": "What the head's other strengths and chance would score on this pattern off the sink anyway.",
    "explained_by": "The other pattern, or rival, or chance, that explains the most of the score.",
    "basis": "'always': of all of the head's attention; 'awake': of what it does off the sink.",
    "awake": "Share of the pattern's queries on which the head is awake (over 0.2 of its attention off the sink).",
    "score": "The head's score off the sink.",
    "control": "What the head's habits alone would score off the sink.",
    "probe": "The probe that the label was read on: the pattern's own, where that was run.",
}
DESCRIPTIONS["head_labels"] |= {
    "basis": "'always': of all of the head's attention; 'awake': of what it does off the sink.",
    "awake": "Share of the pattern's queries on which the head is awake.",
}

_VIEWS = {
    "head_labels": """
        select scans.model, heads.attention, heads.layer, heads.head, labels.label, labels.confidence, labels.rank,
               labels.basis, labels.awake
        from labels
        join heads on heads.id = labels.head_id
        join scans on scans.id = heads.scan_id
        where scans.status = 'done'
    """,
    "head_budget": """
        select scans.model, heads.attention, heads.layer, heads.head, probes.name as probe, budgets.part, budgets.share
        from budgets
        join heads on heads.id = budgets.head_id
        join scans on scans.id = heads.scan_id
        join probes on probes.id = budgets.probe_id
        where scans.status = 'done'
    """,
    "head_sentences": """
        select scans.model, heads.attention, heads.layer, heads.head, sentences.sentence
        from sentences
        join heads on heads.id = sentences.head_id
        join scans on scans.id = heads.scan_id
        where scans.status = 'done'
    """,
}


@migrations(name="off_sink")
def off_sink(db: Database) -> None:
    """Scores off the sink, awakenings, budgets, sentences, and on what labels rest."""
    pattern = ("pattern_id", "patterns", "id")
    table_of(db, "off_sink").create(
        dict(head_id=int, pattern_id=int, probe_id=int, score=float, ci_low=float, ci_high=float)
        | dict(half_a=float, half_b=float, mass=float, awake=float, control=float)
        | dict(contrast=float, contrast_low=float, chance=float, n_queries=int),
        pk=("head_id", "pattern_id", "probe_id"),
        foreign_keys=foreign_keys("off_sink", [HEAD, pattern, PROBE]),
    )
    table_of(db, "sinks").create(
        dict(head_id=int, probe_id=int, first=float, others=float),
        pk=("head_id", "probe_id"),
        foreign_keys=foreign_keys("sinks", [HEAD, PROBE]),
    )
    table_of(db, "awakenings").create(
        {"head_id": int, "probe_id": int, "class": str, "lift": float, "ci_low": float, "ci_high": float}
        | {"q_value": float, "n_queries": int},
        pk=("head_id", "probe_id", "class"),
        foreign_keys=foreign_keys("awakenings", [HEAD, PROBE]),
    )
    table_of(db, "budgets").create(
        dict(head_id=int, probe_id=int, part=str, share=float),
        pk=("head_id", "probe_id", "part"),
        foreign_keys=foreign_keys("budgets", [HEAD, PROBE]),
    )
    table_of(db, "sentences").create(
        dict(head_id=int, sentence=str), pk="head_id", foreign_keys=foreign_keys("sentences", [HEAD])
    )
    table_of(db, "overlaps").add_column("off_sink", float)
    for column, type_ in (("basis", str), ("awake", float), ("score", float), ("control", float), ("probe", str)):
        table_of(db, "labels").add_column(column, type_)
    db.execute("drop view head_labels")
    for name, sql in _VIEWS.items():
        db.create_view(name, sql)

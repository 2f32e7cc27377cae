"""The words of these pages in plain words, for whoever meets attention heads for the first time."""

from __future__ import annotations

from headatlas.atlas.context.guide import OtherName, Term
from headatlas.atlas.context.pages import GlossaryPage
from headatlas.atlas.data.atlas import Atlas
from headatlas.patterns.vocabulary import published_names

_METHODS = "methods.html"

# Name, what else it is called, what it means, where there is more.
_TERMS: tuple[tuple[str, str, str, tuple[tuple[str, str], ...]], ...] = (
    ("attention head", "head, self-attention head, what is a head",
     "A small part of a language model. For every token that the model reads, a head decides which tokens to look at, "
     "and carries something from there to here. A model has hundreds or thousands; this atlas has a page for each.",
     (("how to read its map", "index.html#reading"),)),
    ("layer", "block",
     "Heads stand in layers, one above the other. A text passes through all layers in turn, and a head can use what "
     "heads of lower layers found. L5H1 is head 1 of layer 5; both are counted from 0.",
     ()),
    ("token", "word piece, subword",
     "A piece of text as the model reads it: a word, a part of one, or a sign. A dot before it stands for a space.",
     ()),
    ("query", "row, token that looks",
     "The token that looks: the one the model is reading at that moment. Each row of a map is a query.",
     (("attention", f"{_METHODS}#attention"),)),
    ("key", "column, token that is looked at",
     "A token that can be looked at. Each column of a map is a key.",
     ()),
    ("weight", "attention weight, attention",
     "How much of a query's attention goes to a key, from 0 to 1. The weights of a row add up to 1.",
     ()),
    ("attention map", "heatmap, attention pattern, matrix",
     "All weights of a head on a text, as a picture: a row for each token that looks, a column for each that is looked "
     "at, darker where the weight is larger.", (("how to read one", "index.html#reading"),)),
    ("sink", "attention sink, rest, resting",
     "A token, mostly the first, on which heads rest while they have nothing to do. Most heads spend most of their "
     "attention there, so everything on these pages is also given with the sink set aside.",
     ()),
    ("awake", "off the sink",
     "A head is awake where its attention leaves the sink. What it does then is what it is for.",
     ()),
    ("pattern", "attention pattern, kind of head, type",
     "A habit that heads are known for, such as looking at the token before. It says which keys a perfect head of that "
     "kind would look at from each query.", (("all patterns", "index.html#patterns"),)),
    ("induction head", "copying head, in-context copying",
     "A head that continues what it has seen before: where a name is read a second time, it looks at what followed it "
     "the first time. Such heads are behind much of what models do with examples in their text.",
     ()),
    ("probe", "text, data set, input",
     "A set of texts on which a pattern is asked for. Some are natural, some are made so that patterns that look alike "
     "come apart, such as random tokens that are repeated.", (("all probes", "index.html#probes"),)),
    ("score", "mass",
     "The share of its attention that a head spends as a pattern says, from 0 to 1, averaged over a probe.",
     (("how it is made", f"{_METHODS}#score"),)),
    ("chance", "baseline, uniform",
     "The score of a head that looks everywhere evenly. A score says something only where it is far above chance.",
     ()),
    ("interval", "confidence interval, 95% interval, bootstrap",
     "Where the score would mostly lie on other texts of the same kind. Wide intervals say that few texts decided.",
     ()),
    ("label", "name of a head, claim",
     "A claim about a head: 'this is an induction head'. It is made only where the score is far above chance, holds on "
     "both halves of the texts, and is not explained by something simpler.",
     (("how labels are made", f"{_METHODS}#label"),)),
    ("strength", "",
     "The number beside a label: the share of attention that this label explains and nothing else does.",
     (("strength", f"{_METHODS}#strength"),)),
    ("confidence", "probability",
     "How likely it is that a label is right, measured on heads that were built by hand so that the truth is known.",
     ()),
    ("unclassified", "without a label, unnamed",
     "A head that no label fits. That is a result too: it may do something that nobody has named.",
     ()),
    ("mosaic", "grid",
     "A whole model as a picture: layers from top to bottom, heads from left to right, a cell for each head.",
     ()),
    ("budget", "",
     "All of a head's attention, divided: on the sink, on what its patterns name, and what is left unexplained.",
     ()),
    ("removing a head", "ablation, mean ablation, knock out, does the model need it",
     "To see whether the model needs a head, its output is replaced by its mean and the model reads the same texts "
     "again. What gets worse is what the head was needed for. A map alone cannot say this.",
     (("evidence", f"{_METHODS}#evidence"),)),
    ("loss", "nats, cross-entropy",
     "How surprised the model is by the next token, in nats; lower is better. 'Removing it raises loss by 1.5' means "
     "that the right token became 4.5 times less likely, on average (e to the power of 1.5).",
     ()),
    ("logit", "direct logit attribution",
     "A number for each word of the vocabulary, from which the model's choice of the next token is made. Some heads "
     "add to the right token's logit directly.",
     ()),
    ("verdict", "mechanism, picture only, matters",
     "What removal says of a label: 'mechanism' where the model needs the head for what its map shows, 'picture only' "
     "where nothing shows that it does.", (("all verdicts", f"{_METHODS}#verdict"),)),
    ("copying", "OV circuit",
     "A head copies if the tokens it looks at become likelier next. Its weights tell, without any text.",
     ()),
    ("composition", "circuit, built on, K-composition",
     "A head can read what earlier heads wrote. An induction head is mostly built on a previous-token head: the one "
     "writes down which token came before, the other looks for it.",
     ()),
    ("certificate", "",
     "The proof that the attention shown is the model's own: it was compared with what the model's own code gives.",
     ()),
)  # fmt: skip


def terms() -> list[Term]:
    """Every term, in the order in which one needs them."""
    return [
        Term(anchor=name.replace(" ", "-"), name=name, also=also, text=text, see=list(see))
        for name, also, text, see in _TERMS
    ]


def other_names(atlas: Atlas) -> list[OtherName]:
    """What others call heads, with the pages of patterns that this atlas has."""
    return [
        OtherName(
            name=name.name,
            by=name.by,
            address=name.address,
            patterns=[
                (own, f"patterns/{atlas.pattern_files[own]}.html") for own in name.patterns if own in atlas.newest
            ],
            evidence=", ".join(name.evidence),
            fit=name.fit,
        )
        for name in published_names()
    ]


def glossary_page(atlas: Atlas) -> GlossaryPage:
    """The page of terms, and of other people's names."""
    return GlossaryPage(
        title="Glossary",
        description="The words of this atlas in plain words: head, query, key, sink, score, label, what it means to "
        "remove a head, and what others call heads.",
        root="",
        trail=[],
        preview="previews/atlas.png",
        terms=terms(),
        names=other_names(atlas),
    )

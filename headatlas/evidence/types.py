"""What each type of evidence says: name, unit, definition, source. No torch."""

from __future__ import annotations

from dataclasses import dataclass

from headatlas.evidence.word_pairs import RELATIONS
from headatlas.probes.metrics import ACCURACY, LEAD, LOSS

# What a type of evidence rests on.
WEIGHTS = "weights"
CAUSES = "causes"
# What the model does while it writes, with nothing taken out.
WRITING = "writing"


@dataclass(frozen=True)
class EvidenceType:
    """One number a head gets: from its weights, or, on each probe, from what its removal or its output does."""

    name: str
    version: int
    basis: str
    unit: str
    description: str
    source: str


# The effect on prompts that had no part in choosing which heads are taken out on all of them.
HELD_OUT = "held_out_effect"

# Of words, their successors in order.
SUCCESSOR = "ov_successor"
# Rotary positions: pairs of entries that turn fully within so many tokens are fast, those that do not within the
# larger number are slow.
FAST, SLOW = 32, 2048


def relation_type(relation: str) -> str:
    """The type of evidence about one of `RELATIONS`."""
    return f"ov_relation_{relation}"


def suppressed_type(relation: str) -> str:
    """The type of evidence about what is lowered of one of `RELATIONS`."""
    return f"ov_suppressed_{relation}"


_RAISED_MOST = (
    "its logit rises most of all words of the list, the source's own included, when the head attends to the source "
    "alone, less the share that the same words would have in random pairs (0 by chance). Pairs of single tokens alone "
    "(tokens as the first feed-forward layer leaves them, in the first layer as embedded)."
)

_ABLATION = "Mean ablation: the head's output (hook_z) is replaced everywhere by its mean over the probe's positions."

TYPES = {
    item.name: item
    for item in (
        EvidenceType(
            "ov_copying", 1, WEIGHTS, "share, -1 to 1",
            "Sum of the eigenvalues of unembedding x OV x embedding over the sum of their absolute values: 1 when "
            "whatever the head attends to gets likelier, -1 when it gets less likely, about 0 for random weights. "
            "Computed in the head's own dimensions; positive eigenvalues are necessary for copying, not sufficient.",
            "Elhage et al. 2021, A Mathematical Framework for Transformer Circuits",
        ),
        EvidenceType(
            "ov_copying_after_mlp", 1, WEIGHTS, "share, -1 to 1",
            "`ov_copying` with each token read as the first block's feed-forward layer leaves it, which is closer to "
            "what heads of later layers see of a token.",
            "Elhage et al. 2021; Wang et al. 2022, arXiv:2211.00593",
        ),
        EvidenceType(
            "ov_top_tokens", 1, WEIGHTS, "share of tokens, 0 to 1",
            "Share of real tokens that are among the five whose logits the head raises most when it attends to them "
            "alone (tokens as in `ov_copying_after_mlp`).",
            "Wang et al. 2022, arXiv:2211.00593",
        ),
        EvidenceType(
            "ov_bottom_tokens", 1, WEIGHTS, "share of tokens, 0 to 1",
            "Share of real tokens that are among the five whose logits the head lowers most when it attends to them.",
            "McDougall et al. 2023, arXiv:2310.04625",
        ),
        EvidenceType(
            "qk_same_token", 1, WEIGHTS, "share of pairs, 0 to 1",
            "How often a token, as query, prefers the same token as key over another one, positions aside: 0.5 by "
            "chance, 1 for a head that looks for copies of the token it stands on.",
            "after Elhage et al. 2021",
        ),
        EvidenceType(
            "qk_position", 1, WEIGHTS, "share of attention, 0 to 1",
            "Attention on the preferred distance (see `qk_distance`) when nothing but position differs: learned "
            "positions through the head's weights, or the text's mean query and key under the model's own rotation, "
            "over 32 distances (uniform: 0.03).",
            "after Elhage et al. 2021 and Barbero et al. 2024, arXiv:2410.06205",
        ),
        EvidenceType(
            "qk_distance", 1, WEIGHTS, "tokens back",
            "The distance that positions alone prefer; 1 is the previous token.",
            "after Elhage et al. 2021",
        ),
        EvidenceType(
            "ov_own_token_lowered", 1, WEIGHTS, "share of pairs, 0 to 1",
            "How often attending to a token leaves its own logit below that of another token, of 64 real ones (as in "
            "`ov_top_tokens`): 0.5 by chance, 1 for a head that writes against what it looks at, 0 for one that "
            "copies.",
            "after McDougall et al. 2023, arXiv:2310.04625",
        ),
        EvidenceType(
            "qk_predicted_token", 1, WEIGHTS, "share of pairs, 0 to 1",
            "How often a query that says which token comes next (the direction that raises its logit) prefers that "
            "token as key over another one, positions aside: 0.5 by chance. Copy suppression takes both this and "
            "`ov_own_token_lowered`.",
            "after McDougall et al. 2023, arXiv:2310.04625",
        ),
        *(
            EvidenceType(
                relation_type(relation.name), 1, WEIGHTS, "share of pairs above chance",
                f"Share of words for which the head gives {relation.gives}"
                + (f": {_RAISED_MOST}" if relation is RELATIONS[0] else f", as `{relation_type(RELATIONS[0].name)}`."),
                "after Elhelo and Geva 2024, arXiv:2412.11965",
            )
            for relation in RELATIONS
        ),
        *(
            EvidenceType(
                suppressed_type(relation.name), 1, WEIGHTS, "share of pairs above chance",
                f"Share of words for which the head takes back {relation.gives}: its logit falls most of all words, as "
                f"`{relation_type(relation.name)}` has it rise most.",
                "after Elhelo and Geva 2024, arXiv:2412.11965",
            )
            for relation in RELATIONS
        ),
        EvidenceType(
            SUCCESSOR, 1, WEIGHTS, "share of pairs above chance",
            "Share of days, months, number words, digits, letters and ordinals for which the head gives the next one, "
            f"as `{relation_type(RELATIONS[0].name)}`; the words of the class are the list.",
            "after Gould et al. 2023, arXiv:2312.09230",
        ),
        EvidenceType(
            "q_effective_rank", 1, WEIGHTS, "directions",
            "In how many directions the head's queries on natural text lie, before positions turn them: the square of "
            "the sum of their second moments' eigenvalues over the sum of the squares (1 where all queries point one "
            "way, at most the head's dimensions).",
            "participation ratio; of slash heads: arXiv:2601.08297",
        ),
        EvidenceType(
            "k_effective_rank", 1, WEIGHTS, "directions",
            "The same of its keys.",
            "participation ratio; of slash heads: arXiv:2601.08297",
        ),
        EvidenceType(
            "rope_fast", 1, WEIGHTS, "share of norm, 0 to 1",
            "Of the norms of queries times keys on natural text, the share in those pairs of entries that rotary "
            f"positions turn fully within {FAST} tokens: such pairs tell near distances apart. Uniform: the share of "
            "such pairs.",
            "Barbero et al. 2024, arXiv:2410.06205",
        ),
        EvidenceType(
            "rope_slow", 1, WEIGHTS, "share of norm, 0 to 1",
            f"The same in those pairs that do not turn fully within {SLOW} tokens: such pairs hardly tell distances.",
            "Barbero et al. 2024, arXiv:2410.06205",
        ),
        EvidenceType(
            LOSS, 1, CAUSES, "nats per scored token",
            f"How much the loss on the probe's scored tokens rises without the head. {_ABLATION}",
            "Olsson et al. 2022, arXiv:2209.11895; Wang et al. 2022, arXiv:2211.00593",
        ),
        EvidenceType(
            LEAD, 1, CAUSES, "logits",
            f"How much the right token's lead in logits over the wrong ones falls without the head. {_ABLATION}",
            "Wang et al. 2022, arXiv:2211.00593",
        ),
        EvidenceType(
            ACCURACY, 1, CAUSES, "share of answers",
            f"How much the share of right answers falls without the head. {_ABLATION}",
            "Wu et al. 2024, arXiv:2404.15574; Gould et al. 2023, arXiv:2312.09230",
        ),
        EvidenceType(
            HELD_OUT, 1, CAUSES, "as the ablation's",
            "The effect of removing the head on what counts first on the probe, on those prompts alone that had no "
            "part in choosing it; of heads that were taken out on all prompts.",
            "the ablation's, on other prompts",
        ),
        EvidenceType(
            "direct_logit", 1, CAUSES, "logits",
            "What the head's own output adds to the right token's logit over the wrong ones (over the mean of the "
            "vocabulary where there are none) straight through the final norm, nothing else recomputed.",
            "Elhage et al. 2021; nostalgebraist 2020, interpreting GPT: the logit lens",
        ),
    )
}  # fmt: skip

# What is seen while a decoder writes, where that was asked for.
COPIED = "copied_needles"
# And what a head's output from examples of a task does where examples say nothing of it.
FUNCTION = "function_vector"
WRITING_TYPES = {
    COPIED: EvidenceType(
        COPIED, 1, WRITING, "share of needle tokens, 0 to 1",
        "Of an answer that is hidden in a text and asked for, the share of tokens that the model writes while the head "
        "attends to them most of all: the mean over the texts in which the model says most of the answer (greedy "
        "decoding; two depths in eight texts of our own). The authors call heads above 0.1 retrieval heads.",
        "Wu et al. 2024, arXiv:2404.15574",
    ),
    FUNCTION: EvidenceType(
        FUNCTION, 1, WRITING, "probability",
        "How much likelier the right answer gets when the head's output at the end of a prompt whose examples have "
        "each other's answers is replaced by its mean output at the end of prompts with right examples. Above 0 the "
        "head carries the task (its function vector). Below 0 its mean writes against the answer, or the head brings "
        "the answer to this very question, which its mean does not hold. The mean over prompts of those tasks "
        "(opposites, plurals, past tenses, capitals, comparatives; six examples) that the model does; of heads with a "
        "small effect to first order that alone.",
        "Todd et al. 2023, arXiv:2310.15213; Yin and Steinhardt 2025, arXiv:2502.14010; sign: arXiv:2606.07560",
    ),
}  # fmt: skip

# Of models that draw pictures: what taking a head out does to the prediction inside the things of a drawn scene, to
# that beside them, and where the change lies.
REGION_LOSS, GROUND_LOSS, REGION_CHANGE = "ablation_region_loss", "ablation_ground_loss", "ablation_region_change"
_DRAWN_ABLATION = (
    "Mean ablation: what the head gives is replaced everywhere by its mean over places and pictures at the same amount "
    "of noise."
)

DRAWN_TYPES = {
    item.name: item
    for item in (
        EvidenceType(
            REGION_LOSS, 1, CAUSES, "share of the loss there",
            "How much the squared error of what the model predicts (the noise, the velocity) rises without the head, "
            "at the places that the things of a drawn scene cover, as a share of what it is there with the head. "
            f"{_DRAWN_ABLATION}",
            "the training loss of Ho et al. 2020, arXiv:2006.11239, where Tang et al. 2022, arXiv:2210.04885, look",
        ),
        EvidenceType(
            GROUND_LOSS, 1, CAUSES, "share of the loss there",
            f"The same at all other places. {_DRAWN_ABLATION}",
            "the same",
        ),
        EvidenceType(
            REGION_CHANGE, 1, CAUSES, "share of the change, 0 to 1",
            "Of the squared change of the prediction without the head, the share that lies inside the things; a change "
            f"that is the same everywhere has their area. {_DRAWN_ABLATION}",
            "after Hertz et al. 2022, arXiv:2208.01626",
        ),
    )
}  # fmt: skip

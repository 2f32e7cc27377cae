"""What each number that a task gives a head means. No torch.

They stand apart from `headatlas.evidence.types`, whose list decides what evidence about probes is made of.
"""

from __future__ import annotations

from headatlas.evidence.types import CAUSES, TYPES, EvidenceType
from headatlas.probes.metrics import ACCURACY, LEAD, LOSS

ATTRIBUTION = {LEAD: "attribution_logit_difference", LOSS: "attribution_loss"}
RESAMPLING = {LEAD: "resampling_logit_difference", LOSS: "resampling_loss", ACCURACY: "resampling_accuracy"}
DIRECT = "direct_logit"

_RESAMPLING = (
    "Resampling: the head's output (hook_z) is replaced at every position by what it is there on the corrupted prompt."
)
_ATTRIBUTION = (
    "First order: the gradient of the measure with respect to the head's output, times the difference that replacing "
    "the output makes to it (by the mean, or by that of the corrupted prompt where the task has some)."
)
_OF_ATTRIBUTION = "Nanda 2023, attribution patching; Syed et al. 2023, arXiv:2310.10348"
_OF_RESAMPLING = "Chan et al. 2022, causal scrubbing; Wang et al. 2022, arXiv:2211.00593"

TASK_TYPES = {
    item.name: item
    for item in (
        EvidenceType(
            ATTRIBUTION[LEAD], 1, CAUSES, "logits",
            "How much the right answer's lead in logits over the wrong ones would fall without the head, estimated. "
            f"{_ATTRIBUTION}",
            _OF_ATTRIBUTION,
        ),
        EvidenceType(
            ATTRIBUTION[LOSS], 1, CAUSES, "nats per scored token",
            f"How much the loss on the answer would rise without the head, estimated. {_ATTRIBUTION}",
            _OF_ATTRIBUTION,
        ),
        EvidenceType(
            RESAMPLING[LEAD], 1, CAUSES, "logits",
            f"How much the right answer's lead in logits over the wrong ones falls without the head. {_RESAMPLING}",
            _OF_RESAMPLING,
        ),
        EvidenceType(
            RESAMPLING[LOSS], 1, CAUSES, "nats per scored token",
            f"How much the loss on the answer rises without the head. {_RESAMPLING}",
            _OF_RESAMPLING,
        ),
        EvidenceType(
            RESAMPLING[ACCURACY], 1, CAUSES, "share of answers",
            f"How much the share of right answers falls without the head. {_RESAMPLING}",
            _OF_RESAMPLING,
        ),
        *(TYPES[name] for name in (LEAD, LOSS, ACCURACY, DIRECT)),
    )
}  # fmt: skip


def exact_type(measure: str, resampled: bool) -> str:
    """The type of evidence that measuring the effect on LEAD, LOSS or ACCURACY gives."""
    return RESAMPLING[measure] if resampled else measure

"""How TransformerLens is to wrap vision-language models that it has no adapter for.

They are built of parts that it knows, in another order: below each adapter stands what differs. They are in force only
while a model is wrapped, so that nothing that another package registers is replaced for good.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch


@contextmanager
def more_adapters() -> Iterator[None]:
    """Inside, TransformerLens wraps the architectures of `adapters` too."""
    from transformer_lens.factories import architecture_adapter_factory as factory

    known = factory.SUPPORTED_ARCHITECTURES
    more = {name: own for name, own in adapters().items() if name not in known} | known
    # Without torchvision, which reads pictures from files: what a model is given here are pixels.
    more = {
        name: type(own.__name__, (own,), {"required_libraries": []})
        for name, own in more.items()
        if name not in known or own.required_libraries == ["torchvision"]
    }
    with (
        patch.dict(factory.SUPPORTED_ARCHITECTURES, more),
        patch.dict(factory.ArchitectureAdapterFactory._adapters, more),
    ):
        yield


@cache
def adapters() -> dict[str, type[Any]]:
    """Adapters by architecture.

    - SmolVLM is an Idefics 3 under another name, and Idefics 2 differs from it in what makes a picture's tokens.
    - Qwen2-VL has Qwen2.5-VL's decoder, behind an encoder of images whose feed-forward layers have no gate.
    - PaliGemma has the first Gemma's decoder in the place where Gemma 3 has its own.
    """
    from transformer_lens.model_bridge.generalized_components import SiglipVisionEncoderBridge, VisionProjectionBridge
    from transformer_lens.model_bridge.generalized_components.base import GeneralizedComponent
    from transformer_lens.model_bridge.supported_architectures.gemma1 import Gemma1ArchitectureAdapter
    from transformer_lens.model_bridge.supported_architectures.idefics3 import Idefics3ArchitectureAdapter
    from transformer_lens.model_bridge.supported_architectures.qwen2_5_vl import Qwen2_5_VLArchitectureAdapter

    class Idefics2(Idefics3ArchitectureAdapter):  # type: ignore[misc]
        def __init__(self, cfg: Any) -> None:
            super().__init__(cfg)
            self.components["vision_projector"] = GeneralizedComponent(name="model.connector")

    class Qwen2VL(Qwen2_5_VLArchitectureAdapter):  # type: ignore[misc]
        def __init__(self, cfg: Any) -> None:
            super().__init__(cfg)
            self.components["vision_encoder"] = GeneralizedComponent(name="model.visual")
            self.components["vision_projector"] = GeneralizedComponent(name="model.visual.merger")

    class PaliGemma(Gemma1ArchitectureAdapter):  # type: ignore[misc]
        def __init__(self, cfg: Any) -> None:
            super().__init__(cfg)
            self.cfg.is_multimodal = True
            self.cfg.attn_implementation = "eager"
            self._extract_vision_dims(cfg)
            self._reprefix_components("model.", "model.language_model.")
            self.components["vision_encoder"] = SiglipVisionEncoderBridge(name="model.vision_tower", config=self.cfg)
            self.components["vision_projector"] = VisionProjectionBridge(name="model.multi_modal_projector")

    return {
        "Idefics2ForConditionalGeneration": Idefics2,
        "SmolVLMForConditionalGeneration": Idefics3ArchitectureAdapter,
        "Qwen2VLForConditionalGeneration": Qwen2VL,
        "PaliGemmaForConditionalGeneration": PaliGemma,
    }

"""Evidence beside the attention picture: what a head's weights say, and what breaks without the head.

- `copying`, `composition`, `preferences`: from the weights (`weights` reads them from a model).
- `ablation`, `attribution`: from causes, on prompts with targets, which the probes name.
- `run`: all of it for a scan, resumable.
- `types` says what each number means, `load` and `verdicts` read them: without torch.
"""

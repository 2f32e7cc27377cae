"""Evidence beside the attention picture: what a head's weights say, and what breaks without the head.

- `copying`, `composition`, `preferences`: from the weights (`weights` reads them from a model).
- `ablation`, `attribution`: from causes, on prompts with targets that `metrics` makes of the probes.
- `run`: all of it for a scan, resumable; `kinds` says what each number means; `words` and `reading` need no torch.
"""

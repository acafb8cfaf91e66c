"""Where PyTorch keeps gradient clipping: `gg.nn.utils.clip_grad_norm_(model.parameters(), 1.0)`."""

from glassgrad.nn.optim.clipping import clip_grad_norm_, clip_grad_value_

__all__ = ["clip_grad_norm_", "clip_grad_value_"]

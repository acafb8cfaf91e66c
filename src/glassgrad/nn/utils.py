"""Gradient clipping, at the place where PyTorch has it.

>>> import glassgrad as gg
>>> model = gg.nn.Neuron(2, None, seed=0)
>>> (1000 * model([3.0, 4.0])).backward()
>>> norm = gg.nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
>>> f"{norm:.1f}, now {sum(p.grad**2 for p in model.parameters()) ** 0.5:.1f}"
'5099.0, now 1.0'
"""

from glassgrad.nn.optim.clipping import clip_grad_norm_, clip_grad_value_

__all__ = ["clip_grad_norm_", "clip_grad_value_"]

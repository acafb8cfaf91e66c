"""`glassgrad.optim` is `glassgrad.nn.optim`, under the name that users of PyTorch look for.

It is the same module, as `os.path` is: `from glassgrad.optim import Adam` gives the same class.
"""

import sys

from glassgrad.nn import optim

sys.modules[__name__] = optim
sys.modules[f"{__name__}.lr_scheduler"] = optim.lr_scheduler

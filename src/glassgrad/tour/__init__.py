"""The tour: glassgrad's main job on real input, from one neuron to a network that learns, as a page.

`neuron.py` and `network.py` do the work, `check.py` holds a gradient against its nudge, `report.py` what was
found, `page.py` (with `style.py` and `curve.py`) shows it, `folder.py` puts it where it belongs, whole or not
at all.
"""

from .run import EPOCHS, MissingPackage, tour

__all__ = ["EPOCHS", "MissingPackage", "tour"]

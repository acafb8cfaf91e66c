"""The tour: glassgrad's main job on real input, from one neuron to a network that learns, as a page.

`neuron.py` and `network.py` do the work, `report.py` holds what was found, `page.py` (with `style.py` and
`curve.py`) shows it, `folder.py` puts it where it belongs, whole or not at all; `run.py` is all of it in order.
"""

from glassgrad.tour.run import EPOCHS, MissingPackage, tour

__all__ = ["EPOCHS", "MissingPackage", "tour"]

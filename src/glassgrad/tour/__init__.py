"""The tour: a demonstration on real data, from one neuron to a network that learns, written as a page.

`run.py` runs all of it in order. `neuron.py` and `network.py` do the computing, `report.py` has the results, `page.py`
(with `style.py` and `curve.py`) writes the page, and `folder.py` writes all files or none.
"""

from glassgrad.tour.run import EPOCHS, MissingPackage, tour

__all__ = ["EPOCHS", "MissingPackage", "tour"]

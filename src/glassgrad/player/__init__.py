"""The player: a page, and a widget, that steps through backprop.

`document` writes a graph down for it, with `rules`, the local derivatives as tapes; `page` makes a page of that that
needs nothing else, `widget` ties it to the nodes in a notebook, and `player` is what users call. A training loop is
followed by `record`, an exercise made by `quiz`, and `expressions` reads what is typed in a shell. What runs in the
browser is in the folder ``js``; ``static/player.js`` is all of it in one file.
"""

from glassgrad.player.gradebook import Gradebook, grade
from glassgrad.player.player import Player, play
from glassgrad.player.quiz import Quiz, quiz
from glassgrad.player.record import Run, record

__all__ = ["Gradebook", "Player", "Quiz", "Run", "grade", "play", "quiz", "record"]

"""The player: a web page, and a widget in notebooks, that steps through backprop.

Users call `player`. `document` writes a graph as JSON, with its local derivatives as tapes (`rules`). `page` makes a
page of the document that loads nothing else, and `widget` connects it to the nodes in a notebook. `record` follows a
training loop, `quiz` makes exercises, and `expressions` reads formulas from the command line. The JavaScript is in the
folder ``js``; ``static/player.js`` is all of it in one file.
"""

from glassgrad.player.gradebook import Gradebook, grade
from glassgrad.player.player import Player, play
from glassgrad.player.quiz import Quiz, quiz
from glassgrad.player.record import Run, record

__all__ = ["Gradebook", "Player", "Quiz", "Run", "grade", "play", "quiz", "record"]

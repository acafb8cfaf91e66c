"""Small tools that every room may use, and that know nothing of nodes.

`frames` and `bytecode` read the user's code; `naming` and `legible` put names and signs into messages; `picklers` tells
which pickler is at work; `pytrees` is the one door to optree; `forks` keeps locks whole in forked children.
"""

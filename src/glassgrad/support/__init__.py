"""Small tools that every part of glassgrad may use. They know nothing of nodes.

`frames` and `bytecode` read the user's code. `naming` writes the names in messages, and `legible` the signs in text.
`picklers` tells how the pickler in use pickles functions. `pytrees` is the only module that imports optree. `forks`
makes locks survive a fork, and `late` imports modules of higher layers.
"""

"""The tape, which is the compiler's intermediate representation, and the passes over it.

`tape` defines and verifies it, `interpret` runs it by NumPy, `passes` make it smaller.
"""

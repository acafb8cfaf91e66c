"""Passes that decide which values of a loop are kept in memory for a later loop.

A value that a `Read` names must be stored at each round. `recompute` stores fewer values: it computes the others again
where they are read. `without_repeats` reads what would be computed twice, and `stored_at_ends` stores after a loop
what is not read before. `checkpointed` keeps only the carried values of some rounds, and runs the rounds between again.
"""

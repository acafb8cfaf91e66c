"""Films of backprop: the steps of the player as frames of an animation, in a file."""

from glassgrad.player.film.make import film

__all__ = ["film"]

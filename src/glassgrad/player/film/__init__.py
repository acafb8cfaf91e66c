"""Films of backprop: animations in a file, with a frame for each step of the player."""

from glassgrad.player.film.make import film

__all__ = ["film"]

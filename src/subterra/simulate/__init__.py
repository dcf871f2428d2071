"""Synthetic sites: true scenes and the evidence they would give."""

from subterra.simulate.worlds import World, simulate_world, simulate_worlds
from subterra.simulate.wrong import WRONG

__all__ = ["WRONG", "World", "simulate_world", "simulate_worlds"]

"""Synthetic sites: true scenes and the evidence they would give."""

from subterra.simulate.worlds import World, simulate_worlds

__all__ = ["World", "simulate_worlds"]

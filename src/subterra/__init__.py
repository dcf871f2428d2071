"""Subterra: calibrated probability of tunnels and voids below a site."""

"""Relaypress: relays news feeds, machine-translated, to WordPress."""

__version__ = "0.1.0"

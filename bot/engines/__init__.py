"""Engines: everything with an effect. Imported by `bot/app.py` alone."""

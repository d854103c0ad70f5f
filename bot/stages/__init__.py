"""Stages: pure steps from one value to the next. Their order stands in `bot/pipeline.py`."""

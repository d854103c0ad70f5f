"""Fuzzing of what strangers send: feeds and pages, mutated, through the bot's own way of an item.

cases      (seed, number) -> the same Case every time: a sample, mutated
chain      a Case through poll, prepare and compose; raises what is no error of ours
campaign   many of them in processes of their own, with limits; what is found is kept
"""

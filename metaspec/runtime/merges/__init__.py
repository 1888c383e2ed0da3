"""Weight generators, executed: one module for each kind of merge.

Each offers `shares(config, losses)`: what every copy counts for in the merged weights. `losses` holds the losses of
each copy, oldest first, at least one; they are positive numbers or zero. Shares are positive or zero and add up to 1.
The thesis gives names and one example of them (Soulier 2020, slides of chapter 6); the formulas are ours.
"""

"""The IR: the blocks of a spec as frozen, checked data, and what each category of kinds declares.

`base.py` says how a field is declared, `declared.py` reads such a declaration back for messages and documentation.
"""

"""Data sets as tables of classes, splits that share no class, stateless episodes, stores of decoded items.

NumPy and Pillow only; scikit-learn and pooch are imported where they are needed. Nothing here knows the
language: settings come as plain values, and mistakes leave as `DataError`.
"""

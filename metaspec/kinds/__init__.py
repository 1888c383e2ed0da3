"""The catalogue of kinds: one file each, in the folder of its category. No TensorFlow."""

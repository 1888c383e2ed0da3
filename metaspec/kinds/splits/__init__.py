"""How classes are divided into training, validation and test."""

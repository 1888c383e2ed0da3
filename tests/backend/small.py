"""Small tasks and models that several tests take."""

from tests.backend.differences import kind

GLYPHS = kind(
    "data", "glyphs", alphabets=4, characters=3, drawings=4, split=kind("splits", "classes", validation=2, test=2)
)
GLYPH_TASK = kind("tasks", "fewshot", data=GLYPHS, ways=2, shots=2, queries=1)
SINE = kind("tasks", "sinusoid", shots=4, queries=3)
TANH = kind("models", "mlp", hidden=(5, 4), activation="tanh")

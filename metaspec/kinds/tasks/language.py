from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from annotated_types import Ge

from metaspec.spec.base import Count, Fraction, Frozen, field
from metaspec.spec.kind import PARTS, Task
from metaspec.spec.shapes import Signature

if TYPE_CHECKING:
    from metaspec.data.language import LanguageData


class TextFile(Frozen):
    """Where a text lies; None for the one that comes with metaspec."""

    path: str | None
    item_shape: ClassVar[None] = None  # the vocabulary is known when the text is read


class Language(Task):
    """Prediction of a text, character by character: training of one model on one text, for its hyperparameters.

    The text is cut into pieces of `length` characters, and the model gives the probability of every next one. The first
    pieces are the support set, those before the last the validation split, whose loss is the objective, the last the
    test split; figures are means over characters, in nats. As in `training`, tasks of a meta-iteration differ in the
    initial weights that are not learned, and in their batches. Without `text` it is fifteen sonnets of Shakespeare.
    """

    from_files: ClassVar[bool] = True
    trains: ClassVar[bool] = True
    sequences: ClassVar[bool] = True

    text: str | None = field(None, doc="a text file in UTF-8; fifteen sonnets of Shakespeare where absent")
    length: Annotated[int, Ge(2)] = field(32, doc="characters of one piece")
    batch: Count | None = field(None, doc="pieces of one inner step; the whole training split where absent")
    query_batch: Count | None = field(None, doc="validation pieces of one meta-iteration; all of them where absent")
    validation: Fraction = field(0.15, doc="share of the text for validation")
    test: Fraction = field(0.15, doc="share of the text for test, its end")

    @property
    def data(self) -> TextFile:
        """Where the text lies."""
        return TextFile(path=self.text)

    def found(self, location: Path | None, parts: Sequence[str] = PARTS) -> "LanguageData":
        from metaspec.data.language import language_data  # brings NumPy: only when the text is asked for

        return language_data(location, self.length, self.validation, self.test)

    def signature_of(self, found: "LanguageData") -> Signature:
        support, query = len(found.pieces("train")), len(found.pieces("validation"))
        return Signature(
            (self.length,),
            len(found.characters),
            "cross_entropy",
            min(self.batch or support, support),
            min(self.query_batch or query, query),
        )

"""A faulty stretch of a source, mended step by step so that parsing can go on.

After an error with a certain edit, the parser sees the mended text; every place is still given in the
user's own text.
"""

from __future__ import annotations

from bisect import bisect_left

from metaspec.diagnostics.model import Diagnostic, Fix
from metaspec.source import Source, Span


class Draft:
    """The characters `start` to `end` of a source, with edits.

    `_origins[i]` is the offset in the source that the draft's i-th character came from; an inserted
    character has the offset at which it was inserted. The list never decreases.
    """

    def __init__(self, source: Source, start: int, end: int) -> None:
        self._source = source
        self._origins = list(range(start, end + 1))
        self.text = source.text[start:end]

    def origin(self, offset: int) -> int:
        """The offset in the source of an offset in the draft."""
        return self._origins[offset]

    def span(self, start: int, end: int) -> Span:
        return Span(self._source, self._origins[start], self._origins[end])

    def as_source(self) -> Source:
        return Source(self._source.name, self.text, self._source.path)

    def apply(self, fix: Fix) -> None:
        """Make the edits, whose spans are places of the source."""
        for span, new in sorted(fix.edits, key=lambda edit: edit[0].start, reverse=True):
            first = bisect_left(self._origins, span.start)
            last = max(first, bisect_left(self._origins, span.end)) if span.end > span.start else first
            self.text = self.text[:first] + new + self.text[last:]
            self._origins[first:last] = [span.start] * len(new)

    def in_source(self, diagnostic: Diagnostic) -> Diagnostic:
        """A diagnostic about the draft, as one about the source."""
        fix = diagnostic.fix
        return Diagnostic(
            diagnostic.code,
            diagnostic.severity,
            diagnostic.message,
            self._moved(diagnostic.span) if diagnostic.span else None,
            diagnostic.label,
            tuple((self._moved(span), remark) for span, remark in diagnostic.related),
            diagnostic.help,
            Fix(fix.title, tuple((self._moved(span), text) for span, text in fix.edits)) if fix else None,
        )

    def _moved(self, span: Span) -> Span:
        return self.span(span.start, span.end)

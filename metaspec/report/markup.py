"""Pieces of HTML. Every text that comes from a run is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def section(title: str, *parts: str) -> str:
    """A titled section; nothing where all its parts are empty."""
    body = "\n".join(part for part in parts if part)
    return f"<section>\n<h2>{escape(title)}</h2>\n{body}\n</section>" if body else ""


def paragraph(text: str, name: str = "") -> str:
    return f"<p{f' class={name!r}' if name else ''}>{escape(text)}</p>" if text else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: bool = False) -> str:
    """Cells are plain text. `numbers`: all columns but the first are set to the right."""

    def cells(row: Sequence[str], tag: str) -> str:
        right = " class=number" if numbers else ""
        return "".join(f"<{tag}{right if place else ''}>{escape(text)}</{tag}>" for place, text in enumerate(row))

    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    top = f"<thead><tr>{cells(head, 'th')}</tr></thead>" if head else ""
    return f'<div class="scroll"><table>{top}<tbody>{body}</tbody></table></div>' if body else ""


def figure(content: str, caption: str = "") -> str:
    """`content` is markup: a chart or a picture."""
    return f"<figure>{content}" + (f"<figcaption>{escape(caption)}</figcaption>" if caption else "") + "</figure>"


def charts(*figures: str) -> str:
    shown = [each for each in figures if each]
    return f'<div class="charts">{"".join(shown)}</div>' if shown else ""


def tile(value: str, label: str, name: str = "") -> str:
    value = f"<b{f' class={name}' if name else ''}>{escape(value)}</b>"
    return f'<div class="tile">{value}<span>{escape(label)}</span></div>'


def preformatted(text: str) -> str:
    return f"<pre>{escape(text.rstrip())}</pre>" if text.strip() else ""


def folded(summary: str, content: str) -> str:
    return f"<details><summary>{escape(summary)}</summary>{content}</details>" if content else ""

"""Syntax errors: golden messages, one error for each fault, and edits that mend it."""

import random
import re
from pathlib import Path

import pytest

from metaspec.diagnostics import has_errors
from metaspec.diagnostics.catalogue import catalogue
from metaspec.diagnostics.codes.e01_syntax import ENTRIES
from metaspec.diagnostics.render import apply_fixes, render, render_all
from metaspec.source import Source
from metaspec.syntax.grammar import grammar
from metaspec.syntax.parser import parse

ERRORS = sorted((Path(__file__).parent / "errors").glob("*.meta"))
SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.meta"))


@pytest.mark.parametrize("path", ERRORS, ids=lambda path: path.stem)
def test_messages(path: Path) -> None:
    """The `.err` file beside the spec holds what the user reads."""
    source = Source(path.name, path.read_text())
    assert render_all(parse(source).diagnostics) + "\n" == path.with_suffix(".err").read_text()


@pytest.mark.parametrize("code", [*ENTRIES, "E0201", "W0101"])
def test_examples_of_the_catalogue(code: str) -> None:
    entry = catalogue()[code]
    assert [each.code for each in parse(Source("wrong", entry.wrong)).diagnostics] == [code]
    assert parse(Source("right", entry.right)).diagnostics == ()


def test_every_syntax_code_has_a_golden_message() -> None:
    shown = "".join(path.with_suffix(".err").read_text() for path in ERRORS)
    assert {code for code in ENTRIES if code not in shown} == {"E0120"}  # its line is too long to read


@pytest.mark.parametrize("path", ERRORS, ids=lambda path: path.stem)
def test_fixes_mend_what_they_are_for(path: Path) -> None:
    """Applying the fixes leaves exactly the errors that had none."""
    source = Source(path.name, path.read_text())
    before = parse(source).diagnostics
    after = parse(Source(path.name, apply_fixes(source, before))).diagnostics
    assert [each.code for each in after] == [each.code for each in before if each.fix is None]


def test_messages_speak_the_users_language() -> None:
    """No terminal of the grammar and no Python type in any message."""
    inside = {terminal.name for terminal in grammar().terminals} | {"NoneType", "Traceback", "Token", "lark"}
    for path in ERRORS:
        for diagnostic in parse(Source(path.name, path.read_text())).diagnostics:
            words = " ".join([diagnostic.message, diagnostic.label, *diagnostic.help])
            plain = re.sub(r"`[^`]*`", "", words)
            assert not inside & set(re.findall(r"\w+", plain)), words


# --- one error for each fault -------------------------------------------------------------------

_BLOCKS = [
    'import "base.meta" as base\n',
    "task sine = sinusoid { amplitude = uniform(0.1, 5.0), shots = 10 }\n",
    "model net = mlp { hidden = [40, 40] }\n",
    "inner = sgd {\n  init  = learned(glorot_uniform)   # a comment\n  steps = 5\n  lr    = 0.4\n}\n",
    "metagrad = truncated { window = 10, carry = false }\n",
    "outer = adam { lr = 1e-3, clip = 10 }\n",
    "train {\n  iterations = 5_000\n  tasks = 25  # per meta-iteration\n}\n",
    "schedule = pool {\n  workers = 2\n  groups  = balanced { count = 2 }\n  combine = mean\n}\n",
    "expect { query_loss < 0.6, accuracy >= 0.9 }\n",
    "sweep s {\n  grid { train.seed = 0..2 }\n  list metagrad {\n    es { window = 20 }\n    unroll\n  }\n}\n",
]


def _faults(block: str) -> list[str]:
    """The block with one fault, in each way that applies to it."""
    faults = [
        re.sub(r"^(\w)(\w)(\w+)", r"\1\3\2", block, count=1),  # letters of the keyword swapped
        block.rstrip().removesuffix("}") + "\n" if "}" in block else "",
        block.rstrip() + " }\n",
        re.sub(r"(\w) = ([\w.]+)(?! \{)(?=[, \n])", r"\1 = ", block, count=1),
        re.sub(r"(\{\s+\w+) = ", r"\1 ", block, count=1),
        re.sub(r"(\{\s+\w+) = ", r"\1: ", block, count=1),
        block.replace(", ", ",, ", 1),
        block.replace("]", "", 1),
        block.replace("(", "(,", 1),
        re.sub(r"\b0\.", ".", block, count=1),
        block.replace("= ", "= $", 1),
        block.replace('" ', " ", 1),
    ]
    return [fault for fault in faults if fault and fault != block]


def test_each_fault_is_reported_in_its_own_block_and_nothing_else() -> None:
    random_source = random.Random(2)
    for _ in range(120):
        blocks = random_source.sample(_BLOCKS, k=len(_BLOCKS))
        faulty = set(random_source.sample(range(len(blocks)), k=random_source.randrange(1, 5)))
        text, line, wanted = "language 1\n\n", 3, []
        for index, block in enumerate(blocks):
            if index in faulty:
                block = random_source.choice(_faults(block))
                wanted.append(range(line, line + block.count("\n")))
            text += block + "\n"
            line += block.count("\n") + 1
        found = parse(Source("random.meta", text)).diagnostics
        shown = text + "\n" + "\n".join(render(each) for each in found)
        assert len(found) == len(wanted), shown
        for diagnostic, lines in zip(found, wanted, strict=True):
            assert diagnostic.is_error and diagnostic.span and diagnostic.span.line in lines, shown


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_removing_any_token_of_a_spec_never_gives_errors_in_two_blocks(path: Path) -> None:
    """One missing token is one mistake: whatever is reported lies in the block that lost it."""
    source = Source.read(path)
    tops = [match.start() for match in re.finditer(r"^\w", source.text, re.MULTILINE)] + [len(source.text)]
    for match in re.finditer(r"[{}\[\]()=,]", re.sub(r"#.*|\"[^\"]*\"", lambda m: " " * len(m[0]), source.text)):
        text = source.text[: match.start()] + source.text[match.end() :]
        found = parse(Source(path.name, text)).diagnostics
        block = next(i for i, top in enumerate(tops) if tops[i + 1] > match.start())
        for diagnostic in found:
            assert diagnostic.span and tops[block] <= diagnostic.span.start < tops[block + 1], render(diagnostic)
        assert len(found) <= 1, render_all(found)


def test_unindented_fields_do_not_hide_the_error() -> None:
    parsed = parse(Source("flat.meta", "language 1\ninner = sgd {\nsteps = 5\nlr: 0.4\n}\ntrian {}\n"))
    assert [each.code for each in parsed.diagnostics] == ["E0105", "E0201"]
    assert has_errors(parsed.diagnostics)

"""A run's learned optimizer as a Python package for Keras 3.

The package needs Keras on TensorFlow, and neither metaspec nor the run: it carries copies of the modules that compute
the steps, the fields of the optimizer as JSON, and its weights as a NumPy archive.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np

from metaspec.diagnostics import Diagnostic, error
from metaspec.export.sources import copies
from metaspec.report.reading import Run
from metaspec.resolve.loaded import PARAMETERS, prefix_of
from metaspec.runtime import files
from metaspec.runtime.arrays import Arrays
from metaspec.runtime.errors import RunError, disk
from metaspec.runtime.result import load_parameters
from metaspec.spec.optimizer import LearnedInner
from metaspec.spec.values import Learned, Load

# Fields that say how the optimizer was trained, and not what it does.
TRAINING = ("init", "loss", "weights", "steps", "adapt", "data_batches")
# The reader of a package: the class, and all that it imports.
WRAPPER = "metaspec.backend.keras_optimizer"


def export(run: Run, folder: Path) -> tuple[Path, ...]:
    """Writes the package into a new folder, and returns its files.

    Raises RunError (E0710) for a run without a learned optimizer, and for a folder that cannot become a package.
    """
    inner = optimizer_of(run)
    weights = weights_of(run, inner)
    if not folder.name.isidentifier():
        raise problem(f"`{folder.name}` cannot be imported", "choose a name of letters, digits and underscores: --out")
    if folder.exists():
        raise problem(f"{folder} exists already", "choose another folder with --out")
    with disk(folder):
        folder.mkdir(parents=True)
    found = {name: text.encode() for name, text in contents(run, inner, folder.name).items()}
    found["weights.npz"] = archive(weights)
    for name, content in found.items():
        files.replace(folder / name, content)
    return tuple(folder / name for name in sorted(found))


def optimizer_of(run: Run) -> LearnedInner:
    """The optimizer that a finished run has trained, or used."""
    inner = run.plan.spec.inner
    if not isinstance(inner, LearnedInner):
        raise problem(f"the run's inner method is `{inner.name}`, no learned optimizer", "see `metaspec list inner`")
    if run.result is None:
        raise problem("the run is not finished", "let it finish with --resume first")
    return inner


def weights_of(run: Run, inner: LearnedInner) -> Arrays:
    """By the names that the optimizer's kind gives them."""
    if isinstance(inner.weights, Learned):
        prefix, stored = f"meta/{inner.weights.name}/", run.parameters
    elif isinstance(inner.weights, Load):
        folder = Path(inner.weights.load)
        prefix, stored = prefix_of(folder, "weights"), load_parameters(folder / PARAMETERS)
    else:
        raise problem("the optimizer's weights were drawn, and nobody trained them", "`weights = learned(random)`")
    return {weight.name: stored[prefix + weight.name] for weight in inner.tensors()}


def contents(run: Run, inner: LearnedInner, name: str) -> dict[str, str]:
    """The text files of the package, by name."""
    rule = inner.executed_by.replace(".inner.", ".optimizers.").format(name=inner.name)
    return copies((WRAPPER, rule)) | {
        "__init__.py": _PACKAGE.format(kind=inner.name, run=run.plan.name),
        "settings.json": json.dumps({"kind": inner.name} | settings(inner), indent=1) + "\n",
        "README.md": _README.format(kind=inner.name, run=run.plan.name, package=name),
    }


def settings(inner: LearnedInner) -> dict[str, object]:
    """What the steps read of the optimizer: its fields, and what its class derives from them."""
    kind = type(inner)
    fields = [name for name in kind.model_fields if name not in TRAINING]
    derived = [name for name in vars(kind) if isinstance(vars(kind)[name], property)]
    constants = kind.__class_vars__ - LearnedInner.__class_vars__
    return {name: getattr(inner, name) for name in (*fields, *derived, *sorted(constants))}


def archive(weights: Arrays) -> bytes:
    content = io.BytesIO()
    np.savez(content, **weights)
    return content.getvalue()


def problem(message: str, way_out: str) -> RunError:
    return RunError(_diagnostic(message, way_out))


def _diagnostic(message: str, way_out: str) -> Diagnostic:
    return error("E0710", f"nothing is exported: {message}", help=(way_out,))


_PACKAGE = '''"""The `{kind}` optimizer that the run `{run}` of metaspec has trained, for Keras 3 on TensorFlow."""

from pathlib import Path

import keras

from .{kind} import optimizer
from .keras_optimizer import RuleOptimizer, stored

_SETTINGS, _WEIGHTS, _FINGERPRINT = stored(Path(__file__).parent)


@keras.saving.register_keras_serializable(package="metaspec", name=f"{kind}_{{_FINGERPRINT}}")
class LearnedOptimizer(RuleOptimizer):
    __doc__ = RuleOptimizer.__doc__
    rule = staticmethod(optimizer)
    settings, weights, fingerprint = _SETTINGS, _WEIGHTS, _FINGERPRINT


__all__ = ["LearnedOptimizer"]
'''

_README = """# {package}

The `{kind}` optimizer that the run `{run}` of metaspec has trained, for Keras 3 on TensorFlow. Written by
`metaspec export`; needs keras, tensorflow and numpy, not metaspec.

```python
from {package} import LearnedOptimizer

model.compile(optimizer=LearnedOptimizer(), loss="sparse_categorical_crossentropy")
model.fit(x, y)
model.save("model.keras")            # with the optimizer's memory
keras.models.load_model("model.keras")   # after `import {package}`
```
"""

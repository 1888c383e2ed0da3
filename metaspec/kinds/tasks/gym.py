from functools import cache
from typing import Literal

from metaspec.data.errors import DataError
from metaspec.spec.acting import ActingTask
from metaspec.spec.base import field
from metaspec.spec.shapes import Signature
from metaspec.spec.values import Distribution, Learned, Parts


class Gym(ActingTask):
    """A gymnasium environment, of which each task is a setting: `gym { id = "Pendulum-v1", vary = { g = uniform(5, 15) } }`.

    A setting is drawn for each number of `vary`, and reaches the environment as `through` says: as an attribute of the
    unwrapped environment before each reset, as a keyword of `gymnasium.make`, or among the options of `reset`. Actions
    are continuous: each entry of the model's action is clipped to -1..1 and stands for the range of the environment's, or
    is taken as it is where that has no bounds. The workers step the environments themselves, so nothing is compiled
    by XLA. A trajectory ends where the environment terminates or truncates it, or after `horizon` steps.
    """

    references = ("towers2024",)
    extra = ("gymnasium", "rl")
    compiles = False

    id: str = field(doc="name of the environment, with `module:` in front where a module must be imported to know it")
    vary: Parts[float | Distribution] | None = field(None, doc="what is drawn per task, by name; nothing where absent")
    through: Literal["attribute", "keyword", "options"] = field(
        "attribute", doc="how a setting reaches the environment"
    )

    @property
    def settings(self) -> dict[str, float | Distribution]:
        """What is drawn, in the order of the spec; the checks report what is learned instead."""
        parts = self.vary.parts if self.vary else {}
        return {name: value for name, value in parts.items() if not isinstance(value, Learned)}

    def signature(self, item_shape: tuple[int, ...] | None) -> Signature:
        """Of the environment's spaces. Raises DataError where there is no such environment, or its actions are not numbers."""
        observed, acting, attributes = spaces(self.id)
        unknown = next((name for name in self.settings if name not in attributes), None)
        if self.through == "attribute" and unknown is not None:
            message = f"`{self.id}` has no attribute `{unknown}`"
            help = "name an attribute of the unwrapped environment, or write `through = keyword` or `options`"
            raise DataError("setting", message, help, "vary")
        return self.signature_of_spaces(observed, acting)


@cache
def spaces(name: str) -> tuple[int, int, frozenset[str]]:
    """The numbers of an observation and of an action, and what attributes the unwrapped environment has."""
    try:
        import gymnasium  # of the extra `rl`: only for specs that have such a task
    except ImportError as missing:
        raise DataError(
            "setting", "the package gymnasium is not installed here", '`pip install "metaspec[rl]"` brings it', "id"
        ) from missing
    try:
        environment = gymnasium.make(name)
    except (gymnasium.error.Error, ImportError, TypeError) as failure:
        reason = str(failure).splitlines()[0]
        raise DataError(
            "setting", f"gymnasium cannot make `{name}`: {reason}", "write the id of a registered environment", "id"
        ) from failure
    with environment:
        found = []
        for space, what in ((environment.observation_space, "observations"), (environment.action_space, "actions")):
            if not isinstance(space, gymnasium.spaces.Box):
                message = f"the {what} of `{name}` are {type(space).__name__}, not a box of numbers"
                raise DataError("setting", message, "take an environment with continuous ones, or wrap it", "id")
            found.append(int(space.sample().size))
        attributes = frozenset(dir(environment.unwrapped))
    return found[0], found[1], attributes

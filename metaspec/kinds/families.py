"""The families of problems, with the sizes, noise and batches of the original program's meta-training sets."""

from math import pi

from metaspec.kinds.problems.bowl import Bowl
from metaspec.kinds.problems.convolutional import Convolutional
from metaspec.kinds.problems.dependency_chain import DependencyChain
from metaspec.kinds.problems.fully_connected import FullyConnected
from metaspec.kinds.problems.log_objective import LogObjective
from metaspec.kinds.problems.matmul import Matmul
from metaspec.kinds.problems.min_max_well import MinMaxWell
from metaspec.kinds.problems.norm import Norm
from metaspec.kinds.problems.outward_snake import OutwardSnake
from metaspec.kinds.problems.projection_quadratic import ProjectionQuadratic
from metaspec.kinds.problems.quadratic import Quadratic
from metaspec.kinds.problems.recurrent import Recurrent
from metaspec.kinds.problems.rescale import Rescale
from metaspec.kinds.problems.softmax_regression import SoftmaxRegression
from metaspec.kinds.problems.sparse_gradients import SparseGradients
from metaspec.kinds.problems.sparse_softmax import SparseSoftmax
from metaspec.kinds.problems.sum_of_quadratics import SumOfQuadratics
from metaspec.kinds.problems.surface import WITH_MINIMUM, Surface
from metaspec.kinds.problems.total import Total
from metaspec.spec.kind import Problem

BOWLS = ((0.1, 0.0), (1.0, 0.0), (5.0, 0.0), (5.0, pi / 4))
SOFTMAX = ((10, 2.0, 100), (100, 1.0, 50), (200, 1.5, 20), (256, 1.5, 100))
NETWORKS = (
    (8, (8, 5), 10),
    (12, (8, 5, 3), 200),
    (5, (4, 4, 4, 4), 100),
    (11, (4, 5, 6), 64),
    (9, (8,), 128),
    (7, (8, 5), 16),
    (8, (32, 64), 10),
    (12, (16, 8, 3), 200),
    (5, (8, 8, 8, 8), 100),
    (11, (10, 12, 12), 64),
    (9, (32,), 128),
    (7, (32, 64), 16),
)
LONG = (
    (20, 1000, 100),
    (12, 200, 10),
    (56, 5000, 100),
    (64, 1000, 50),
    (13, 10000, 50),
    (20, 1000, 128),
    (12, 300, 16),
    (56, 5000, 128),
    (64, 1000, 64),
    (13, 10000, 32),
)
# The same with fewer rows of those with 12 entries, for quadratics.
SYMMETRIC = tuple(
    (size, 100 if size == 12 else rows, min(batch, 100 if size == 12 else rows)) for size, rows, batch in LONG
)


def quadratics(*sizes: int) -> tuple[Quadratic, ...]:
    return tuple(Quadratic(size=size) for size in sizes)


def surfaces(*names: str, noise: float = 0.0) -> tuple[Surface, ...]:
    return tuple(Surface(function=name, noise=noise) for name in names or WITH_MINIMUM)


def bowls(noise: float = 0.0) -> tuple[Bowl, ...]:
    return tuple(Bowl(condition=condition, angle=angle, noise=noise) for condition, angle in BOWLS)


def regressions(noise: tuple[float, ...] = (0.0,) * len(SOFTMAX)) -> tuple[SoftmaxRegression, ...]:
    return tuple(
        SoftmaxRegression(features=features, separation=separation, batch=batch, noise=deviation)
        for (features, separation, batch), deviation in zip(SOFTMAX, noise, strict=True)
    )


NETWORK_PROBLEMS = tuple(
    FullyConnected(features=features, hidden=hidden, batch=batch) for features, hidden, batch in NETWORKS
)
SMALL = (*quadratics(20, 50, 100), *(Bowl(condition=condition) for condition in (0.1, 1.0, 5.0)))
NORM = Norm(size=18)
MIXED = surfaces(
    "rosenbrock", "log_sum_exp", "ackley", "beale", "booth", "styblinski_tang", "matyas", "branin", "michalewicz"
)


def sums(noise: float = 0.0) -> tuple[Total, ...]:
    """The six sums; with noise on their members only the first and the fourth are in the noisy set."""
    noisy = {"noise": noise}
    members = (
        quadratics(11, 3, 9, 7, 5, 13, 12),
        (Norm(size=18, power=3), Quadratic(size=25), Surface(function="rosenbrock")),
        MIXED,
        (*MIXED, *quadratics(5, 13)),
        quadratics(11, 3),
        surfaces("rosenbrock", "log_sum_exp", "ackley"),
    )
    taken = members if noise == 0 else (members[0], members[3])
    return tuple(Total(of=tuple(each.model_copy(update=noisy) for each in group)) for group in taken)


FAMILIES: dict[str, tuple[Problem, ...]] = {
    "quadratic": quadratics(20, 25, 50, 100),
    "noisy_quadratic": tuple(Quadratic(size=n, noise=s) for n, s in ((20, 0.5), (25, 0.0), (50, 1.0), (100, 2.0))),
    "large_quadratic": quadratics(784, 1024, 2048),
    "bowl": bowls(),
    "noisy_bowl": bowls(0.1),
    "softmax_regression": regressions(),
    "noisy_softmax_regression": regressions((0.5, 0.1, 0.1, 0.5)),
    "two_d": surfaces(),
    "noisy_two_d": surfaces(noise=1.0),
    "fully_connected": NETWORK_PROBLEMS,
    "convolutional": (Convolutional(), Convolutional(filters=(4, 4)), Convolutional(size=6, channels=3, filters=(6,))),
    "recurrent": (Recurrent(), Recurrent(cell="lstm"), Recurrent(length=12, units=4)),
    "matmul": tuple(Matmul(size=n, products=k) for n, ks in ((2, range(5, 9)), (3, range(19, 25))) for k in ks),
    "log_objective": tuple(LogObjective(of=problem) for problem in SMALL),
    "sparse_gradients": tuple(SparseGradients(of=problem) for problem in SMALL),
    "sparse_networks": tuple(SparseGradients(of=problem) for problem in NETWORK_PROBLEMS[:3]),
    "rescale": (
        *(
            Rescale(of=NORM.model_copy(update={"power": power}), scale=scale)
            for power, scale in ((2.5, 0.123), (1.5, 8.0), (2.0, 50.0), (3.0, 200.0), (1.0, 1000.0))
        ),
        *(
            Rescale(of=Quadratic(size=size), scale=scale)
            for size, scale in ((20, 0.1), (25, 10.0), (50, 350.0), (100, 132.0))
        ),
    ),
    "norm": tuple(Norm(size=size, power=power) for size, power in ((27, 1.0), (25, 2.0), (22, 3.0))),
    "noisy_norm": tuple(Norm(size=size, power=power, noise=0.1) for size, power in ((19, 1.0), (26, 2.0), (23, 3.0))),
    "sum": sums(),
    "noisy_sum": sums(0.1),
    "dependency_chain": tuple(DependencyChain(size=size) for size in dict.fromkeys(size for size, _, _ in LONG)),
    "outward_snake": tuple(OutwardSnake(size=size, rows=rows, batch=batch) for size, rows, batch in LONG),
    "min_max_well": tuple(MinMaxWell(size=size) for size in (20, 12, 56, 64, 13)),
    "projection_quadratic": tuple(ProjectionQuadratic(size=n, rows=rows, batch=batch) for n, rows, batch in SYMMETRIC),
    "sum_of_quadratics": tuple(SumOfQuadratics(size=n, rows=rows, batch=batch) for n, rows, batch in SYMMETRIC),
    "sparse_softmax": (SparseSoftmax(),),
    "one_hot_sparse_softmax": (SparseSoftmax(one_hot=True),),
}

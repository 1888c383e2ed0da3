"""Rules about clusters, who is in them, and what speaks of them."""

from __future__ import annotations

from collections.abc import Iterator

from metaspec.diagnostics import Diagnostic, error, note, warning
from metaspec.resolve.checks.facts import Facts
from metaspec.resolve.origin import Layer
from metaspec.resolve.unknown import unknown_word
from metaspec.spec.kind import Cluster, Task


def clusters_of(facts: Facts) -> dict[str, Cluster]:
    return facts.named["cluster"]


def names_of(facts: Facts) -> dict[str, str]:
    """Every cluster with the block that declares it."""
    return {name: block for block, config in clusters_of(facts).items() for name in config.names(block)}


def written(facts: Facts, path: str) -> bool:
    """Whether somebody set this field."""
    chain = facts.provenance.get(path, ())
    return any(origin.layer is not Layer.DEFAULT for origin in chain)


def instances(task: Task) -> int:
    return getattr(task, "instances", 1)  # of a pool; every other block is one instance


def one_cluster_for_each_task(facts: Facts) -> Iterator[Diagnostic]:
    """A task is in one cluster at the most: otherwise its meta-gradient would count twice."""
    seen: dict[str, str] = {}
    for block, config in clusters_of(facts).items():
        for name in config.tasks:
            if name in seen:
                before = facts.place(f"{seen[name]}.tasks")
                where = f"`{seen[name]}` and `{block}`" if seen[name] != block else f"`{block}` twice"
                yield error(
                    "E0401",
                    f"the task `{name}` is in {where}",
                    facts.place(f"{block}.tasks"),
                    related=[(before, "its first cluster")] if before and seen[name] != block else [],
                    help=["name a task in one cluster, and once; its meta-gradient would count twice"],
                )
            seen.setdefault(name, block)


def enough_instances(facts: Facts) -> Iterator[Diagnostic]:
    """Clusters of similar instances need an instance each."""
    for block, config in clusters_of(facts).items():
        known = [facts.tasks[name] for name in config.tasks if name in facts.tasks]
        if not hasattr(config, "count") or len(known) < len(config.tasks):
            continue
        there = sum(instances(task) for task in known)
        if config.count > there:
            yield error(
                "E0401",
                f"`{block}` asks for {config.count} clusters of {there} task instances",
                facts.place(f"{block}.count"),
                help=["take fewer clusters; only a `problems` block has more than one instance"],
            )


def refresh_finds_something_new(facts: Facts) -> Iterator[Diagnostic]:
    """Descriptors are what a task is: they never change."""
    for block, config in clusters_of(facts).items():
        if getattr(config, "refresh", 0) and config.features == "descriptors":
            yield error(
                "E0403",
                f"`{block}.refresh` has no effect: descriptors do not change during a run",
                facts.place(f"{block}.refresh"),
                related=[(facts.place(f"{block}.features"), "the features")],
                help=["leave out `refresh`, or take `features = gradients` or `adapted`"],
            )


def cluster_names_differ(facts: Facts) -> Iterator[Diagnostic]:
    """The clusters of `alike = similar {..}` are called alike_1, alike_2 and so on."""
    for block in clusters_of(facts):
        for other, config in clusters_of(facts).items():
            if other != block and block in config.names(other):
                yield error(
                    "E0401",
                    f"the cluster block `{block}` has the name of a cluster of `{other}`",
                    facts.place(block),
                    related=[(facts.place(other), "its clusters are numbered")],
                    help=["give one of them another name"],
                )


def clustered_tasks_are_trained_on(facts: Facts) -> Iterator[Diagnostic]:
    """With clusters, what is trained on is what is in them."""
    if not clusters_of(facts) or facts.train is None or {"task", "cluster"} & facts.broken:
        return
    on = facts.train.on or tuple(facts.tasks)
    inside = {name for config in clusters_of(facts).values() for name in config.tasks}
    for block, config in clusters_of(facts).items():
        for name in config.tasks:
            if name in facts.tasks and name not in on:
                yield error(
                    "E0401",
                    f"`train.on` leaves out the task `{name}`, which is in the cluster `{block}`",
                    facts.place(f"{block}.tasks"),
                    related=[(facts.place("train.on"), "trained on")],
                    help=[f"add `{name}` to `train.on`, or leave `train.on` out: the clusters say it"],
                )
    for name in on:
        if name in facts.tasks and name not in inside:
            yield warning(
                "W0107",
                f"the task `{name}` is in no cluster, so nothing is trained on it",
                facts.place(name),
                help=[f"put `{name}` into a cluster; it is still evaluated on"],
            )


def ordered_clusters_exist(facts: Facts) -> Iterator[Diagnostic]:
    """`train.order = [..]` names every cluster once."""
    order = facts.train.order if facts.train else "random"
    known = names_of(facts)
    if isinstance(order, str) or not known or "cluster" in facts.broken:
        return
    place = facts.place("train.order")
    unknown = [name for name in order if name not in known]
    for name in unknown:
        yield unknown_word(
            "E0204", f"`train.order` names the cluster `{name}`, which the spec does not have", name, list(known), place
        )
    missing = [name for name in known if name not in order]
    twice = sorted({name for name in order if order.count(name) > 1})
    if (missing or twice) and not unknown:
        what = f"leaves out {', '.join(missing)}" if missing else f"names {', '.join(twice)} more than once"
        yield error(
            "E0401",
            f"`train.order` {what}: it is the line in which all clusters stand",
            place,
            help=["name every cluster once"],
        )


def turns_have_an_effect(facts: Facts) -> Iterator[Diagnostic]:
    """`train.clusters` is at most the number of clusters; `order` is for meta-iterations that use some of them."""
    train, known = facts.train, names_of(facts)
    if train is None or not known:
        return
    if train.clusters != "all" and train.clusters > len(known):
        yield error(
            "E0401",
            f"a meta-iteration cannot use {train.clusters} of {len(known)} clusters",
            facts.place("train.clusters"),
            help=["take fewer, or `clusters = all`"],
        )
    elif written(facts, "train.order") and train.clusters in ("all", len(known)):
        yield note(
            "N0102",
            "`train.order` has no effect: every meta-iteration uses all clusters",
            facts.place("train.order"),
            help=["add `clusters = 1` to `train` for clusters that take turns"],
        )


def nothing_speaks_of_clusters_in_vain(facts: Facts) -> Iterator[Diagnostic]:
    """Fields about clusters, in a spec that has none."""
    if clusters_of(facts) or "cluster" in facts.broken:
        return
    for path in ("schedule.combine", "schedule.groups", "train.clusters", "train.order"):
        if written(facts, path) or written(facts, f"{path}.count"):
            yield note(
                "N0102",
                f"`{path}` has no effect: the spec has no clusters",
                facts.place(path),
                help=["write one, such as `cluster alike = similar { tasks = [..], count = 3 }`"],
            )


def clip_norm_is_of_clusters(facts: Facts) -> Iterator[Diagnostic]:
    """Without clusters what is bounded is the whole meta-gradient, which is what the outer method's field is for."""
    if getattr(facts.schedule, "clip_norm", None) is None or clusters_of(facts) or "cluster" in facts.broken:
        return
    yield error(
        "E0401",
        "`clip_norm` of a schedule bounds the meta-gradient of each cluster, and the spec has no clusters",
        facts.place("schedule.clip_norm"),
        help=["write it in `outer`, such as `outer = adam { clip_norm = 1 }`"],
    )


def groups_are_not_empty(facts: Facts) -> Iterator[Diagnostic]:
    """More groups than clusters, and some stay empty."""
    groups, known = getattr(facts.schedule, "groups", None), names_of(facts)
    if groups is None or not known or groups.count <= len(known):
        return
    yield warning(
        "W0108",
        f"{groups.count} cluster groups for {len(known)} clusters: some stay empty",
        facts.place("schedule.groups.count"),
        help=[f"take at most {len(known)} groups"],
    )


def clusters_send_gradients(facts: Facts) -> Iterator[Diagnostic]:
    """What is combined across clusters are meta-gradients."""
    if not clusters_of(facts):
        return
    exchange = getattr(facts.schedule, "exchange", None)
    related = [(facts.place(next(iter(clusters_of(facts)))), "the clusters")]
    if exchange is not None and exchange.name == "weights":
        yield error(
            "E0401",
            "copies that exchange weights draw their own tasks, so there are no clusters to combine",
            facts.place("schedule.exchange"),
            related=related,
            help=["leave out the clusters, or take `exchange = gradients`"],
        )
    if facts.metagrad is not None and facts.metagrad.name == "none":
        yield error(
            "E0401",
            "`metagrad = none` gives no meta-gradients, so there are none to combine across clusters",
            facts.place("metagrad"),
            related=related,
            help=["leave out the clusters"],
        )


RULES = (
    one_cluster_for_each_task,
    enough_instances,
    refresh_finds_something_new,
    cluster_names_differ,
    clustered_tasks_are_trained_on,
    ordered_clusters_exist,
    turns_have_an_effect,
    nothing_speaks_of_clusters_in_vain,
    clip_norm_is_of_clusters,
    groups_are_not_empty,
    clusters_send_gradients,
)

"""The facts for Prometheus: base units, one value a series, computed when asked and so the same in every process."""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from institutions.tallying import BOUNDS, SIGN_IN_REFUSED, TASK
from reports.watching.facts import Facts, look
from reports.watching.matters import CHECKS, judge


def exposition() -> bytes:
    """The text to append to what the processes count themselves. A registry of its own, for one answer: in the
    processes' common one the values would be added up."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Collector())
    return generate_latest(registry)


class Collector:
    def collect(self) -> Iterable[Metric]:
        facts = look()
        yield from _judged(facts)
        if facts.room:
            free, total = facts.room
            yield _gauge("qamtu_files_free_bytes", "Room left on the disk of uploads.", free)
            yield _gauge("qamtu_files_size_bytes", "Size of the disk of uploads.", total)
        if facts.database:
            yield from _waiting(facts)
            yield from _moments(facts)
            yield from _tasks(facts)
            yield from _sign_ins(facts)


def _judged(facts: Facts) -> Iterator[Metric]:
    found = {matter.code: matter.doubts for matter in judge(facts)}
    yield _gauge("qamtu_ready", "Whether figures can be trusted, as /readyz says.", not any(found.values()))
    yield _gauge("qamtu_database_up", "Whether the database answers.", facts.database)
    yield _gauge("qamtu_redis_up", "Whether Redis answers.", facts.redis)
    matter = GaugeMetricFamily(
        "qamtu_matter", "1 where something is wrong; see docs/operations.md.", labels=["matter"]
    )
    for check in CHECKS if facts.database else CHECKS[:1]:
        matter.add_metric([check.code], check.code in found)
    yield matter


def _waiting(facts: Facts) -> Iterator[Metric]:
    length = GaugeMetricFamily("qamtu_queue_length", "How many wait to be done.", labels=["queue"])
    oldest = GaugeMetricFamily("qamtu_queue_oldest_seconds", "How long the oldest waits.", labels=["queue"])
    for name, queue in facts.queues.items():
        length.add_metric([name], queue.waiting)
        oldest.add_metric([name], facts.age(queue.since) or 0)
    yield from (length, oldest)
    yield _gauge(
        "qamtu_stale_institutions", "Institutions whose live figures are out of date.", facts.stale.waiting
    )
    yield _gauge(
        "qamtu_stale_oldest_seconds",
        "How long live figures have been out of date.",
        facts.age(facts.stale.since) or 0,
    )
    yield _gauge("qamtu_letters_given_up", "Letters given up within a day.", facts.letters_given_up)
    yield _gauge(
        "qamtu_webhook_messages_given_up",
        "Messages to universities' systems given up within a day.",
        facts.messages_given_up,
    )
    used, most = facts.connections
    yield _gauge("qamtu_database_connections", "Connections of the database in use.", used)
    yield _gauge("qamtu_database_connections_max", "Connections that the database takes.", most)


def _moments(facts: Facts) -> Iterator[Metric]:
    """When something was last so, in seconds since 1970; what never was has no value."""
    beats = GaugeMetricFamily(
        "qamtu_heartbeat_timestamp_seconds", "When a process last proved its work.", labels=["of"]
    )
    for name, at in sorted(facts.beats.items()):
        beats.add_metric([name], at.timestamp())
    yield beats
    for name, said, moment in (
        ("snapshot_verified", "When a snapshot was last verified.", facts.verified_at),
        ("release_published", "Since when the newest release is public.", facts.published_at),
        ("trail_sealed", "When the sealing of the trail last went on.", facts.sealed_at),
    ):  # fmt: skip
        if moment:
            yield _gauge(f"qamtu_{name}_timestamp_seconds", said, moment.timestamp())


def _tasks(facts: Facts) -> Iterator[Metric]:
    counts: dict[str, dict[float, tuple[int, float]]] = {}
    for one in facts.kept:
        if one.name == TASK:
            counts.setdefault(one.detail, {})[one.within] = (one.count, one.seconds)
    family = HistogramMetricFamily(
        "qamtu_task_duration_seconds", "How long tasks of the workers took.", labels=["task", "outcome"]
    )
    for detail, by_bound in sorted(counts.items()):
        sums, so_far = [], 0
        for bound in BOUNDS:
            so_far += by_bound.get(bound, (0, 0.0))[0]
            sums.append(("+Inf" if bound == BOUNDS[-1] else str(bound), so_far))
        family.add_metric(detail.split(" "), sums, sum(seconds for _count, seconds in by_bound.values()))
    yield family


def _sign_ins(facts: Facts) -> Iterator[Metric]:
    family = CounterMetricFamily(
        "qamtu_sign_ins_refused", "Sign-ins that were refused, by what was wrong.", labels=["why"]
    )
    for one in facts.kept:
        if one.name == SIGN_IN_REFUSED:
            family.add_metric([one.detail], one.count)
    yield family


def _gauge(name: str, said: str, value: float) -> Metric:
    return GaugeMetricFamily(name, said, value=float(value))

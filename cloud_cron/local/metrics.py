"""What Prometheus reads, through its own client library. Counters begin with the process."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from cloud_cron.errors import StoreError
from cloud_cron.local import health, queues

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric

    from cloud_cron.local.service import Service

_QUANTILES: Final = (0.5, 0.9, 0.99)


def exposition(service: Service) -> tuple[str, str]:
    """The text, and its content type."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(service))
    return generate_latest(registry).decode(), CONTENT_TYPE_LATEST


class _Collector(Collector):
    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        """Every figure, as it is now."""
        service, board = self._service, self._service.board
        yield GaugeMetricFamily("cloud_cron_up", "Whether the host is well.", float(health.state(service)["ok"]))
        loaded = float(board.reload_failed is None and board.loads > 0)
        yield GaugeMetricFamily("cloud_cron_last_reload_success", "Whether the newest code is at work.", loaded)
        beat = monotonic() - board.beat_at
        yield GaugeMetricFamily("cloud_cron_silence_seconds", "Since the host last looked up.", beat)
        yield GaugeMetricFamily("cloud_cron_runs_under_way", "Runs that are under way.", len(service.running))
        yield self._size()
        runs = CounterMetricFamily("cloud_cron_runs", "Attempts of runs, by how they ended.", labels=["task", "status"])
        for (task, status), count in sorted(board.runs.items()):
            runs.add_metric([task, status], count)
        yield runs
        told = "Deliveries to a recipient, by what became of them."
        deliveries = CounterMetricFamily("cloud_cron_deliveries", told, labels=["notifier", "status"])
        for (notifier, status), count in sorted(board.deliveries.items()):
            deliveries.add_metric([notifier, status], count)
        yield deliveries
        yield self._delays()
        yield self._queues()

    def _size(self) -> Metric:
        path = Path(self._service.site.database)
        size = 0
        for file in (path, path.with_name(f"{path.name}-wal")):
            with suppress(OSError):
                size += file.stat().st_size
        return GaugeMetricFamily("cloud_cron_database_bytes", "The database with its log of writes.", size)

    def _delays(self) -> Metric:
        told = "How late the latest runs began."
        found = GaugeMetricFamily("cloud_cron_run_delay_seconds", told, labels=["quantile"])
        delays = sorted(self._service.board.delays)
        for quantile in _QUANTILES if delays else ():
            found.add_metric([str(quantile)], delays[min(len(delays) - 1, int(quantile * len(delays)))])
        return found

    def _queues(self) -> Metric:
        told = "Messages of each notifier."
        found = GaugeMetricFamily("cloud_cron_queue_messages", told, labels=["notifier", "state"])
        service, model = self._service, self._service.model
        for notifier in model.notifiers if model else ():
            with suppress(StoreError):
                name = (model.name, service.site.stage, notifier.name) if model else ("", "", "")
                waiting, in_flight = service.bus.counts(queues.queue(*name))
                dead = sum(service.bus.counts(queues.dead_letters(*name)))
                for state, count in (("waiting", waiting), ("in_flight", in_flight), ("dead", dead)):
                    found.add_metric([notifier.name, state], count)
        return found

"""The service: APScheduler runs a job a feed, a job for due work and a job that watches the config file.

No job can hang for ever: every call to the network has a limit of its own. None is lost when late
(`misfire_grace_time=None`), none piles up (`coalesce`), none overtakes itself (`max_instances=1`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot import log
from bot.config import Config, FeedConfig
from bot.errors import ConfigError, RelaypressError
from bot.pipeline import Pipeline
from bot.ports import Clock, Progress, Store
from bot.rounds import POLLS_AT_ONCE, Round
from bot.units import Schedule

logger = log.get()

JITTER_PART = 0.1  # of a feed's interval: feeds of one host drift apart
LONGEST_JITTER_SECONDS = 60
CRON_JITTER_SECONDS = 30
WORK_EVERY = timedelta(seconds=15)  # at the latest; new items start it at once
RECHECK_EVERY = timedelta(hours=1)
RELOAD_EVERY = timedelta(seconds=2)
FIRST_POLLS_APART = timedelta(seconds=1)
JOB_DEFAULTS = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}


class Service:
    """`bot run`. `reload` gives a new config when the file has changed, else None; it may raise ConfigError.

    `build` makes a pipeline for a config. `run` returns when `stop` is set: the item in hand is
    finished, or, if that takes longer than `grace`, left to the next start (its intent is stored).
    """

    def __init__(
        self,
        config: Config,
        build: Callable[[Config], Pipeline],
        reload: Callable[[], Config | None],
        store: Store,
        clock: Clock,
        progress: Progress,
    ) -> None:
        self.stop = threading.Event()
        self._config = config
        self._build = build
        self._reload = reload
        self._store = store
        self._clock = clock
        self._progress = progress
        self._round = Round(build(config), progress, self.stop)
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            job_defaults=JOB_DEFAULTS,
            executors={
                "default": ThreadPoolExecutor(POLLS_AT_ONCE),
                "work": ThreadPoolExecutor(1),
                "reload": ThreadPoolExecutor(1),
            },
        )
        self._scheduler.add_listener(self._job_broke, EVENT_JOB_ERROR)
        self._broken: BaseException | None = None

    def run(self, grace: timedelta) -> bool:
        """Run until `stop` is set; True where the item in hand was finished within `grace`.

        Raises what a job raised that was not ours: a bug must not look like a quiet night.
        """
        self._schedule_feeds()
        self._add("work", self._work, every(WORK_EVERY), "work")
        self._add("recheck", self._recheck, every(RECHECK_EVERY), "default")
        self._add("reload", self._reload_config, every(RELOAD_EVERY), "reload")
        self._scheduler.start()
        logger.info("running", feeds=len(self._config.feeds), sites=len(self._config.sites))
        self.stop.wait()
        logger.info("stopping", grace_seconds=round(grace.total_seconds()))
        finished = self._shut_down(grace)
        if self._broken is not None:
            raise self._broken
        return finished

    def _shut_down(self, grace: timedelta) -> bool:
        waiter = threading.Thread(target=self._scheduler.shutdown, name="shutdown", daemon=True)
        waiter.start()
        waiter.join(grace.total_seconds())
        return not waiter.is_alive()

    # --- jobs -----------------------------------------------------------------------------------

    def _poll(self, name: str) -> None:
        """A feed's job. A pause that was promised after a failure outlasts the schedule."""
        feed = next((feed for feed in self._config.feeds if feed.name == name), None)
        if feed is None:
            return  # taken out of the config while this job was starting
        state, now = self._store.feed_state(name), self._clock.now()
        pauses = [moment for moment in (state.next_poll_at, state.not_before) if moment is not None]
        if state.url == feed.url and pauses and max(pauses) > now:
            return
        if any(polled.new for polled in self._round.poll([feed])):
            self._scheduler.modify_job("work", next_run_time=now)

    def _work(self) -> None:
        due = self._store.due(self._clock.now())
        self._round.work(due, concurrency=self._config.publish.concurrency)

    def _recheck(self) -> None:
        self._round.recheck()

    def _reload_config(self) -> None:
        try:
            config = self._reload()
            if config is None:
                return
            self._round = Round(self._build(config), self._progress, self.stop)
        except ConfigError as error:
            for fault in error.faults:
                logger.error("config refused, old one kept", file=error.subject, fault=fault)  # noqa: TRY400 - expected: one line
            return
        self._config = config
        self._schedule_feeds()
        logger.info("config reloaded", feeds=len(config.feeds), sites=len(config.sites))

    def _job_broke(self, event: JobExecutionEvent) -> None:
        """An expected error is told and the service goes on; a bug ends it, loudly."""
        if isinstance(event.exception, RelaypressError):
            logger.error("job failed", job=event.job_id, error=str(event.exception))
            return
        logger.critical("bug", job=event.job_id, error=repr(event.exception), traceback=event.traceback)
        self._broken = event.exception
        self.stop.set()

    # --- schedule -------------------------------------------------------------------------------

    def _schedule_feeds(self) -> None:
        """A job for each feed of the config; those whose schedule is unchanged keep their next time."""
        wanted = {f"poll {feed.name}": feed for feed in self._config.feeds}
        for job in self._scheduler.get_jobs():
            if job.id.startswith("poll ") and job.id not in wanted:
                job.remove()
        for n, (job_id, feed) in enumerate(wanted.items()):
            trigger = trigger_of(feed.every or self._config.schedule.every)
            job = self._scheduler.get_job(job_id)
            if job is not None and str(job.trigger) == str(trigger) and job.args == (feed.name,):
                continue
            first = None if feed.every and feed.every.cron else self._clock.now() + n * FIRST_POLLS_APART
            self._add(job_id, self._poll, trigger, "default", feed, first)

    def _add(
        self,
        job_id: str,
        call: Callable[..., None],
        trigger: BaseTrigger,
        executor: str,
        feed: FeedConfig | None = None,
        first: object = None,
    ) -> None:
        self._scheduler.add_job(
            call,
            trigger,
            args=(feed.name,) if feed else (),
            id=job_id,
            executor=executor,
            replace_existing=True,
            **({"next_run_time": first} if first else {}),
        )


def every(pause: timedelta) -> IntervalTrigger:
    """A trigger without jitter."""
    return IntervalTrigger(seconds=int(pause.total_seconds()), timezone="UTC")


def trigger_of(schedule: Schedule) -> BaseTrigger:
    """The APScheduler trigger of a schedule."""
    if schedule.every is None:
        trigger = CronTrigger.from_crontab(schedule.cron, timezone="UTC")
        trigger.jitter = CRON_JITTER_SECONDS  # from_crontab has no argument for it
        return trigger
    seconds = int(schedule.every.total_seconds())
    jitter = min(int(seconds * JITTER_PART), LONGEST_JITTER_SECONDS)
    return IntervalTrigger(seconds=seconds, jitter=jitter, timezone="UTC")

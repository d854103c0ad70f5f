"""The service: APScheduler runs a job a feed, a job a site, one for hubs and one that watches the config file.

When a feed is polled next, its poll says (stages/schedule.py) and the store keeps over restarts; the trigger
of its job is a crontab line, or a net for a poll that broke before it could say anything. Due work has a job
a site. What a hub tells of a feed (WebSub) brings its next poll forward. No job can hang for ever: every call
to the network has a limit of its own. None is lost when late (`misfire_grace_time=None`), none piles up
(`coalesce`), none overtakes itself (`max_instances=1`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot import log, renaming
from bot.announcements import Announcements, Subscriptions
from bot.config import Config, FeedConfig
from bot.errors import ConfigError, RelaypressError
from bot.model import FeedState, Polled
from bot.pipeline import Pipeline
from bot.ports import Clock, Progress, Store
from bot.rounds import POLLS_AT_ONCE, Round
from bot.stages import schedule
from bot.stages.schedule import PollPolicy
from bot.units import Schedule, lies_ahead

logger = log.get()

CRON_JITTER_SECONDS = 30
SITES_AT_ONCE = 16
WORK_EVERY = timedelta(seconds=15)  # at the latest; new items start it at once
RECHECK_EVERY = timedelta(hours=1)
HUBS_EVERY = timedelta(minutes=5)
RELOAD_EVERY = timedelta(seconds=2)
FIRST_POLLS_APART = timedelta(seconds=1)  # or less, so that all begin within `every`
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
        hubs: Subscriptions | None = None,
    ) -> None:
        self.stop = threading.Event()
        self._config = config
        self._build = build
        self._reload = reload
        self._store = store
        self._clock = clock
        self._rules: dict[str, tuple[str, PollPolicy]] = {}  # what the jobs of the feeds were made for
        self._progress = progress
        self._announcements = Announcements(hubs)
        self._moving = threading.Lock()  # between what a poll plans and what a hub tells meanwhile
        self._round = Round(build(config), progress, self.stop)
        self._naming = threading.Lock()  # what is due is done under the config by whose names it was read
        self._executors = {
            "default": ThreadPoolExecutor(POLLS_AT_ONCE),
            "work": ThreadPoolExecutor(SITES_AT_ONCE),
            "reload": ThreadPoolExecutor(1),
            "hubs": ThreadPoolExecutor(1),
        }
        self._scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults=JOB_DEFAULTS, executors=self._executors
        )
        self._scheduler.add_listener(self._job_broke, EVENT_JOB_ERROR)
        self._broken: BaseException | None = None
        self._edited: Config | None = None  # a config that was read and is not in force yet

    def run(self, grace: timedelta) -> bool:
        """Run until `stop` is set; True where the item in hand was finished within `grace`.

        Raises what a job raised that was not ours: a bug must not look like a quiet night.
        """
        self._schedule_feeds(renaming.settle(self._config.feeds, self._store))
        self._schedule_sites()
        self._add("recheck", self._recheck, every(RECHECK_EVERY), "default")
        self._add("reload", self._reload_config, every(RELOAD_EVERY), "reload")
        if self._announcements.open(self._hub_tells):
            self._add("hubs", self._subscribe, every(HUBS_EVERY), "hubs", (), self._clock.now())
        self._scheduler.start()
        logger.info("running", feeds=len(self._config.feeds), sites=len(self._config.sites))
        self.stop.wait()
        logger.info("stopping", grace_seconds=round(grace.total_seconds()))
        self._announcements.close()
        finished = self._shut_down(grace)
        if self._broken is not None:
            raise self._broken
        return finished

    def _shut_down(self, grace: timedelta) -> bool:
        waiter = threading.Thread(target=self._finish_jobs, name="shutdown", daemon=True)
        waiter.start()
        waiter.join(grace.total_seconds())
        return not waiter.is_alive()

    def _finish_jobs(self) -> None:
        """Begin no job any more, and wait for those in hand.

        BackgroundScheduler.shutdown waits for them too, but under a lock that a job which moves another needs.
        """
        self._scheduler.pause()
        for executor in self._executors.values():
            executor.shutdown(wait=True)
        self._scheduler.shutdown(wait=False)

    # --- jobs -----------------------------------------------------------------------------------

    def _poll(self, name: str) -> None:
        """A feed's job. A pause that was promised outlasts a crontab line."""
        feed = next((feed for feed in self._config.feeds if feed.name == name), None)
        if feed is None:
            return  # taken out of the config while this job was starting
        now, literal = self._clock.now(), bool(self._rule(feed).cron)
        soonest = first_poll(feed, self._store.feed_state(name), now, afresh=not literal)
        if soonest > now:
            if not literal:  # a hub has brought this poll forward
                self._move(f"poll {name}", soonest)
            return
        told = self._announcements.take(name, now)
        polls = self._round.poll([feed])
        self._tell_faults()
        for polled in polls:
            if polled.new:
                for site in feed.sites:
                    self._move(f"work {site}", now)
            if not literal:
                self._plan(feed, polled, told=told)

    def _plan(self, feed: FeedConfig, polled: Polled, *, told: bool) -> None:
        """Set the time of the next poll; a hub that is new is asked at once."""
        general, now = self._config.schedule, self._clock.now()
        policy = schedule.policy_of(feed, general)
        with self._moving:
            moment = self._announcements.next_poll(polled, policy, self._store, now, told=told)
            if moment is not None:
                self._move(f"poll {feed.name}", moment)
        if not polled.unchanged and self._announcements.are_due(feed, self._store, general):
            self._move("hubs", now)

    def _hub_tells(self, name: str) -> None:
        """Poll this feed now, or in a moment. Called in the threads of the listener."""
        with self._moving:
            self._move(f"poll {name}", self._announcements.add(name, self._clock.now()))

    def _subscribe(self) -> None:
        self._announcements.keep(self._config, self._store.feed_states(), self.stop)

    def _move(self, job_id: str, moment: datetime) -> None:
        with suppress(JobLookupError):  # taken out of the config meanwhile
            self._scheduler.modify_job(job_id, next_run_time=moment)

    def _work(self, site: str) -> None:
        """A site's job: a site that is down holds up no other."""
        with self._naming:
            due, this_round = self._store.due(self._clock.now()), self._round
        here = [each for each in due if each.site == site]
        this_round.work(here, concurrency=self._config.publish.concurrency)
        self._tell_faults()

    def _tell_faults(self) -> None:
        while self._round.faults:
            logger.error("round cut short", error=str(self._round.faults.pop()))

    def _recheck(self) -> None:
        self._round.recheck()
        self._store.prune(self._clock.now())

    def _reload_config(self) -> None:
        """Take an edit of the config as a whole or not at all; what the store prevents is tried again."""
        try:
            self._edited = self._reload() or self._edited
            if self._edited is None:
                return
            pipeline = self._build(self._edited)
        except ConfigError as error:
            self._edited = None
            for fault in error.faults:
                logger.error("config refused, old one kept", file=error.subject, fault=fault)  # noqa: TRY400 - expected: one line
            return
        with self._naming:
            states = renaming.settle(self._edited.feeds, self._store)
            self._config, self._edited = self._edited, None
            self._round = Round(pipeline, self._progress, self.stop)
        self._schedule_sites()
        self._schedule_feeds(states)
        logger.info("config reloaded", feeds=len(self._config.feeds), sites=len(self._config.sites))

    def _job_broke(self, event: JobExecutionEvent) -> None:
        """An expected error is told and the service goes on; a bug ends it, loudly."""
        if isinstance(event.exception, RelaypressError):
            logger.error("job failed", job=event.job_id, error=str(event.exception))
            return
        logger.critical("bug", job=event.job_id, error=repr(event.exception), traceback=event.traceback)
        self._broken = event.exception
        self.stop.set()

    # --- schedule -------------------------------------------------------------------------------

    def _schedule_sites(self) -> None:
        """A job for each site of the config."""
        wanted = {f"work {site.name}": site.name for site in self._config.sites}
        for job in self._scheduler.get_jobs():
            if job.id.startswith("work ") and job.id not in wanted:
                job.remove()
        for job_id, site in wanted.items():
            if self._scheduler.get_job(job_id) is None:
                self._add(job_id, self._work, every(WORK_EVERY), "work", (site,), self._clock.now())

    def _schedule_feeds(self, states: Mapping[str, FeedState]) -> None:
        """A job for each feed of the config; those whose schedule is unchanged keep their next time."""
        wanted = {f"poll {feed.name}": feed for feed in self._config.feeds}
        for job in self._scheduler.get_jobs():
            if job.id.startswith("poll ") and job.id not in wanted:
                job.remove()
                del self._rules[job.id]
        now = self._clock.now()
        for n, (job_id, feed) in enumerate(wanted.items()):
            rule = (feed.place, schedule.policy_of(feed, self._config.schedule))
            if self._rules.get(job_id) == rule:
                continue
            state = states.get(feed.name, FeedState(feed.name))
            first = first_poll(feed, state, now + n * self._apart(), afresh=job_id in self._rules)
            trigger = trigger_of(self._rule(feed))
            first_time = None if isinstance(trigger, CronTrigger) else first
            self._add(job_id, self._poll, trigger, "default", (feed.name,), first_time)
            self._rules[job_id] = rule

    def _rule(self, feed: FeedConfig) -> Schedule:
        return feed.every or self._config.schedule.every

    def _apart(self) -> timedelta:
        """The time between two first polls."""
        general = self._config.schedule.every.every or FIRST_POLLS_APART
        return min(FIRST_POLLS_APART, general / max(len(self._config.feeds), 1))

    def _add(
        self,
        job_id: str,
        call: Callable[..., None],
        trigger: BaseTrigger,
        executor: str,
        args: tuple[str, ...] = (),
        first: datetime | None = None,
    ) -> None:
        at = {"next_run_time": first} if first else {}
        self._scheduler.add_job(
            call, trigger, args=args, id=job_id, executor=executor, replace_existing=True, **at
        )


def first_poll(feed: FeedConfig, state: FeedState, soonest: datetime, *, afresh: bool) -> datetime:
    """When to poll a feed of which this is known: as planned before, but for `afresh`: its rule has changed.

    What its publisher asked for stands in any case, as long as it is the same address.
    """
    planned = (state.not_before, None if afresh else state.next_poll_at)
    return max(
        [soonest, *(at for at in planned if at and lies_ahead(at, soonest) and state.url == feed.place)]
    )


def is_asked_to_wait(feed: FeedConfig, state: FeedState | None, now: datetime) -> bool:
    """Whether the publisher asked for more time (Retry-After), at the address that the feed still has."""
    return bool(state and state.url == feed.place and lies_ahead(state.not_before, now))


def every(pause: timedelta) -> IntervalTrigger:
    """A trigger without jitter."""
    return IntervalTrigger(seconds=int(pause.total_seconds()), timezone="UTC")


def trigger_of(rule: Schedule) -> BaseTrigger:
    """The APScheduler trigger of a schedule."""
    if rule.every is None:
        trigger = CronTrigger.from_crontab(rule.cron, timezone="UTC")
        trigger.jitter = CRON_JITTER_SECONDS  # from_crontab has no argument for it
        return trigger
    return every(rule.every)

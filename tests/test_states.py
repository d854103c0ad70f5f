from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Post, RemotePost
from bot.states import (
    OPEN_STATES,
    TRANSITIONS,
    Change,
    Event,
    IllegalTransition,
    Publication,
    RetryPolicy,
    State,
    apply,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
POST = Post("k", "Title", "<p>x</p>", "", "slug-k", NOW, "publish")


def publication(state: State, **more) -> Publication:
    return Publication("k", "feed", "site", state, **more)


def test_the_straight_way():
    at_start = publication(State.QUEUED)
    ready = apply(at_start, Change(Event.PREPARED, NOW, post=POST))
    begun = apply(ready, Change(Event.BEGUN, NOW))
    done = apply(begun, Change(Event.PUBLISHED, NOW, remote=RemotePost("7", "https://x/7")))
    assert [each.state for each in (ready, begun, done)] == ["ready", "publishing", "published"]
    assert begun.intent_at == NOW
    assert done.post == POST
    assert done.remote == RemotePost("7", "https://x/7")


def test_nothing_is_published_without_an_intent():
    for state in set(State) - {State.PUBLISHING}:
        with pytest.raises(IllegalTransition):
            apply(publication(state), Change(Event.PUBLISHED, NOW))


def test_what_is_published_is_never_made_again_unless_a_person_says_so():
    remote = RemotePost("7", "https://x/7")
    for state, event in TRANSITIONS:
        after = apply(publication(state, remote=remote, post=POST), Change(event, NOW))
        assert (after.remote == remote) or event is Event.AGAIN


def test_a_lost_answer_keeps_the_intent_until_it_was_looked_up():
    begun = apply(publication(State.READY), Change(Event.BEGUN, NOW))
    later = apply(begun, Change(Event.POSTPONED, NOW + timedelta(minutes=1), reason="lost"))
    assert later.state is State.PUBLISHING
    assert later.intent_at == NOW


def test_attempts_grow_until_a_step_forward():
    waiting = publication(State.QUEUED)
    for n in (1, 2, 3):
        waiting = apply(waiting, Change(Event.POSTPONED, NOW, reason="down"))
        assert waiting.attempts == n
    assert apply(waiting, Change(Event.PREPARED, NOW, post=POST)).attempts == 0


def test_an_unsent_post_keeps_its_count_through_the_next_try():
    begun = apply(publication(State.READY, attempts=2), Change(Event.BEGUN, NOW))
    assert apply(begun, Change(Event.NOT_SENT, NOW)).attempts == 3


def test_a_source_that_keeps_changing_neither_jumps_its_pause_nor_saves_its_attempts():
    later = NOW + timedelta(hours=6)
    for state, attempts in ((State.QUEUED, 8), (State.OUTDATED, 8), (State.READY, 1)):
        waits = apply(publication(state, attempts=7), Change(Event.POSTPONED, NOW, "down", not_before=later))
        changed = apply(waits, Change(Event.CHANGED, NOW))
        assert (changed.attempts, changed.not_before, changed.reason) == (attempts, later, "down")


def test_a_source_that_changes_while_its_post_waits_for_its_turn_spends_no_attempt():
    later = NOW + timedelta(minutes=10)
    waits = apply(publication(State.READY, post=POST), Change(Event.WAITED, NOW, "pace", not_before=later))
    changed = apply(waits, Change(Event.CHANGED, NOW))
    assert (changed.state, changed.attempts, changed.not_before) == (State.QUEUED, 0, later)


def test_refusals_are_counted_through_outages_and_changes_until_the_post_is_out():
    current = publication(State.READY)
    for event in (Event.BEGUN, Event.REFUSED, Event.CHANGED, Event.PREPARED, Event.CHANGED, Event.PREPARED):
        current = apply(current, Change(event, NOW, post=POST))
    for event in (Event.BEGUN, Event.NOT_SENT, Event.BEGUN, Event.REFUSED):
        current = apply(current, Change(event, NOW))
    assert (current.refusals, current.attempts) == (2, 0)
    for event in (Event.PREPARED, Event.BEGUN, Event.PUBLISHED):
        current = apply(current, Change(event, NOW, post=POST))
    assert current.refusals == 0


def test_a_retry_starts_over():
    failed = publication(State.FAILED, post=POST, reason="gone")
    again = apply(failed, Change(Event.RETRIED, NOW))
    assert (again.state, again.post, again.reason) == (State.QUEUED, None, "")
    assert apply(publication(State.FAILED, refusals=11), Change(Event.RETRIED, NOW)).refusals == 0


def test_due_only_while_open_and_in_time():
    waits = publication(State.READY, not_before=NOW + timedelta(minutes=1))
    assert not waits.is_due(NOW)
    assert waits.is_due(NOW + timedelta(minutes=1))
    assert not publication(State.HELD).is_due(NOW)


@given(st.lists(st.sampled_from([each for each in Event if each is not Event.AGAIN]), max_size=40))
def test_whatever_happens_a_post_is_made_once_at_most(events):
    current, made, intents = publication(State.QUEUED), 0, 0
    for event in events:
        change = Change(
            event,
            NOW,
            post=POST if event is Event.PREPARED else None,
            remote=RemotePost("7", "https://x/7") if event is Event.PUBLISHED else None,
        )
        try:
            after = apply(current, change)
        except IllegalTransition:
            continue
        made += event is Event.PUBLISHED and current.remote is None
        intents += event is Event.BEGUN and current.remote is None
        current = after
    assert made <= 1
    assert made <= intents


def test_every_state_has_a_way_on():
    left = {state for state, _ in TRANSITIONS}
    assert set(State) == left
    assert left >= OPEN_STATES


def test_pauses_grow_to_the_longest_and_respect_the_wish_of_the_other_side():
    policy = RetryPolicy(first=timedelta(minutes=1), factor=2, longest=timedelta(hours=1), attempts=3)
    minutes = [policy.wait(n).total_seconds() / 60 for n in (1, 2, 3, 7, 500)]
    assert minutes == [1, 2, 4, 60, 60]
    assert policy.wait(1, wished_seconds=7200) == timedelta(hours=2)
    assert [policy.spent(n) for n in (2, 3)] == [False, True]

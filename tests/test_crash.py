"""Never twice, never lost: the bot is stopped before and after every effect, and goes on.

Here over fakes of our own ports, where every point can be tried; in test_kill.py with `kill -9` and a bad
network on a real WordPress. The whole, at length: `python benchmarks/crash.py`.
"""

from __future__ import annotations

import random

import pytest

from bot.config import EngineConfig
from bot.engines.store import DatabaseStore
from bot.engines.translators import make
from bot.errors import PostOutcomeUnknown, SiteUnavailable
from bot.states import State
from tests.accidents import Accident, Accidents, Stopped, stopped_at_statement
from tests.crash_world import LATER, Recorded, World, link

EFFECTS = {  # of the whole way: a rename must not make this test look away
    *("feeds.get", "store.save_poll", "pages.get", "store.save_article", "translator.translate"),
    *("memory.remember", "store.change", "pictures.get", "site.upload", "store.save_media"),
    *("site.resolve_terms", "site.create"),
}


@pytest.fixture(scope="module")
def engine(models_dir):
    local = make("local", EngineConfig(models_dir=models_dir), data_dir=models_dir, contact="")
    yield Recorded(local)
    local.close()


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "empty.db"
    open_database(path)
    return path


@pytest.fixture
def new_world(tmp_path, empty_database, engine):
    return lambda *sites, **site: World(tmp_path, empty_database, engine, sites or ("monde",), **site)


@pytest.fixture
def every_call(new_world) -> list[str]:
    """The names of all calls that one undisturbed life makes."""
    undisturbed = Accidents()
    assert new_world().live(undisturbed)
    return undisturbed.calls


def test_nothing_of_the_way_is_left_out(every_call):
    assert set(every_call) >= EFFECTS


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_stopped_at_any_call_each_story_comes_out_once(new_world, every_call, after):
    for n, name in enumerate(every_call):
        world = new_world()
        assert not world.live(Accidents(Accident({n}, after)))
        world.settle()
        world.assert_each_story_came_out_once(f"stopped {'after' if after else 'before'} call {n}, {name}")


@pytest.mark.parametrize("seed", range(12))
def test_stopped_again_and_again_each_story_comes_out_once_on_each_site(new_world, seed):
    rng, world = random.Random(seed), new_world("monde", "mar")
    for _ in range(12):
        world.live(Accidents(Accident({rng.randrange(40)}, rng.random() < 0.5)))
        world.clock.advance(seconds=rng.choice([1, 61, 3600]))
    world.settle()
    world.assert_each_story_came_out_once(f"seed {seed}")


def lost() -> PostOutcomeUnknown:
    return PostOutcomeUnknown("monde", "timed out")


@pytest.mark.parametrize("taken", [True, False], ids=["acted on", "not acted on"])
@pytest.mark.parametrize("at", [{0}, {1}, {2}, {0, 1}, {1, 2}, {0, 1, 2}], ids=str)
def test_lost_answers_make_no_second_post_and_lose_none(new_world, at, taken):
    world = new_world()
    world.live(Accidents(Accident(at, taken, "site.create", lost)))
    world.clock.advance(seconds=59)
    world.live(Accidents())
    assert len(world.sites["monde"].posts) == (3 if taken else 3 - len(at)), "while the call may still run"
    world.settle()
    world.assert_each_story_came_out_once(f"lost {at}")


def test_an_answer_lost_twice_in_a_row_for_one_story_makes_one_post(new_world):
    """The first call never arrived; the one sent again did, and its answer is lost as well."""
    world = new_world()
    world.live(Accidents(Accident({0}, after=False, only="site.create", error=lost)))
    world.clock.advance(**LATER)
    world.live(Accidents(Accident({0}, after=True, only="site.create", error=lost)))
    world.settle()
    world.assert_each_story_came_out_once("lost twice")


@pytest.mark.parametrize("end", [Stopped, lambda: SiteUnavailable("monde", "refused the connection")])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_lost_answer_and_a_look_up_that_fails_make_one_post(new_world, after, end):
    world = new_world()
    world.live(Accidents(Accident({0, 2}, after=True, only="site.create", error=lost)))
    for _ in range(3):
        world.clock.advance(**LATER)
        world.live(Accidents(Accident({0, 1}, after, only="site.find", error=end)))
    world.settle()
    world.assert_each_story_came_out_once("look-up failed")


def test_a_call_that_arrives_after_the_restart_makes_one_post(new_world):
    """Killed in the call, started again at once: the site has no post yet, and is still making it."""
    world = new_world()
    killed = Accidents(Accident({0}, after=False, only="site.create"))
    world.live(killed)
    world.clock.advance(seconds=2)
    world.live(Accidents())
    (arrive,) = killed.on_their_way
    arrive()
    world.settle()
    world.assert_each_story_came_out_once("arrived late")


@pytest.fixture
def corrected(new_world):
    """A world whose stories are out, and one of them was corrected since."""

    def make() -> World:
        world = new_world()
        world.settle()
        world.correct("ice", 410)
        return world

    return make


def assert_correction_is_out(world: World, people: int, told: str) -> None:
    world.assert_each_story_came_out_once(told)
    (ice,) = (each.post for each in world.sites["monde"].posts if link("ice") in each.post.html)
    assert f"{people} pessoas" in ice.html, told


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_stopped_at_any_call_of_an_update_the_post_is_corrected_now_and_the_next_time(corrected, after):
    undisturbed = Accidents()
    assert corrected().live(undisturbed)
    assert "site.update" in undisturbed.calls
    for n, name in enumerate(undisturbed.calls):
        world, told = corrected(), f"stopped {'after' if after else 'before'} call {n}, {name}"
        assert not world.live(Accidents(Accident({n}, after)))
        world.settle()
        assert_correction_is_out(world, 410, told)
        world.correct("ice", 510)
        world.settle()
        assert_correction_is_out(world, 510, f"{told}; corrected again")


@pytest.mark.parametrize("settled", [True, False], ids=["later", "at once"])
@pytest.mark.parametrize("taken", [True, False], ids=["acted on", "not acted on"])
def test_after_a_lost_answer_of_an_update_the_next_correction_still_comes_out(corrected, taken, settled):
    world = corrected()
    down = Accident({0}, taken, only="site.update", error=lambda: SiteUnavailable("monde", "timed out"))
    world.live(Accidents(down))
    if settled:
        world.settle()
    world.correct("ice", 510)
    world.settle()
    assert_correction_is_out(world, 510, "answer lost")


def test_a_correction_that_comes_while_the_post_is_on_its_way_is_not_lost(new_world):
    world = new_world()
    world.live(Accidents(Accident({0}, after=True, only="site.create")))
    world.correct("ice", 410)
    world.settle()
    world.clock.advance(**LATER)
    world.live(Accidents())
    world.settle()
    assert_correction_is_out(world, 410, "corrected while publishing")


@pytest.fixture
def taken_back(new_world):
    """A world whose stories are out; the source of one was seen to be gone, a day ago, and is so still."""

    def make() -> World:
        world = new_world(on_withdrawn="trash")
        world.settle()
        world.vanish("ice")
        world.clock.advance(days=1, minutes=1)
        assert world.live(Accidents())
        world.clock.advance(days=1, minutes=1)
        return world

    return make


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_stopped_at_any_call_of_a_withdrawal_the_post_is_taken_back_and_no_other(taken_back, after):
    undisturbed = Accidents()
    assert taken_back().live(undisturbed)
    assert "site.withdraw" in undisturbed.calls
    for n, name in enumerate(undisturbed.calls):
        world, told = taken_back(), f"stopped {'after' if after else 'before'} call {n}, {name}"
        assert not world.live(Accidents(Accident({n}, after)))
        for _ in range(2):
            world.clock.advance(days=1, minutes=1)
            world.live(Accidents())
        in_trash = [each for each in world.sites["monde"].posts if each.remote.status == "trash"]
        assert [link("ice") in each.post.html for each in in_trash] == [True], told
        states = sorted(each.state for each in world.publications())
        assert states == [State.PUBLISHED, State.PUBLISHED, State.RETRACTED], told


def test_stopped_inside_any_transaction_each_story_comes_out_once(new_world):
    writes = ("INSERT", "UPDATE", "DELETE")
    with stopped_at_statement(None, of=writes) as sent:
        new_world().live(Accidents())
    assert len(sent) > 20
    for n, statement in enumerate(sent):
        world = new_world()
        with stopped_at_statement(n, of=writes):
            world.live(Accidents())
        world.settle()
        world.assert_each_story_came_out_once(f"stopped before write {n}, {statement}")


def test_stopped_anywhere_in_the_first_start_the_database_can_be_opened(tmp_path):
    """Each migration is all or nothing: half a schema would stop the bot for good."""
    with stopped_at_statement(None) as sent:
        open_database(tmp_path / "whole.db")
    assert len(sent) > 10
    for n in range(len(sent)):
        with stopped_at_statement(n):
            open_database(tmp_path / f"{n}.db")
        open_database(tmp_path / f"{n}.db")


def open_database(path) -> None:
    DatabaseStore(f"sqlite:///{path}").close()

"""What participants are shown: numbers, balance, order."""

from collections import Counter
from itertools import groupby

import pytest

from mmposetransfer.errors import UserValueError
from mmposetransfer.study import StudyDesign, draw_scenes, plan_trials

NAMES = [f's{i}' for i in range(2000)]


def plans(design, participants, pool=None, seed=3):
    scenes = draw_scenes(NAMES, design, seed, pool)
    return [plan_trials(design, scenes, seed, n) for n in range(participants)]


def blocks(trials):
    return [list(b) for _, b in groupby(trials, lambda trial: trial.block)]


def test_defaults_are_the_papers():
    (trials,) = plans(StudyDesign(('ours', 'DSC')), 1)
    *single, pairs = blocks(trials)
    assert {block[0].method for block in single} == {'ours', 'DSC'}
    for block in single:
        assert Counter(t.shown for t in block) == dict(real=55, generated=55)
        assert [t.practice for t in block] == [True] * 10 + [False] * 100
        counted = Counter(t.shown for t in block if not t.practice)
        assert counted == dict(real=50, generated=50)
    assert [t.practice for t in pairs] == [True] * 5 + [False] * 50
    sides = Counter(t.left for t in pairs if not t.practice)
    assert sides == dict(ours=25, DSC=25)


def test_no_participant_sees_a_scene_twice():
    design = StudyDesign(('a', 'b', 'c'), images=20, pairs=12)
    for trials in plans(design, 7, pool=333):
        scenes = [trial.scene for trial in trials]
        assert len(set(scenes)) == len(scenes) == design.scenes_needed


def test_order_is_each_participants_own_and_can_be_repeated():
    design = StudyDesign(('ours', 'DSC'))
    first, again = plans(design, 3), plans(design, 3)
    assert first == again
    orders = [[t.scene for t in trials] for trials in first]
    # All judge the same scenes unless a larger pool is asked for.
    assert len({frozenset(order) for order in orders}) == 1
    assert orders[0] != orders[1] != orders[2]
    # No pattern: neighbours of one block are as often alike as not.
    (single, *_) = blocks(first[0])
    changes = sum(
        a.shown != b.shown for a, b in zip(single, single[1:], strict=False)
    )
    assert 30 < changes < 80


def test_scenes_of_a_pool_are_shown_about_equally_often():
    design = StudyDesign(('ours', 'DSC'), images=10, pairs=6, image_practice=2)
    shown = Counter(
        trial.scene for trials in plans(design, 30, 100) for trial in trials
    )
    assert len(shown) == 100
    assert max(shown.values()) - min(shown.values()) <= 1


def test_methods_take_turns_where_there_are_more_than_blocks():
    design = StudyDesign(
        ('a', 'b', 'c', 'd'), images=6, pairs=6, blocks=1, image_practice=2
    )
    methods, comparisons = Counter(), Counter()
    for trials in plans(design, 12):
        single, pair = blocks(trials)
        methods[single[0].method] += 1
        comparisons[frozenset([pair[0].left, pair[0].right])] += 1
    assert set(methods.values()) == {3} and len(methods) == 4
    assert set(comparisons.values()) == {2} and len(comparisons) == 6


def test_keys_and_roles_take_turns():
    design = StudyDesign(('ours',), images=10, pairs=0, image_practice=2)
    found = plans(design, 4)
    assert [trials[0].left for trials in found] == [
        'real',
        'generated',
        'real',
        'generated',
    ]
    # What is real for one half of the participants is not for the other.
    real = [{t.scene for t in p if t.shown == 'real'} for p in found]
    assert real[0] == real[1] and real[2] == real[3]
    assert not real[0] & real[2]


@pytest.mark.parametrize(
    'settings, message',
    [
        (dict(methods=()), 'one method or more'),
        (dict(methods=('a', 'a')), 'name of its own'),
        (dict(methods=('real',)), "called 'real'"),
        (dict(methods=('a',), images=5), 'none would be left'),
        (dict(methods=('a', 'b'), pairs=5), 'none would be left'),
        (dict(methods=('a',), images=-1), 'negative'),
        (dict(methods=('a',), images=0), 'no trials'),
        (dict(methods=('a',), blocks=0), 'at least 1'),
    ],
)
def test_impossible_designs_are_refused(settings, message):
    with pytest.raises(UserValueError, match=message):
        StudyDesign(**settings)


def test_too_few_scenes_are_refused_with_their_number():
    design = StudyDesign(('ours', 'DSC'))
    with pytest.raises(UserValueError, match='275 scenes.* 100 are to be had'):
        draw_scenes(NAMES[:100], design, 0)
    with pytest.raises(UserValueError, match='275 scenes'):
        draw_scenes(NAMES, design, 0, pool=274)

"""The order of work: everything once, neighbours together, always alike."""

from dataclasses import replace

import numpy as np
import pytest
from known_fits import all_pairs, known_fits

from mmposetransfer.datasets.flow_truth import plan_work


def named(*names):
    fits = known_fits(len(names))
    return replace(fits, names=np.array(names, object))


def planned(work):
    return [
        (work.ids[r], work.ids[t])
        for c in range(work.num_chunks)
        for r, t in work.pairs(c)
    ]


def test_every_pair_once():
    fits, pairs = known_fits(9), all_pairs(9)
    work, left_out = plan_work(pairs + pairs[5:9], fits, chunk=5)
    done = planned(work)
    assert len(done) == len(set(done)) == work.num_pairs == len(pairs)
    assert {(f'{r}.jpg', f'{t}.jpg') for r, t in done} == set(pairs)
    assert left_out.names == {
        'a pair that is listed before': [
            ' -> '.join(pair) for pair in pairs[5:9]
        ]
    }
    for name, row in zip(work.ids, work.rows, strict=True):
        assert fits.names[row] == f'{name}.jpg'


def test_targets_and_people_lie_together():
    """Images that pairs connect are worked on before any other ones."""
    fits = named('a', 'b', 'c', 'd', 'e', 'f')
    pairs = [('a', 'b'), ('c', 'd'), ('e', 'b'), ('f', 'd'), ('b', 'a')]
    order = planned(plan_work(pairs, fits)[0])
    people = [target in 'abe' for _, target in order]
    assert people in ([True] * 3 + [False] * 2, [False] * 2 + [True] * 3)
    targets = [target for _, target in order]
    for target in set(targets):
        first = targets.index(target)
        count = targets.count(target)
        assert targets[first : first + count] == [target] * count


def test_shares_are_all_of_it_and_disjoint():
    work, _ = plan_work(all_pairs(7), known_fits(7), chunk=4)
    for world in (1, 2, 3, 50):
        shares = [list(work.share(rank, world)) for rank in range(world)]
        assert sorted(sum(shares, [])) == list(range(work.num_chunks))


def test_two_plans_of_the_same_are_the_same():
    plans = [plan_work(all_pairs(6), known_fits(6))[0] for _ in range(2)]
    assert planned(plans[0]) == planned(plans[1])


def test_fits_are_found_with_and_without_ending():
    fits = named('a.jpg', 'b', 'c.d#0', 'e.png')
    work, _ = plan_work([('a', 'b.png'), ('c.d#0', 'e.jpg')], fits)
    assert sorted(planned(work)) == [('a', 'b'), ('c.d#0', 'e')]


def test_pairs_without_a_fit_are_named_or_left_out():
    fits, pairs = named('a', 'b'), [('a', 'b'), ('b', 'c'), ('d', 'a')]
    with pytest.raises(
        ValueError,
        match=(
            '2 of 3 pairs have no fit, the first is pair 1, b -> c; there '
            'are no fits of 2 images, such as c, d.*skip_missing=True'
        ),
    ):
        plan_work(pairs, fits)
    work, left_out = plan_work(pairs, fits, skip_missing=True)
    assert planned(work) == [('a', 'b')]
    assert left_out.names == {'a pair without a fit': ['b -> c', 'd -> a']}


def test_failed_fits_are_left_out_unless_asked_for():
    fits = replace(named('a', 'b', 'c'), success=np.array([1, 0, 1], bool))
    pairs = [('a', 'b'), ('b', 'c'), ('a', 'c')]
    work, left_out = plan_work(pairs, fits)
    assert planned(work) == [('a', 'c')]
    assert left_out.names == {
        'a pair with a fit that failed': ['a -> b', 'b -> c']
    }
    work, left_out = plan_work(pairs, fits, distrusted=True)
    assert work.num_pairs == 3 and not left_out


def test_nothing_left_is_an_empty_plan():
    work, _ = plan_work([('a', 'y')], named('a'), skip_missing=True)
    assert work.num_pairs == work.num_chunks == 0


def test_mistakes_are_named():
    with pytest.raises(ValueError, match='no pairs'):
        plan_work([], named('a'))
    with pytest.raises(ValueError, match='several .* a: a.jpg, a.png'):
        plan_work([('a', 'a')], named('a.jpg', 'a.png'))
    with pytest.raises(ValueError, match="two fits of 'a.jpg'"):
        plan_work([('a', 'a')], named('a.jpg', 'a.jpg'))
    with pytest.raises(ValueError, match="'a.jpg' and 'a.png' would share"):
        plan_work([('a.jpg', 'a.png')], named('a.jpg', 'a.png'))
    with pytest.raises(ValueError, match="one is called 'a', .* picture 'x'"):
        plan_work([('x', 'y')], named('a', 'b'), skip_missing=True)


@pytest.mark.parametrize('name', ['../a', '/etc/a', 'x/../../a', 'C:\\a'])
def test_files_stay_within_their_folder(name):
    work, _ = plan_work([(name, 'b')], named(name, 'b'))
    (file,) = [work.file_name(pair, '.corr') for pair in work.pairs(0)]
    assert file in ('b_a.corr', 'b_etc/a.corr')


def test_pairs_that_would_share_a_file_are_named():
    fits = named('a', 'b_c', 'a_b', 'c')
    assert plan_work([('b_c', 'a')], fits)[0].num_pairs == 1
    with pytest.raises(ValueError, match="share the file 'a_b_c'"):
        plan_work([('b_c', 'a'), ('c', 'a_b')], fits)

"""Agreement against published examples and its definition."""

from itertools import permutations

import numpy as np
import pytest

from mmposetransfer.study import krippendorff_alpha

pytest.importorskip('krippendorff', reason='needs mmposetransfer[study]')

# Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011): what each
# observer said of units 1 to 12; a dot where nothing was said.
BINARY = ('0100000010', '1110010000')
NOMINAL = ('aabbdcccedda', 'babbbccceddd')
INCOMPLETE = (
    '123321412...',
    '1233224125.3',
    '.3332342251.',
    '12332441251.',
)


def units(observers):
    return [
        [said for said in unit if said != '.']
        for unit in zip(*observers, strict=True)
    ]


@pytest.mark.parametrize(
    'observers, published',
    [(BINARY, 0.095), (NOMINAL, 0.692), (INCOMPLETE, 0.743)],
)
def test_published_examples(observers, published):
    assert krippendorff_alpha(units(observers)) == pytest.approx(
        published, abs=5e-4
    )


def by_definition(said):
    """1 - observed / expected disagreement, from all pairs of judgements."""
    said = [unit for unit in said if len(unit) > 1]
    total = sum(map(len, said))
    observed = (
        sum(
            sum(a != b for a, b in permutations(unit, 2)) / (len(unit) - 1)
            for unit in said
        )
        / total
    )
    everything = [value for unit in said for value in unit]
    expected = sum(a != b for a, b in permutations(everything, 2)) / (
        total * (total - 1)
    )
    return 1 - observed / expected


def test_definition_where_people_judged_different_things():
    rng = np.random.default_rng(0)
    said = [
        list(rng.choice(['real', 'generated'], rng.integers(0, 6)))
        for _ in range(40)
    ]
    assert krippendorff_alpha(said) == pytest.approx(
        by_definition(said), abs=1e-12
    )


@pytest.mark.parametrize(
    'said', [[], [['a'], ['b']], [['a', 'a'], ['a', 'a', 'a']]]
)
def test_what_is_not_defined_is_none(said):
    assert krippendorff_alpha(said) is None

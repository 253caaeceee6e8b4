"""Two processes with half of the batch each do what one does with all."""

from functools import lru_cache

import pytest
import torch
from exact_training import (
    BATCH,
    assert_same,
    build,
    part_of,
    train,
    uneven_batch,
)
from mmengine.dist import get_world_size
from mmengine.model import MMSeparateDistributedDataParallel
from processes import run_processes

STAGES = dict(
    flow=['flow_regressor'],
    generator=['generator'],
    adversarial=['generator', 'discriminator'],
    pixel_warping=['pixel_warping', 'discriminator'],
    joint=['flow_regressor', 'generator', 'discriminator'],
)
STEPS = 2


def train_all_stages(rank):
    """Each stage on this process's share of the batch."""
    share = BATCH // get_world_size()
    data = part_of(uneven_batch(), rank * share, (rank + 1) * share)
    results = {}
    for stage, learning in STAGES.items():
        model = build()
        wrapped = MMSeparateDistributedDataParallel(model)
        results[stage] = train(model, wrapped, learning, [data] * STEPS)
    return results


@lru_cache
def in_processes(count):
    return run_processes(count, train_all_stages)


@lru_cache
def in_one_process(stage):
    model = build()
    return train(model, model, STAGES[stage], [uneven_batch()] * STEPS)


@pytest.mark.parametrize('count', [2, 3])
@pytest.mark.parametrize('stage', STAGES)
def test_a_step_is_that_of_one_process(stage, count):
    gradients, losses, weights = in_one_process(stage)
    processes = [result[stage] for result in in_processes(count)]
    for got_gradients, _, got_weights in processes:
        assert len(got_gradients) == STEPS * len(STAGES[stage])
        for got, wanted in zip(got_gradients, gradients, strict=True):
            assert_same(got, wanted)
        assert_same(got_weights, weights)
    # The loss of the whole batch is the mean of what the processes log.
    for step, wanted in enumerate(losses):
        shares = [process[1][step] for process in processes]
        assert_same(
            {
                name: sum(share[name] for share in shares) / count
                for name in wanted
            },
            wanted,
        )
    # Nothing of this is true of numbers that never change.
    start = build().state_dict()
    changed = {
        key.split('.')[0]
        for key, value in weights.items()
        if not torch.equal(value, start[key])
    }
    assert changed == set(STAGES[stage])


@pytest.mark.parametrize('count', [2, 3])
def test_processes_end_with_the_same_bits(count):
    first, *others = in_processes(count)
    for stage, (_, _, weights) in first.items():
        for other in others:
            for key, value in weights.items():
                assert torch.equal(value, other[stage][2][key]), (stage, key)

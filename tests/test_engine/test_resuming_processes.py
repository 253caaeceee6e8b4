"""Two processes break off in mid-epoch, and go on to the bit."""

import pytest
import torch
from processes import run_processes
from toy_training import Crash, CrashAt, Noise, Recorder, toy_runner

OPTIONS = dict(
    cfg=dict(
        model_wrapper_cfg=dict(
            type='MMDistributedDataParallel', device_ids=None
        )
    ),
    launcher='pytorch',
    env_cfg=dict(dist_cfg=dict(backend='gloo')),
    # Random numbers of their own, and gradients that were not used yet.
    randomness=dict(seed=3, diff_rank_seed=True),
    optim_wrapper=dict(
        optimizer=dict(type='SGD', lr=1e-2, momentum=0.9),
        accumulative_counts=2,
    ),
    # With two samples a process an epoch would have three steps.
    loader=dict(dataset=Noise(20)),
)


def train_whole_and_broken(rank, folder):
    """What each process was fed, and its weights, of both runs."""
    whole = Recorder()
    runners = [toy_runner(folder / 'whole', [whole], **OPTIONS)]
    runners[0].train()
    first, second = Recorder(), Recorder()
    with pytest.raises(Crash):
        toy_runner(
            folder / 'broken', [first, CrashAt(7, 'LOWEST')], **OPTIONS
        ).train()
    runners.append(
        toy_runner(folder / 'broken', [second], resume='auto', **OPTIONS)
    )
    runners[1].train()
    first.batches.update(second.batches)
    return (
        whole.batches,
        first.batches,
        sorted(second.batches),
        [runner.model.state_dict() for runner in runners],
    )


def test_processes_go_on_as_if_nothing_had_been(tmp_path):
    results = run_processes(2, train_whole_and_broken, tmp_path)
    for whole, broken, second, (wanted, weights) in results:
        assert second == list(range(7, 15))
        assert whole.keys() == broken.keys()
        assert all(torch.equal(whole[key], broken[key]) for key in whole)
        # The sum of an accumulated gradient is rounded in another order.
        for key, value in wanted.items():
            torch.testing.assert_close(
                weights[key], value, rtol=1e-5, atol=1e-7
            )
    one, other = (result[0] for result in results)
    for epoch in range(3):
        seen = torch.cat(
            [
                fed[5 * epoch + step][:, 0]
                for step in range(5)
                for fed in (one, other)
            ]
        )
        assert sorted(seen.tolist()) == list(range(20))

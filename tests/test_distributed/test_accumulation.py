"""Gradients accumulated over several steps are those of one large batch."""

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
from mmengine.hooks import Hook
from mmengine.model import MMSeparateDistributedDataParallel
from processes import run_processes
from tiny_training import run_training, tiny_config
from torch.distributed.algorithms.ddp_comm_hooks.default_hooks import (
    allreduce_hook,
)


def even_batch():
    """Bodies of one size: the flow loss divides by their area."""
    data = uneven_batch()
    for i, visibility in enumerate(data['inputs']['visibility']):
        visibility.fill_(2)
        left = 8 * (i % 3)  # also of one size at an eighth of the image's
        visibility[:, 8:24, left : left + 16] = i % 2
    return data


def slices(data, count):
    size = BATCH // count
    return [part_of(data, i * size, (i + 1) * size) for i in range(count)]


@pytest.mark.parametrize('count', [2, 3])
@pytest.mark.parametrize(
    'part, make_data',
    [
        ('flow_regressor', even_batch),
        ('generator', uneven_batch),
        ('pixel_warping', uneven_batch),
    ],
)
def test_several_steps_make_one_of_the_whole_batch(part, make_data, count):
    model, whole = build(), build()
    gradients, _, weights = train(
        model,
        model,
        [part],
        slices(make_data(), count),
        accumulative_counts=count,
    )
    wanted, _, wanted_weights = train(whole, whole, [part], [make_data()])
    assert len(gradients) == len(wanted) == 1
    assert_same(gradients[0], wanted[0])
    assert_same(weights, wanted_weights)


def test_discriminator_and_generator_accumulate_apart():
    """The generator's steps leave nothing in the discriminator."""
    learning = ['generator', 'discriminator']
    model, whole = build(), build()
    gradients, _, weights = train(
        model,
        model,
        learning,
        slices(uneven_batch(), 2),
        accumulative_counts=2,
    )
    wanted, _, wanted_weights = train(whole, whole, learning, [uneven_batch()])
    # The discriminator's update comes first.
    assert_same(gradients[0], wanted[0])
    assert {key.split('.')[0] for key in gradients[1]} == {'generator'}
    assert_same(
        *(
            {
                key: value
                for key, value in state.items()
                if key.startswith('discriminator')
            }
            for state in (weights, wanted_weights)
        )
    )


def accumulate(rank):
    """Three steps of one sample; what happened, in order."""
    events = []

    def send(state, bucket):
        events.append('sent')
        return allreduce_hook(None, bucket)

    def batches():
        for i in range(rank * 3, rank * 3 + 3):
            events.append('step')
            yield part_of(uneven_batch(), i, i + 1)

    model = build()
    wrapped = MMSeparateDistributedDataParallel(model)
    model.generator.register_comm_hook(None, send)
    gradients, _, weights = train(
        model, wrapped, ['generator'], batches(), accumulative_counts=3
    )
    return gradients, weights, events


def test_processes_meet_once_an_update():
    whole = build()
    wanted, _, wanted_weights = train(
        whole, whole, ['generator'], [uneven_batch()]
    )
    for gradients, weights, events in run_processes(2, accumulate):
        assert_same(gradients[0], wanted[0])
        assert_same(weights, wanted_weights)
        assert events[:4] == ['step', 'step', 'step', 'sent']
        assert 'step' not in events[4:]


class CountUpdates(Hook):
    """Updates of the flow regressor up to the end of each epoch."""

    def __init__(self):
        self.updates = []

    def after_train_epoch(self, runner):
        wrapper = runner.optim_wrapper['flow_regressor']
        self.updates.append(
            {int(state['step']) for state in wrapper.optimizer.state.values()}
        )


def test_no_gradient_is_lost_where_an_epoch_ends(tmp_path):
    """Epochs of five steps, two of them an update: the fifth makes one."""

    def config(folder):
        cfg = tiny_config(
            tmp_path / folder,
            train_dataloader__batch_size=1,
            train_dataloader__dataset__num_pairs=5,
            optim_wrapper__flow_regressor__accumulative_counts=2,
        )
        cfg.custom_hooks[0].stages = cfg.custom_hooks[0].stages[:1]
        return cfg

    whole, resumed = CountUpdates(), CountUpdates()
    wanted = run_training(config('whole'), whole).model.state_dict()
    cfg = config('resumed')
    cfg.merge_from_dict(
        dict(resume=True, load_from=str(tmp_path / 'whole' / 'epoch_1.pth'))
    )
    got = run_training(cfg, resumed).model.state_dict()
    assert whole.updates == [{3}, {6}]
    assert resumed.updates == [{6}]
    for key, value in wanted.items():
        torch.testing.assert_close(got[key], value, rtol=1e-4, atol=1e-5)

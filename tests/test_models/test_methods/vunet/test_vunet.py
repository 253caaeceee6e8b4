"""VUnet as a whole: single pictures, losses, schedule, transfer, sampling."""

import copy

import pytest
import torch
from closeness import assert_near
from exact_training import part_of
from mmengine.optim import OptimWrapper, OptimWrapperDict
from synthetic_batch import make_batch

from mmposetransfer.models.methods import VUNet
from mmposetransfer.models.methods.vunet import (
    LatentDivergence,
    VUNetGenerator,
    body_part_crops,
)

SIZE = 32
SMALL = dict(base_channels=4, max_channels=8, num_levels=4, crop_factor=2)


def build(**changes):
    torch.manual_seed(0)
    config = dict(
        generator=dict(type='VUNetGenerator', **SMALL, dropout=0.0),
        loss_l1=dict(type='L1Loss', loss_weight=5.0),
        loss_kl=dict(type='LatentDivergence', begin=1, end=3, low=0.1),
    )
    return VUNet(**{**config, **changes})


def learning(model):
    model.set_learning(['generator'])
    return model.train()


def optimizers(model, lr=1e-3, **wrapper):
    adam = torch.optim.Adam(model.generator.parameters(), lr=lr)
    return OptimWrapperDict(generator=OptimWrapper(adam, **wrapper))


def inputs_of(model, **batch):
    return model.data_preprocessor(make_batch(size=SIZE, **batch))['inputs']


# ------------------------------------------------------------------ networks


@pytest.mark.parametrize(
    'size, levels, latents',
    [
        ((256, 256), 7, [(4, 4), (8, 8)]),
        ((128, 64), 6, [(4, 2), (8, 4)]),
    ],
)
def test_published_sizes(size, levels, latents):
    """Channels double from 32 to 128; the coarsest features are 4 high."""
    network = VUNetGenerator(num_levels=levels).eval()
    pose = torch.zeros(1, 3, *size)
    crops = torch.zeros(1, 24, *(side // 4 for side in size))
    with torch.no_grad():
        features = network.shape(pose)
        made = network(pose, crops)
    widths = [32, 64, *[128] * (levels - 2)]
    assert [pair[1].shape[1] for pair in features] == widths
    assert features[-1][1].shape[-2] == 4
    assert made.img.shape == pose.shape
    for means in (made.posteriors, made.priors):
        assert [x.shape for x in means] == [(1, 128, *s) for s in latents]


def test_crops_that_leave_no_room_for_the_latents_are_refused():
    with pytest.raises(ValueError, match='crop_factor'):
        VUNetGenerator(num_levels=4, crop_factor=8)
    with pytest.raises(ValueError, match='crop_factor'):
        VUNetGenerator(crop_factor=3)
    with pytest.raises(ValueError, match='crop_channels'):
        build(parts=['head'])


# -------------------------------------------------------------- single images


def test_it_learns_each_picture_from_itself_alone():
    """The losses of a pair are the mean of those of its pictures."""
    model = learning(build(loss_kl=None))
    inputs = inputs_of(model)
    model.loss(inputs)  # starts the layers
    model.eval()  # latents are means
    got = model.loss(inputs)['loss_l1'].detach()
    by_hand = []
    for side in ('ref', 'tgt'):
        img, joints = inputs[f'{side}_img'], inputs[f'{side}_keypoints']
        crops = body_part_crops(img, joints, (SIZE // 2, SIZE // 2))
        made = model.generator(inputs[f'{side}_pose'], crops).img
        by_hand.append(5 * (made - img).abs().mean().detach())
    assert_near(got, sum(by_hand) / 2)


def test_it_does_not_see_what_belongs_together():
    model = learning(build(loss_kl=None))
    inputs = inputs_of(model)
    model.loss(inputs)
    model.eval()
    others = {
        key: value.flip(0) if key.startswith('tgt_') else value
        for key, value in inputs.items()
    }
    assert_near(
        model.loss(others)['loss_l1'].detach(),
        model.loss(inputs)['loss_l1'].detach(),
    )


def test_it_learns():
    model = learning(build())
    wrappers = optimizers(model, lr=3e-3)
    batch = make_batch(size=SIZE)
    # Of one colour each: noise takes long to learn.
    for name, colors in (('ref_img', (200, 40)), ('tgt_img', (120, 250))):
        batch['inputs'][name] = [
            torch.full((3, SIZE, SIZE), color, dtype=torch.uint8)
            for color in colors
        ]
    log = [model.train_step(batch, wrappers)['loss_l1'] for _ in range(40)]
    assert log[-1] < 0.7 * log[0]


# ----------------------------------------------------------------- divergence


def test_divergence_is_that_of_gaussians():
    """Against torch's of multivariate normal distributions, two levels."""
    torch.manual_seed(0)
    posteriors = [torch.randn(3, 2, 4, 4), torch.randn(3, 2, 8, 8)]
    priors = [torch.randn_like(q) for q in posteriors]
    wanted = sum(
        torch.distributions.kl_divergence(
            torch.distributions.Normal(q, 1.0),
            torch.distributions.Normal(p, 1.0),
        ).sum()
        for q, p in zip(posteriors, priors, strict=True)
    )
    loss = LatentDivergence(low=0.5)
    got = loss(posteriors, priors, torch.tensor(0))
    torch.testing.assert_close(got, 0.5 * wanted / 3)


def test_weight_is_linear_between_its_ends():
    loss = LatentDivergence()  # the paper's
    steps = [0, 50000, 62500, 75000, 100000]
    got = [loss.weight(torch.tensor(step)).item() for step in steps]
    assert got == pytest.approx([1e-6, 1e-6, 0.5000005, 1, 1])
    with pytest.raises(ValueError, match='begin=5 and end=5'):
        LatentDivergence(begin=5, end=5)


def weights_seen(model):
    """The weights that the steps to come will have, as they have them."""
    seen = []
    plain = model.loss_kl.weight

    def weight(step):
        seen.append(plain(step).item())
        return plain(step)

    model.loss_kl.weight = weight
    return seen


def test_weight_grows_by_updates_of_the_weights():
    model = learning(build())
    seen = weights_seen(model)
    wrappers = optimizers(model, accumulative_counts=2)
    for _ in range(8):
        model.train_step(make_batch(size=SIZE), wrappers)
    wanted = [low for low in (0.1, 0.1, 0.55, 1) for _ in range(2)]
    assert seen == pytest.approx(wanted)


class MeanLatents(VUNet):
    """Latents are not drawn, so that two ways of training can be compared."""

    def train(self, mode=True):
        super().train(mode)
        self.generator.posterior.training = False
        return self


def train(model, batches, **wrapper):
    model.set_learning(['generator'])
    model.train()
    wrappers = optimizers(model, **wrapper)
    wrappers['generator'].optimizer = torch.optim.SGD(
        model.generator.parameters(), lr=1e-3
    )
    for batch in batches:
        model.train_step(batch, wrappers)
    return model.state_dict()


def test_accumulated_steps_are_those_of_large_batches():
    """Also where the weight of the divergence grows meanwhile."""
    large = [make_batch(4, SIZE, seed=seed) for seed in range(3)]
    halves = [
        part_of(batch, start, start + 2) for batch in large for start in (0, 2)
    ]
    torch.manual_seed(0)
    model = MeanLatents(
        generator=dict(type='VUNetGenerator', **SMALL, dropout=0.0),
        loss_kl=dict(type='LatentDivergence', begin=0, end=3, high=0.01),
    )
    learning(model).loss(inputs_of(model))  # starts the layers
    whole, parts = copy.deepcopy(model), copy.deepcopy(model)
    wanted = train(whole, large)
    got = train(parts, halves, accumulative_counts=2)
    assert got['update_count.done'] == wanted['update_count.done'] == 3
    for key, value in wanted.items():
        torch.testing.assert_close(got[key], value, rtol=1e-3, atol=1e-5)


def test_a_resumed_run_goes_on_with_the_same_weights():
    """Latents are drawn, and the divergence has a weight that grows."""

    def steps(model, wrappers, seeds):
        for seed in seeds:
            torch.manual_seed(seed)
            model.train_step(make_batch(size=SIZE, seed=seed), wrappers)

    whole = learning(build())
    wrappers = optimizers(whole)
    steps(whole, wrappers, range(2))
    state = copy.deepcopy(whole.state_dict())
    optimizer = copy.deepcopy(wrappers.state_dict())
    steps(whole, wrappers, range(2, 4))

    resumed = learning(build())
    resumed.load_state_dict(state)
    wrappers = optimizers(resumed)
    wrappers.load_state_dict(optimizer)
    seen = weights_seen(resumed)
    steps(resumed, wrappers, range(2, 4))
    assert seen == pytest.approx([0.55, 1.0])
    for key, value in whole.state_dict().items():
        assert torch.equal(resumed.state_dict()[key], value), key


# ------------------------------------------------------- transfer and sampling


def trained():
    """Layers have started, and the network is used."""
    model = learning(build())
    model.loss(inputs_of(model))
    return model.eval()


def test_transfer_takes_the_means_of_the_reference_and_the_target_s_pose():
    model = trained()
    inputs = inputs_of(model)
    img = model.transfer(inputs)['pred_img']
    assert_near(model.transfer(inputs)['pred_img'], img)  # nothing is drawn
    assert img.abs().max() <= 1
    crops = body_part_crops(
        inputs['ref_img'], inputs['ref_keypoints'], (SIZE // 2, SIZE // 2)
    )
    network = model.generator
    means, _ = network.posterior(network.appearance(crops))
    wanted, _ = network.decoder(network.shape(inputs['tgt_pose']), means)
    assert_near(img, wanted.clamp(-1, 1))


def test_the_target_picture_has_no_say_and_the_reference_s_pose_only_cuts():
    model = trained()
    inputs = inputs_of(model)
    img = model.transfer(inputs)['pred_img']
    for name in ('tgt_img', 'ref_pose'):
        changed = inputs | {name: torch.randn_like(inputs[name])}
        assert_near(model.transfer(changed)['pred_img'], img)
    for name in ('ref_img', 'ref_keypoints', 'tgt_pose'):
        changed = inputs | {name: inputs[name].flip(0)}
        difference = model.transfer(changed)['pred_img'] - img
        assert difference.abs().max() > 1e-4, name


def test_sampled_pictures_differ_and_are_of_the_prior():
    """Given the latents that were drawn, the same picture is decoded."""
    model = trained()
    pose = inputs_of(model)['tgt_pose']
    torch.manual_seed(1)
    first, second = model.sample(pose), model.sample(pose)
    assert first.shape == (2, 3, SIZE, SIZE) and first.abs().max() <= 1
    assert (first - second).abs().max() > 1e-4
    drawn = []
    for prior in model.generator.decoder.priors:
        prior.register_forward_hook(lambda *args: drawn.append(args[-1][1]))
    third = model.sample(pose)
    network = model.generator
    again, _ = network.decoder(network.shape(pose), list(drawn))
    assert_near(again.clamp(-1, 1), third)

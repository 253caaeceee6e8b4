"""DPIG as a whole: stages, single pictures, critics, transfer, sampling."""

import copy

import pytest
import torch
from closeness import assert_near
from exact_training import part_of
from mmengine.optim import OptimWrapper, OptimWrapperDict
from synthetic_batch import make_batch

from mmposetransfer.models.methods import DPIG
from mmposetransfer.models.methods.dpig import pose_vectors, vector_keypoints
from mmposetransfer.models.methods.single_images import of_side

SIZE = 32
MASK = dict(type='LimbMask', radius=2, closing=3)
MLP = dict(hidden_channels=8)
PICTURES = {'generator', 'discriminator'}
CODES = {
    'appearance_mapper',
    'appearance_critic',
    'background_mapper',
    'background_critic',
}
POSES = {'pose_mapper', 'pose_critic'}


def build(**changes):
    torch.manual_seed(0)
    config = dict(
        data_preprocessor=dict(
            type='PoseTransferDataPreprocessor',
            pose_encoder=dict(type='DiscPoses', radius=2, low=-1),
            derived=dict(ref_mask=MASK, tgt_mask=MASK),
        ),
        generator=dict(
            type='DPIGGenerator',
            bottleneck_size=(8, 8),
            base_channels=4,
            num_levels=3,
            code_channels=8,
            region_size=8,
            region_levels=2,
            region_channels=4,
            background_channels=6,
        ),
        discriminator=dict(
            type='DCGANDiscriminator', base_channels=4, num_conv=2
        ),
        pose_autoencoder=dict(type='PoseAutoencoder', code_channels=5, **MLP),
    )
    for code, channels in dict(appearance=28, background=6, pose=5).items():
        config |= {
            f'{code}_mapper': dict(
                type='CodeMapper', channels=channels, **MLP
            ),
            f'{code}_critic': dict(
                # Narrow ones have to be steeper.
                type='CodeCritic',
                channels=channels,
                clip=0.5,
                **MLP,
            ),
        }
    return DPIG(**{**config, **changes})


def optimizers(model, lr=0.02, **wrapper):
    return OptimWrapperDict(
        **{
            name: OptimWrapper(
                torch.optim.SGD(getattr(model, name).parameters(), lr=lr),
                **wrapper,
            )
            for name in model.components
        }
    )


def inputs_of(model):
    return model.data_preprocessor(make_batch(size=SIZE))['inputs']


def learning(model, components):
    model.set_learning(components)
    return model.train()


# -------------------------------------------------------------------- stages


@pytest.mark.parametrize(
    'components, losses',
    [
        (PICTURES, {'loss_l1', 'loss_gan', 'loss_d_real', 'loss_d_fake'}),
        ({'generator'}, {'loss_l1'}),
        ({'pose_autoencoder'}, {'loss_pose'}),
        (CODES, {f'loss_{name}' for name in CODES}),
        (POSES, {f'loss_{name}' for name in POSES}),
        ({'pose_critic'}, {'loss_pose_critic'}),
    ],
)
def test_a_step_changes_just_what_learns(components, losses):
    model = learning(build(), components)
    before = copy.deepcopy(model.state_dict())
    log = model.train_step(make_batch(size=SIZE), optimizers(model))
    changed = {
        key.split('.')[0]
        for key, value in model.state_dict().items()
        if not torch.equal(value, before[key])
    }
    assert changed - {'critic_updates'} == components
    assert set(log) == losses
    assert all(value.isfinite() for value in log.values())


@pytest.mark.parametrize(
    'components, name, lr',
    [(PICTURES, 'loss_l1', 0.02), ({'pose_autoencoder'}, 'loss_pose', 0.02)],
)
def test_each_part_of_stage_one_learns(components, name, lr):
    model = learning(build(), components)
    wrappers = optimizers(model, lr)
    batch = make_batch(size=SIZE)
    # Of one colour: noise takes long to learn.
    flat = torch.full((3, SIZE, SIZE), 200, dtype=torch.uint8)
    for side in ('ref_img', 'tgt_img'):
        batch['inputs'][side] = [flat, flat]
    log = [model.train_step(batch, wrappers)[name] for _ in range(30)]
    assert log[-1] < 0.7 * log[0]


def test_what_each_stage_needs():
    model = build()
    assert model.needed_by(CODES) == {'generator'}
    assert model.needed_by(POSES) == {'pose_autoencoder'}


@pytest.mark.parametrize(
    'changes, message',
    [
        (dict(loss_gan=None), 'loss_gan'),
        (dict(pose_mapper=None), 'pose_mapper'),
        (dict(pose_autoencoder=None), 'length of the code of the pose, None'),
        (
            dict(appearance_mapper=dict(type='CodeMapper', channels=3)),
            'appearance, 28, got 3',
        ),
    ],
)
def test_a_config_that_does_not_fit_together_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        build(**changes)


@pytest.mark.parametrize('alone', ['discriminator', 'pose_mapper'])
def test_nobody_learns_without_the_other(alone):
    with pytest.raises(ValueError, match=f"'{alone}' learns beside"):
        build().set_learning([alone])


# ------------------------------------------------------------- single images


def test_pictures_are_made_again_each_from_itself():
    model = learning(build(discriminator=None), {'generator'})
    inputs = inputs_of(model)
    errors = []
    for side in ('ref', 'tgt'):
        img = model.generator(
            *(
                inputs[f'{side}_{k}']
                for k in ('img', 'keypoints', 'pose', 'mask')
            )
        )
        errors.append((img - inputs[f'{side}_img']).abs().mean())
    got = model.loss(inputs)['loss_l1']
    assert_near(got.detach(), 20 * sum(errors).detach() / 2)


def test_poses_are_compared_with_all_that_is_known_of_them():
    model = learning(build(), {'pose_autoencoder'})
    inputs = inputs_of(model)
    joints = torch.cat([inputs['ref_keypoints'], inputs['tgt_keypoints']])
    vectors = pose_vectors(joints, (SIZE, SIZE))
    error = (model.pose_autoencoder(vectors) - vectors).square().mean()
    got = model.loss(inputs)['loss_pose']
    assert_near(got.detach(), 20 * error.detach())


# ------------------------------------------------------------------- critics


def test_losses_of_codes_are_differences_of_mean_scores():
    """A critic's: of what is mapped and what is real; a mapper's: its own."""
    model = learning(build(), POSES)
    inputs = inputs_of(model)
    torch.manual_seed(3)
    got = model.loss(inputs)
    torch.manual_seed(3)
    noise = model.pose_mapper.noise(8)
    joints = torch.cat([inputs['ref_keypoints'], inputs['tgt_keypoints']])
    real = model.pose_autoencoder.encode(pose_vectors(joints, (SIZE, SIZE)))
    critic, mapper = model.pose_critic, model.pose_mapper
    wanted = dict(
        loss_pose_critic=critic(mapper(noise[:4])).mean()
        - critic(real).mean(),
        loss_pose_mapper=-critic(mapper(noise[4:])).mean(),
    )
    for name, loss in wanted.items():
        torch.testing.assert_close(got[name], loss, rtol=1e-4, atol=1e-6)


def test_a_mapper_learns_with_every_fifth_update_of_its_critic():
    model = learning(build(), POSES)
    wrappers = optimizers(model)
    log = [
        set(model.train_step(make_batch(size=SIZE), wrappers))
        for _ in range(11)
    ]
    mapped = [i for i, some in enumerate(log) if 'loss_pose_mapper' in some]
    assert mapped == [0, 5, 10]
    for parameter in model.pose_critic.parameters():
        assert parameter.abs().max() <= 0.5


def test_batches_of_one_update_agree_whether_the_mapper_learns():
    """Two batches an update; every second update is the mapper's."""
    model = learning(build(critic_steps=2), POSES)
    wrappers = optimizers(model, accumulative_counts=2)
    whole = make_batch(4, SIZE)
    log = []
    for step in range(8):
        before = copy.deepcopy(model.state_dict())
        batch = part_of(whole, step % 2 * 2, step % 2 * 2 + 2)
        losses = model.train_step(batch, wrappers)
        changed = {
            key.split('.')[0]
            for key, value in model.state_dict().items()
            if not torch.equal(value, before[key])
        } - {'critic_updates'}
        log.append(('loss_pose_mapper' in losses, changed))
    critic, both = {'pose_critic'}, {'pose_critic', 'pose_mapper'}
    assert (
        log
        == [
            (True, set()),
            (True, both),
            (False, set()),
            (False, critic),
        ]
        * 2
    )
    assert model.critic_updates['pose'].done == 4


def test_mapped_noise_comes_to_look_like_the_codes():
    """Codes of one place: noise is mapped there."""
    model = learning(build(critic_steps=1), POSES)
    real = torch.tensor([0.5, -0.4, 0.3, 0.0, 0.2]).expand(32, -1)
    wrappers = OptimWrapperDict(
        **{
            name: OptimWrapper(
                torch.optim.RMSprop(
                    getattr(model, name).parameters(), lr=2e-3, alpha=0.9
                )
            )
            for name in POSES
        }
    )

    def distance():
        return (model.sample_codes('pose', 32) - real).norm(dim=1).mean()

    with torch.no_grad():
        before = distance()
    for _ in range(150):
        for update in model._code_updates('pose', real):
            model.step(*update, wrappers)
    with torch.no_grad():
        assert distance() < 0.5 * before


# ------------------------------------------------------------------- transfer


def test_transfer_keeps_the_code_and_swaps_the_pose():
    model = build().eval()
    inputs = inputs_of(model)
    got = model.transfer(inputs)
    assert set(got) == {'pred_img'}
    codes = model.encode(of_side(inputs, 'ref'))
    wanted = model.generator.decode(codes, inputs['tgt_pose'])
    assert_near(got['pred_img'], wanted.clamp(-1, 1))
    for name in ('tgt_img', 'ref_pose', 'tgt_mask'):
        changed = inputs | {name: torch.rand_like(inputs[name])}
        assert_near(model.transfer(changed), got)


def test_without_a_background_no_mask_is_wanted():
    plain = build(
        data_preprocessor=None,
        generator=dict(
            type='DPIGGenerator',
            bottleneck_size=(8, 8),
            base_channels=4,
            num_levels=2,
            region_size=8,
            region_levels=2,
            region_channels=4,
        ),
        background_mapper=None,
        background_critic=None,
    ).eval()
    assert plain(inputs_of(plain)).shape == (2, 3, SIZE, SIZE)
    assert set(plain.encode(of_side(inputs_of(plain), 'tgt'))) == {
        'appearance'
    }


# ------------------------------------------------------------------- sampling


def test_sampled_people_are_decoded_from_mapped_noise():
    model = build().eval()
    torch.manual_seed(1)
    got = model.sample(3, (SIZE, 24))
    assert got['pred_img'].shape == (3, 3, SIZE, 24)
    torch.manual_seed(1)
    codes = {}
    for name in ('pose', 'appearance', 'background'):
        mapper = getattr(model, f'{name}_mapper')
        codes[name] = mapper(0.2 * torch.randn(3, mapper.channels))
    vectors = model.pose_autoencoder.decode(codes.pop('pose'))
    keypoints = vector_keypoints(vectors, (SIZE, 24))
    assert_near(got['tgt_keypoints'], keypoints.detach())
    pose = model.data_preprocessor.pose_encoders['tgt_pose'](
        keypoints, (SIZE, 24)
    )
    img = model.generator.decode(codes, pose).clamp(-1, 1)
    assert_near(got['pred_img'], img.detach())
    assert not got['pred_img'].requires_grad


def test_what_is_kept_stays_and_all_else_is_new():
    model = build().eval()
    inputs = inputs_of(model)
    person = {
        name: code[:1]
        for name, code in model.encode(of_side(inputs, 'ref')).items()
    }
    poses = inputs['tgt_keypoints']
    kept = model.sample(2, (SIZE, SIZE), codes=person, keypoints=poses)
    assert torch.equal(kept['tgt_keypoints'], poses)
    wanted = model.generator.decode(
        {name: code.expand(2, -1) for name, code in person.items()},
        inputs['tgt_pose'],
    )
    assert_near(kept['pred_img'], wanted.detach().clamp(-1, 1))
    codes = dict(pose=torch.zeros(1, 5), background=person['background'])
    new = model.sample(2, (SIZE, SIZE), codes=codes)
    assert_near(new['tgt_keypoints'][0], new['tgt_keypoints'][1])
    difference = new['pred_img'][0] - new['pred_img'][1]
    assert difference.abs().max() > 1e-4  # two people


def test_sampling_before_its_stage_says_what_is_missing():
    model = build().eval()
    model.set_pending(['pose_mapper'])
    with pytest.raises(ValueError, match="'pose_mapper', which is still"):
        model.sample(1, (SIZE, SIZE))
    joints = inputs_of(model)['ref_keypoints'][:1]
    assert model.sample(2, (SIZE, SIZE), keypoints=joints)
    bare = build(appearance_mapper=None, appearance_critic=None).eval()
    with pytest.raises(ValueError, match="'appearance_mapper', which the"):
        bare.sample(1, (SIZE, SIZE))

"""Training steps in float64, to compare ways of computing the same."""

import torch
from synthetic_batch import make_batch
from torch import nn

from mmposetransfer.engine import MultiOptimWrapperConstructor
from mmposetransfer.models import PoseTransferDataPreprocessor
from mmposetransfer.registry import MODELS

BATCH, SIZE = 6, 32


class DoublePreprocessor(PoseTransferDataPreprocessor):
    """Inputs in float64, in which rounding is out of the comparison."""

    def forward(self, data, training=False):
        data = super().forward(data, training)
        data['inputs'] = {
            key: value.double() if value.is_floating_point() else value
            for key, value in data['inputs'].items()
        }
        return data


def uneven_batch():
    """Bodies that differ strongly between the first samples and the last."""
    data = make_batch(BATCH, SIZE)
    for i, visibility in enumerate(data['inputs']['visibility']):
        visibility.fill_(2)
        if i == 0:
            visibility[:, :30, :30] = 0
        elif i < BATCH // 2:
            visibility[:, 4:28, 6:25] = torch.arange(19) % 2
        elif i == BATCH - 1:
            visibility[:, 10:13, 9:12] = 1  # and no body at all in others
    return data


def part_of(data, start, stop):
    return dict(
        data,
        inputs={
            key: values[start:stop] for key, values in data['inputs'].items()
        },
    )


def build():
    """A model in float64, with statistics that BatchNorm has gathered."""
    torch.manual_seed(0)
    model = MODELS.build(
        dict(
            type='DIPT',
            flow_regressor=dict(
                type='FlowRegressor',
                backbone=dict(
                    type='FlowUNet',
                    base_channels=4,
                    max_channels=8,
                    num_levels=3,
                ),
            ),
            generator=dict(
                type='DualPathGenerator',
                base_channels=4,
                max_channels=8,
                num_levels=3,
                num_warp_levels=2,
            ),
            pixel_warping=dict(
                type='PixelWarping',
                base_channels=4,
                max_channels=8,
                num_levels=3,
            ),
            discriminator=dict(
                type='PatchDiscriminator', base_channels=4, num_conv=2
            ),
            loss_perceptual=dict(
                type='PerceptualLoss', layer_weights=dict(relu1_1=1.0)
            ),
            loss_gan=dict(type='GANLoss', loss_weight=0.5),
        )
    )
    model.data_preprocessor = DoublePreprocessor(
        pose_encoder=dict(type='DiscPoses', radius=2)
    )
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(std=0.3)
            module.running_var.uniform_(0.5, 2)
    # The statistics of half a batch are others than those of a whole one.
    model.freeze_norm = True
    return model.double()


def build_optimizers(model, learning, optimizer, **wrapper):
    config = {
        part: dict(optimizer=dict(type=optimizer, lr=1e-3), **wrapper)
        for part in learning
    }
    return MultiOptimWrapperConstructor(config)(model)


def record_gradients(model, optimizers):
    """List of the gradients of every update, by name of the parameter."""
    record = []

    def step_of(part, wrapper):
        def step(**kwargs):
            record.append(
                {
                    f'{part}.{name.removeprefix("module.")}': p.grad.clone()
                    for name, p in getattr(model, part).named_parameters()
                }
            )
            plain_step(**kwargs)

        plain_step = wrapper.step
        return step

    for part, wrapper in optimizers.items():
        wrapper.step = step_of(part, wrapper)
    return record


def keep_statistics(model):
    """The discriminator's, too, which a stage's freeze_norm leaves out."""
    for module in model.discriminator.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


def train(model, wrapped, learning, batches, optimizer='Adam', **wrapper):
    """Gradients, losses and weights of training on some batches."""
    model.set_learning(learning)
    model.train()
    keep_statistics(model)
    optimizers = build_optimizers(wrapped, learning, optimizer, **wrapper)
    gradients = record_gradients(model, optimizers)
    losses = [wrapped.train_step(batch, optimizers) for batch in batches]
    weights = {
        key.replace('.module.', '.'): value.clone()
        for key, value in model.state_dict().items()
    }
    return gradients, losses, weights


def assert_same(got, wanted):
    assert got.keys() == wanted.keys()
    for key, value in wanted.items():
        torch.testing.assert_close(
            got[key],
            value,
            rtol=1e-8,
            atol=1e-12,
            msg=lambda text, key=key: f'{key}: {text}',
        )

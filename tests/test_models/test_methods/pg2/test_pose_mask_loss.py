"""PG2's pose mask loss against a loop, and its gradient."""

import pytest
import torch

from mmposetransfer.models.methods.pg2 import PoseMaskLoss


def pictures():
    generator = torch.Generator().manual_seed(0)
    pred, target = torch.randn(2, 2, 3, 4, 5, generator=generator).double()
    mask = torch.rand(2, 1, 4, 5, generator=generator).round().double()
    return pred, target, mask


def by_hand(pred, target, mask, mask_weight):
    """L1 of the pictures, and L1 of what of them lies on the body."""
    whole = body = 0.0
    for n, c, y, x in torch.cartesian_prod(
        *(torch.arange(size) for size in pred.shape)
    ).tolist():
        error = abs(float(pred[n, c, y, x] - target[n, c, y, x]))
        whole += error
        body += error * float(mask[n, 0, y, x])
    return (whole + mask_weight * body) / pred.numel()


@pytest.mark.parametrize('mask_weight', [0, 1, 3])
def test_values(mask_weight):
    got = PoseMaskLoss(2, mask_weight)(*pictures())
    wanted = by_hand(*pictures(), mask_weight)
    assert got.item() == pytest.approx(2 * wanted)


def test_gradient_on_the_body_is_twice_that_beside_it():
    pred, target, mask = pictures()
    pred.requires_grad_()
    PoseMaskLoss()(pred, target, mask).backward()
    wanted = (pred - target).sign() * (1 + mask) / pred.numel()
    torch.testing.assert_close(pred.grad, wanted)

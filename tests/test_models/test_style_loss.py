"""Style loss: products of channels against numpy's, and what they forget."""

import numpy as np
import torch
from closeness import assert_near

from mmposetransfer.models.losses import StyleLoss, gram_matrix


def test_style_is_the_distance_of_products_of_channels():
    torch.manual_seed(0)
    features = torch.randn(2, 3, 4, 5)
    by_hand = features.numpy()
    wanted = np.einsum('nchw,ndhw->ncd', by_hand, by_hand) / 60
    np.testing.assert_allclose(gram_matrix(features), wanted, atol=1e-6)
    first, second = torch.rand(2, 1, 3, 8, 8) * 2 - 1
    loss = StyleLoss(('relu1_1', 'relu1_2'), 'random', loss_weight=3.0)
    a, b = loss.vgg(first), loss.vgg(second)
    wanted = sum(
        (gram_matrix(a[layer]) - gram_matrix(b[layer])).abs().mean()
        for layer in a
    )
    assert_near(loss(first, second), 3 * wanted)


def test_style_does_not_see_where_things_are():
    """Of features whose places are mixed up the products stay."""
    torch.manual_seed(0)
    features = torch.randn(1, 4, 6, 6)
    mixed = features.flatten(2)[..., torch.randperm(36)].view_as(features)
    assert_near(gram_matrix(mixed), gram_matrix(features))

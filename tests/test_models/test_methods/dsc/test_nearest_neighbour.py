"""DSC's nearest-neighbour loss, against a brute-force search."""

import pytest
import torch
from closeness import assert_near

from mmposetransfer.models.losses import VGG19Features
from mmposetransfer.models.methods.dsc import (
    NearestNeighbourLoss,
    nearest_neighbour_distance,
)


def brute_force(features, wanted, window):
    """One place at a time."""
    count, _, height, width = features.shape
    border = window // 2
    distances = torch.zeros(count, height, width, dtype=features.dtype)
    for n in range(count):
        for y in range(height):
            for x in range(width):
                distances[n, y, x] = min(
                    (features[n, :, y, x] - wanted[n, :, v, u]).abs().sum()
                    for v in range(max(y - border, 0), y + border + 1)
                    for u in range(max(x - border, 0), x + border + 1)
                    if v < height and u < width
                )
    return distances


@pytest.mark.parametrize('window', [1, 3, 5])
def test_distances_are_those_of_a_search(window):
    torch.manual_seed(window)
    features, wanted = torch.randn(2, 2, 3, 6, 7)
    got = nearest_neighbour_distance(features, wanted, window)
    assert_near(got, brute_force(features, wanted, window))


def test_gradients_are_those_of_the_search():
    torch.manual_seed(0)
    features, wanted = torch.randn(2, 1, 2, 5, 4, dtype=torch.float64)
    ours, theirs = (features.clone().requires_grad_() for _ in range(2))
    nearest_neighbour_distance(ours, wanted, 3).sum().backward()
    brute_force(theirs, wanted, 3).sum().backward()
    assert_near(ours.grad, theirs.grad)


def test_a_shift_by_less_than_half_the_window_costs_nothing():
    torch.manual_seed(0)
    wanted = torch.randn(1, 3, 12, 12)
    moved = wanted.roll((2, -1), (2, 3))
    distance = nearest_neighbour_distance(moved, wanted, 5)
    assert not distance[:, 2:, :-1].any()  # what did not come from outside
    narrow = nearest_neighbour_distance(moved, wanted, 3)
    assert (narrow[:, 2:, :-1] > 0).float().mean() > 0.99


def test_the_loss_is_of_the_features_of_a_layer():
    torch.manual_seed(0)
    pred, target = torch.rand(2, 2, 3, 16, 12) * 2 - 1
    loss = NearestNeighbourLoss(
        'relu1_1', 3, pretrained='random', loss_weight=0.5
    )
    vgg = VGG19Features(['relu1_1'], 'random')
    features, wanted = (vgg(img)['relu1_1'] for img in (pred, target))
    distance = nearest_neighbour_distance(features, wanted, 3)
    assert_near(loss(pred, target), 0.5 * distance.mean())
    assert loss(target, target) == 0
    assert not list(loss.parameters()) and not loss.state_dict()


@pytest.mark.parametrize('window', [0, 4])
def test_a_window_without_a_middle_is_refused(window):
    with pytest.raises(ValueError, match='odd number'):
        NearestNeighbourLoss(window=window)

"""Errors of flow and visibility, against loops over pixels."""

import math

import numpy as np
import pytest
import torch

from mmposetransfer.evaluation.functional import (
    confusion_matrix,
    end_point_error,
    end_point_error_sums,
    visibility_accuracy,
    visibility_miou,
)


def _random_case(n=3, h=5, w=4):
    generator = torch.Generator().manual_seed(0)
    pred, gt = torch.randn(2, n, 2, h, w, generator=generator)
    visibility = torch.randint(0, 3, (n, 1, h, w), generator=generator)
    return pred, gt, visibility.to(torch.uint8)


@pytest.mark.parametrize('classes', [(0,), (0, 1)])
def test_end_point_error_equals_a_loop(classes):
    pred, gt, visibility = _random_case()
    total, count = [0.0] * 3, [0] * 3
    for i, y, x in np.ndindex(3, 5, 4):
        if int(visibility[i, 0, y, x]) in classes:
            dx, dy = (pred - gt)[i, :, y, x].tolist()
            total[i] += math.hypot(dx, dy)
            count[i] += 1
    sums, counts = end_point_error_sums(pred, gt, visibility, classes)
    np.testing.assert_allclose(sums, total, rtol=1e-6)
    assert counts.tolist() == count
    assert float(
        end_point_error(pred, gt, visibility, classes)
    ) == pytest.approx(sum(total) / sum(count))


def test_pixels_that_do_not_count_have_no_say():
    pred, gt, visibility = _random_case()
    expected = end_point_error(pred, gt, visibility)
    hidden = (visibility != 0).expand_as(pred)
    pred[hidden] = float('nan')
    torch.testing.assert_close(end_point_error(pred, gt, visibility), expected)
    pred[~hidden] = float('nan')
    assert end_point_error(pred, gt, visibility).isnan()


def test_no_visible_pixel_is_nan_not_zero():
    pred, gt, visibility = _random_case()
    nothing = torch.full_like(visibility, 2)
    assert end_point_error(pred, gt, nothing).isnan()


def test_confusion_matrix_equals_a_loop():
    *_, truth = _random_case()
    pred = truth.roll(1, dims=-1)
    expected = np.zeros((3, 3, 3), int)
    for i, y, x in np.ndindex(3, 5, 4):
        expected[i, int(truth[i, 0, y, x]), int(pred[i, 0, y, x])] += 1
    np.testing.assert_array_equal(confusion_matrix(pred, truth), expected)


def test_accuracy_and_miou_in_closed_form():
    matrix = torch.tensor([[6, 2, 0], [1, 3, 0], [0, 0, 0]])
    assert float(visibility_accuracy(matrix)) == pytest.approx(9 / 12)
    # class 2 is neither there nor predicted: it does not count
    expected = (6 / 9 + 3 / 6) / 2
    assert float(visibility_miou(matrix)) == pytest.approx(expected)
    batched = torch.stack([matrix, torch.eye(3, dtype=torch.long)])
    np.testing.assert_allclose(visibility_miou(batched), [expected, 1])
    np.testing.assert_allclose(visibility_accuracy(batched), [0.75, 1])


def test_miou_equals_torchmetrics():
    from torchmetrics.functional.classification import (
        multiclass_jaccard_index,
    )

    *_, truth = _random_case(n=8)
    pred = truth.roll(1, dims=0)
    expected = multiclass_jaccard_index(
        pred.flatten().long(), truth.flatten().long(), num_classes=3
    )
    got = visibility_miou(confusion_matrix(pred, truth).sum(0))
    assert float(got) == pytest.approx(float(expected), abs=1e-6)


def test_errors_say_what_is_wrong():
    pred, gt, visibility = _random_case()
    with pytest.raises(ValueError, match=r'one shape \(N, 2, H, W\)'):
        end_point_error(pred[..., 1:], gt, visibility)
    with pytest.raises(ValueError, match=r'visibility of shape'):
        end_point_error(pred, gt, visibility[:, 0])
    with pytest.raises(ValueError, match=r'predicted classes .* 0 to 255'):
        wrong = visibility.clone()
        wrong[0, 0, 0, :2] = torch.tensor([0, 255])
        confusion_matrix(wrong, visibility)

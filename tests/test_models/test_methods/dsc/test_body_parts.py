"""DSC's parts and their transforms, against OpenCV, NumPy and plain loops."""

import cv2
import numpy as np
import pytest
import torch
from scipy.ndimage import map_coordinates
from skimage.measure import points_in_poly

from mmposetransfer.geometry.skeletons import SKELETONS
from mmposetransfer.models.methods.dsc import (
    deform_features,
    fit_affine,
    match_parts,
)

SIZE = (96, 64)  # (height, width)
INDEX = SKELETONS['openpose18'].index
# A person from the front, in shares of the picture's height.
STANDING = dict(
    nose=(0.33, 0.14),
    neck=(0.33, 0.22),
    right_shoulder=(0.25, 0.22),
    right_elbow=(0.20, 0.34),
    right_wrist=(0.17, 0.45),
    left_shoulder=(0.41, 0.23),
    left_elbow=(0.47, 0.34),
    left_wrist=(0.52, 0.43),
    right_hip=(0.28, 0.48),
    right_knee=(0.27, 0.68),
    right_ankle=(0.26, 0.88),
    left_hip=(0.38, 0.48),
    left_knee=(0.39, 0.69),
    left_ankle=(0.41, 0.90),
    right_eye=(0.31, 0.12),
    left_eye=(0.35, 0.12),
    right_ear=(0.29, 0.13),
    left_ear=(0.37, 0.13),
)
# Part of the body -> its two joints, and how far its rectangle goes beyond
# the second one, where it is measured and where it is masked.
LIMBS = {
    2: ('right_hip', 'right_knee', 0.1, 0.1),
    3: ('left_hip', 'left_knee', 0.1, 0.1),
    4: ('right_knee', 'right_ankle', 0.3, 0.5),
    5: ('left_knee', 'left_ankle', 0.3, 0.5),
    6: ('right_shoulder', 'right_elbow', 0.1, 0.1),
    7: ('left_shoulder', 'left_elbow', 0.1, 0.1),
    8: ('right_elbow', 'right_wrist', 0.3, 0.5),
    9: ('left_elbow', 'left_wrist', 0.3, 0.5),
}
TORSO = ('right_hip', 'left_hip', 'right_shoulder', 'left_shoulder')
FACE = ('nose', 'right_eye', 'left_eye', 'right_ear', 'left_ear')


def poses(count=3, seed=0):
    """Poses around that of the person above, (count, 18, 3)."""
    generator = torch.Generator().manual_seed(seed)
    joints = torch.tensor(
        [STANDING[name] for name in SKELETONS['openpose18'].joints]
    )
    moved = SIZE[0] * joints + 4 * torch.randn(
        count, 18, 2, generator=generator
    )
    return torch.cat([moved, torch.ones(count, 18, 1)], -1)


@pytest.fixture
def pair():
    return poses(seed=0), poses(seed=1)


def lose(keypoints, *names):
    """Without some joints, whose places are no numbers."""
    keypoints = keypoints.clone()
    for name in names:
        keypoints[:, INDEX(name)] = torch.tensor([torch.nan, torch.nan, 0])
    return keypoints


# ------------------------------------------------------------ plain versions


def points_of(pose, names):
    return np.array([pose[INDEX(name), :2].numpy() for name in names], float)


def torso_length(pose):
    flanks = [
        points_of(pose, (f'{side}_hip', f'{side}_shoulder'))
        for side in ('right', 'left')
    ]
    return np.sqrt(np.mean([((a - b) ** 2).sum() for a, b in flanks]))


def rectangle(pose, start, end, beyond):
    """Corners of a limb's rectangle, one limb at a time."""
    start, end = points_of(pose, (start, end))
    start = start - 0.1 * (end - start)
    end = end + beyond * (end - start)
    x, y = (end - start) / np.hypot(*(end - start))
    across = 0.2 * torso_length(pose) * np.array([-y, x])
    return np.array(
        [start + across, start - across, end - across, end + across]
    )


def least_squares(points, goals):
    """NumPy's solution of the six numbers, (2, 3)."""
    ones = np.column_stack([points, np.ones(len(points))])
    return np.linalg.lstsq(ones, goals, rcond=None)[0].T


def centres():
    ys, xs = np.mgrid[: SIZE[0], : SIZE[1]]
    return np.column_stack([xs.ravel(), ys.ravel()])


def masks_of(parts, size=SIZE, stride=1):
    xs, ys = (
        stride * torch.arange(n // stride) + (stride - 1) / 2
        for n in (size[1], size[0])
    )
    return torch.stack([parts.mask(p, xs, ys[:, None]) for p in range(10)], 1)


# ----------------------------------------------------------------- transforms


def test_three_points_are_met_as_by_opencv():
    rng = np.random.default_rng(0)
    triangle = np.float32([[10, 10], [80, 20], [30, 70]])
    points, goals = triangle + rng.uniform(-9, 9, (2, 2, 5, 3, 2)).astype(
        np.float32
    )
    got, known = fit_affine(
        *map(torch.from_numpy, (points, goals)), torch.ones(2, 5, 3)
    )
    assert known.all()
    for n in range(2):
        for k in range(5):
            wanted = cv2.getAffineTransform(points[n, k], goals[n, k])
            np.testing.assert_allclose(got[n, k], wanted, atol=2e-3)


def test_more_points_are_met_in_the_least_squares():
    rng = np.random.default_rng(1)
    points, goals = rng.uniform(0, 90, (2, 4, 7, 2)).astype(np.float32)
    weight = torch.ones(4, 7)
    weight[:, 5:] = 0  # are left out
    got, _ = fit_affine(*map(torch.from_numpy, (points, goals)), weight)
    for n in range(4):
        wanted = least_squares(points[n, :5], goals[n, :5])
        np.testing.assert_allclose(got[n], wanted, atol=2e-3)


@pytest.mark.parametrize('flat', ['points', 'images', 'too few'])
def test_points_on_a_line_say_nothing(flat):
    line = torch.tensor([[0.0, 0], [10, 20], [20, 40], [30, 60]])
    square = torch.tensor([[0.0, 0], [10, 0], [10, 10], [0, 10]])
    points, images, weight = square, square, torch.ones(4)
    if flat == 'points':
        points = line
    elif flat == 'images':
        images = line
    else:
        weight = torch.tensor([1.0, 1, 0, 0])
    matrix, known = fit_affine(points, images, weight)
    assert not known
    assert torch.equal(matrix, torch.eye(2, 3))


def test_parts_move_as_their_rectangles_do(pair):
    parts = match_parts(*pair, SIZE)
    assert parts.known.all()
    for n, (ref, tgt) in enumerate(zip(*pair, strict=True)):
        for part, names in ((0, TORSO), (1, FACE + TORSO[2:])):
            wanted = least_squares(
                points_of(tgt, names), points_of(ref, names)
            )
            np.testing.assert_allclose(
                parts.matrix[n, part], wanted, atol=2e-3
            )
        for part, (start, end, beyond, _) in LIMBS.items():
            corners = (
                rectangle(pose, start, end, beyond)[:3].astype(np.float32)
                for pose in (tgt, ref)
            )
            wanted = cv2.getAffineTransform(*corners)
            np.testing.assert_allclose(
                parts.matrix[n, part], wanted, atol=5e-3
            )


def test_a_missing_limb_is_that_of_the_other_side(pair):
    ref, tgt = lose(pair[0], 'right_wrist', 'left_knee'), pair[1]
    parts = match_parts(ref, tgt, SIZE)
    assert parts.known.all()
    # Of the target's limb, and of the reference's other one.
    for part, other in ((8, 9), (3, 2), (5, 4)):
        start, end, beyond, _ = LIMBS[part]
        mirrored = LIMBS[other][:2]
        for n in range(3):
            wanted = cv2.getAffineTransform(
                rectangle(tgt[n], start, end, beyond)[:3].astype(np.float32),
                rectangle(pair[0][n], *mirrored, beyond)[:3].astype(
                    np.float32
                ),
            )
            np.testing.assert_allclose(
                parts.matrix[n, part], wanted, atol=5e-3
            )


def known_parts(ref, tgt):
    parts = match_parts(ref, tgt, SIZE)
    assert parts.matrix.isfinite().all()
    assert (parts.known == parts.known[:1]).all()
    return set(np.flatnonzero(parts.known[0]))


ALL = set(range(10))


@pytest.mark.parametrize(
    'ref_lacks, tgt_lacks, lost',
    [
        (['right_wrist', 'left_wrist'], [], {8, 9}),
        ([], ['right_wrist'], {8}),
        (['left_wrist'], ['right_wrist'], {8}),
        (['left_wrist', 'right_elbow'], [], {6, 8, 9} - {6}),
        (FACE, [], {1}),
        (FACE[:2], FACE[2:], {1}),
        (FACE[1:], [], set()),
        (['left_hip'], [], set()),
        (['left_hip', 'right_hip'], [], {0, 2, 3}),
        (['left_hip'], ['right_hip'], {0, 2}),
    ],
)
def test_what_is_known(pair, ref_lacks, tgt_lacks, lost):
    ref, tgt = lose(pair[0], *ref_lacks), lose(pair[1], *tgt_lacks)
    assert known_parts(ref, tgt) == ALL - lost


def test_a_limb_that_points_at_the_camera_is_not_known(pair):
    ref, tgt = pair
    tgt[:, INDEX('right_wrist')] = tgt[:, INDEX('right_elbow')]
    assert known_parts(ref, tgt) == ALL - {8}


def test_nobody_is_nowhere():
    nobody = lose(poses(), *SKELETONS['openpose18'].joints)
    parts = match_parts(nobody, nobody, SIZE)
    assert not parts.known.any() and not masks_of(parts).any()


# ---------------------------------------------------------------------- masks


def test_masks_are_the_rectangles_of_the_target(pair):
    masks = masks_of(match_parts(*pair, SIZE)).numpy()
    assert masks[:, 0].all()
    for n, tgt in enumerate(pair[1]):
        for part, (start, end, _, beyond) in LIMBS.items():
            corners = rectangle(tgt, start, end, beyond)
            inside = points_in_poly(centres(), corners).reshape(SIZE)
            assert inside.any()
            # Rounding decides about pixels on the border.
            assert (inside != masks[n, part]).sum() <= 2
        middle = points_of(tgt, FACE).mean(0)
        away = np.abs(centres() - middle).max(1).reshape(SIZE)
        assert ((away <= 0.4 * torso_length(tgt)) != masks[n, 1]).sum() <= 2


# --------------------------------------------------------------------- warping


def smooth(channels, size, seed=0):
    """Features that interpolation changes little."""
    noise = np.random.default_rng(seed).normal(size=(channels, *size))
    blurred = [
        cv2.GaussianBlur(x.astype(np.float32), (0, 0), 3) for x in noise
    ]
    return np.stack(blurred)


def test_features_move_as_opencv_warps_pictures(pair):
    """Part by part and picture by picture; the largest of all ten."""
    parts = match_parts(*pair, SIZE)
    masks = masks_of(parts).numpy()
    x = np.stack([smooth(2, SIZE, seed) for seed in range(3)])
    got = deform_features(torch.from_numpy(x), parts).numpy()
    for n in range(3):
        for channel in range(2):
            moved = [
                masks[n, part]
                * cv2.warpAffine(
                    x[n, channel],
                    parts.matrix[n, part].numpy(),
                    SIZE[::-1],
                    flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                )
                for part in range(10)
            ]
            # OpenCV rounds places to a 32nd of a pixel.
            error = np.abs(got[n, channel] - np.max(moved, 0))
            assert error.max() < 0.05 * np.abs(x).max()
            assert error.mean() < 0.002 * np.abs(x).max()


@pytest.mark.parametrize('stride', [1, 2, 4])
def test_coarse_features_move_with_the_picture(pair, stride):
    """By SciPy, at the places in the picture that coarse pixels stand for."""
    parts = match_parts(*pair, SIZE)
    masks = masks_of(parts, stride=stride).numpy()
    size = (SIZE[0] // stride, SIZE[1] // stride)
    x = np.random.default_rng(0).normal(size=(3, 1, *size))
    got = deform_features(torch.from_numpy(x), parts, stride).numpy()
    assert got.dtype == x.dtype
    middle = (stride - 1) / 2
    rows, columns = np.mgrid[: size[0], : size[1]] * stride + middle
    for n in range(3):
        moved = []
        for part in range(10):
            (a, b, c), (d, e, f) = parts.matrix[n, part].double().numpy()
            xs, ys = a * columns + b * rows + c, d * columns + e * rows + f
            at = [(ys - middle) / stride, (xs - middle) / stride]
            warped = map_coordinates(
                x[n, 0], at, order=1, mode='grid-constant'
            )
            moved.append(masks[n, part] * warped)
        np.testing.assert_allclose(got[n, 0], np.max(moved, 0), atol=2e-3)


def test_the_same_pose_leaves_features_where_they_are(pair):
    x = torch.rand(3, 4, *SIZE)
    same = deform_features(x, match_parts(pair[0], pair[0], SIZE))
    torch.testing.assert_close(same, x, atol=1e-3, rtol=0)


def test_gradients_reach_the_features(pair):
    parts = match_parts(*(pose[:1].double() for pose in pair), (12, 8))
    x = torch.rand(1, 1, 12, 8, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: deform_features(x, parts), x)

"""The person of a result before another background, on drawn pictures."""

import numpy as np
import pytest
import torch

from mmposetransfer.apis.background import (
    check_background,
    put_before,
    reference_wall,
    with_background,
)
from mmposetransfer.apis.framing import fit_frame
from mmposetransfer.apis.person_masks import reference_person
from mmposetransfer.datasets import load_keypoints
from mmposetransfer.errors import UserValueError
from mmposetransfer.models.pose_encoders import draw_limbs
from mmposetransfer.structures import PoseTransferDataSample
from mmposetransfer.visualization import image_from_bgr

SIZE = (300, 200)
CANVAS = (150, 100)
FRAME = fit_frame(SIZE, CANVAS)
RED, GREEN = np.array([20.0, 30.0, 220.0]), np.array([20.0, 200.0, 40.0])


def _disk(size, softness=1e-3):
    y, x = np.mgrid[: size[0], : size[1]] + 0.5
    radius = np.hypot(y / size[0] - 0.5, (x / size[1] - 0.5) * 2 / 3)
    return np.clip((0.3 - radius) / softness + 0.5, 0, 1)


def _wall(size):
    """A wall that is lit from the left, above a floor."""
    y, x = np.mgrid[: size[0], : size[1]]
    grey = 200 - 60 * x / size[1] - 10.0 * (y > 0.9 * size[0])
    return np.repeat(grey[..., None], 3, 2).astype(np.uint8)


def _mixed(share, wall):
    share = share[..., None]
    return np.rint(share * RED + (1 - share) * wall).astype(np.uint8)


def test_nothing_of_the_former_background_stays_at_the_outline():
    share = _disk(SIZE, 0.05)
    image = _mixed(share, GREEN)
    white = put_before(image, share, 255)
    # OPAQUE allows for a twentieth of the difference of 170 levels.
    np.testing.assert_allclose(white, _mixed(share, 255.0), atol=9)
    clear = put_before(image, share, None)
    assert clear.shape == (*SIZE, 4)
    np.testing.assert_allclose(clear[..., 3], 255 * share, atol=0.5)
    # Whatever it is laid over later, its colour is the person's.
    np.testing.assert_allclose(clear[share > 0.02][:, :3] - RED, 0, atol=9)


def test_the_person_is_taken_out_of_the_wall():
    wall = _wall(SIZE)
    photograph = _mixed(_disk(SIZE), wall)
    person = torch.from_numpy(_disk(CANVAS))
    got = reference_wall(photograph, person, FRAME, FRAME).astype(int)
    assert np.abs(got - wall).max() < 12
    far = _disk(SIZE, 0.3) == 0
    np.testing.assert_array_equal(got[far], wall[far])


def test_the_wall_goes_on_beyond_the_photograph():
    wide = fit_frame((300, 400), CANVAS)  # shows more than the reference
    got = reference_wall(_wall(SIZE), torch.zeros(CANVAS), FRAME, wide)
    assert got.shape == (300, 400, 3)
    assert got.min() >= 130 and got.max() <= 201


def _sample(**fields):
    sample = PoseTransferDataSample()
    sample.pred_img = image_from_bgr(_mixed(_disk(CANVAS), GREEN))
    sample.ref_img = image_from_bgr(_wall(CANVAS))
    for name, share in fields.items():
        value = torch.from_numpy(share)[None].float()
        sample.set_field(value, name)
    return sample


def test_auto_takes_the_wall_where_both_persons_are_known():
    image, photograph = _mixed(_disk(SIZE), GREEN), _wall(SIZE)
    persons = dict(pred_person=_disk(CANVAS), ref_person=0 * _disk(CANVAS))

    def make(background, **fields):
        return with_background(
            image, _sample(**fields), photograph, FRAME, FRAME, background
        )

    for name in persons:
        one = make('auto', **{name: persons[name]})
        np.testing.assert_array_equal(one, image)
    both = make('auto', **persons)
    np.testing.assert_array_equal(both, make('reference', **persons))
    expected = _mixed(_disk(SIZE), photograph)
    assert np.abs(both.astype(int) - expected).mean() < 2
    with pytest.raises(UserValueError, match="background='generated'"):
        make('white')


def test_a_person_without_a_mask_is_found_by_limbs_and_colours(request):
    poses = request.config.rootpath / 'demo' / 'inputs' / 'poses.csv'
    pose = load_keypoints(poses, 'cardigan.png')
    size = (256, 256)
    joints = torch.from_numpy(pose)[None].float()
    body = draw_limbs(joints, size, 11)[0].amax(0).numpy() > 0
    noise = np.random.default_rng(0).normal(0, 4, (*size, 3))
    picture = np.where(body[..., None], [90, 40, 30], _wall(size)) + noise
    sample = PoseTransferDataSample()
    sample.ref_img = image_from_bgr(picture.clip(0, 255).astype(np.uint8))
    sample.ref_keypoints = joints[0]
    found = reference_person(sample).numpy() > 0.5
    assert (found & body).sum() > 0.95 * (found | body).sum()


def test_a_person_of_whom_nothing_is_known_is_not_guessed():
    sample = PoseTransferDataSample(ref_img=torch.zeros(3, 8, 8))
    with pytest.raises(UserValueError, match='pass reference_keypoints, or'):
        reference_person(sample)


def test_misspelt_background_is_refused():
    with pytest.raises(UserValueError, match='background must be one of'):
        check_background('transparant')

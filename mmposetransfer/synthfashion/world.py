"""SynthFashion: pairs of pictures of dressed people, with exact truth."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mmposetransfer.errors import UserValueError
from mmposetransfer.geometry.correspondence import (
    correspond,
    part_map,
    visible_keypoints,
)
from mmposetransfer.geometry.smpl_layout import (
    OPENPOSE_FACE,
    openpose_keypoints,
)

from .backgrounds import sample_background
from .framing import frame, sample_shot
from .person import build_person
from .poses import sample_pose
from .props import paint_ground_shadow, paint_stool
from .renderer import (
    Scene,
    person_share,
    pixel_raster,
    pose_person,
    render,
    sample_lights,
    sample_raster,
)
from .surface import get_surface

__all__ = ['SPLITS', 'SynthFashionWorld']

#: Splits; their people are disjoint.
SPLITS = ('train', 'test')
_PERSON, _PAIR = 0, 1
_LEAST_SHOWN = 0.3  # metres of a person that fill a picture's height
_FACE_ROWS = {name: row for row, name in enumerate(OPENPOSE_FACE)}
_SAME_FRAMING = 0.75


@dataclass(frozen=True)
class _View:
    """One picture of a pair before drawing."""

    pose: object
    scene: Scene
    keypoints: np.ndarray


class SynthFashionWorld:
    """Pairs of pictures of one person in two poses, made on the fly.

    A pair is a pure function of (size, seed, split, index), the counts and
    ``same_studio``: the same bytes on every call and in every process. People
    of the splits are disjoint; pair ``i`` shows person ``i % num_people``.

    Args:
        size (tuple[int, int]): (height, width) of the pictures, each from 64
            to 512, or 128x64.
        seed (int): Of the world, not negative.
        split (str): ``'train'`` or ``'test'``.
        num_people (int): How many people there are.
        num_pairs (int): How many pairs there are.
        cache_people (int): How many people are kept ready in memory, 2
            to 4 MB each; the others are made again when they come up.
        same_studio (float): Share of the pairs whose two pictures have one
            wall and one light, so that the reference shows what is behind
            the person in the target.

    Raises:
        ValueError: On a size, split, seed, count or share out of range.
    """

    def __init__(
        self,
        size=(256, 256),
        seed=0,
        split='train',
        num_people=2000,
        num_pairs=20000,
        cache_people=64,
        same_studio=0.8,
    ):
        self.size = _checked_size(size)
        if split not in SPLITS:
            raise UserValueError(
                f'split: expected one of {SPLITS}, got {split!r}'
            )
        if int(seed) != seed or seed < 0:
            raise UserValueError(f'seed: expected an integer >= 0, got {seed}')
        for name, count in (
            ('num_people', num_people),
            ('num_pairs', num_pairs),
        ):
            if int(count) != count or count < 1:
                raise UserValueError(
                    f'{name}: expected an integer >= 1, got {count}'
                )
        self.seed, self.split = int(seed), split
        self.num_people, self.num_pairs = int(num_people), int(num_pairs)
        if not 0 <= same_studio <= 1:
            raise UserValueError(
                f'same_studio: expected a share in [0, 1], got {same_studio}'
            )
        self.cache_people = cache_people
        self.same_studio = same_studio
        self._begin_cache()

    def _begin_cache(self):
        self._cached_person = lru_cache(max(self.cache_people, 1))(
            self._make_person
        )

    def __getstate__(self):
        # Workers make the people they need themselves.
        state = dict(self.__dict__)
        del state['_cached_person']
        return state

    def __setstate__(self, state):
        self.__dict__.update(state)
        self._begin_cache()

    def __len__(self):
        return self.num_pairs

    def _rng(self, kind, number):
        key = (SPLITS.index(self.split), kind, number)
        return np.random.default_rng(
            np.random.SeedSequence(self.seed, spawn_key=key)
        )

    def person(self, number):
        """The dressed person of a number.

        Args:
            number (int): In [0, num_people).

        Returns:
            mmposetransfer.synthfashion.person.Person: Made now or taken from
            the cache.
        """
        return self._cached_person(number)

    def _make_person(self, number):
        return build_person(
            self._rng(_PERSON, number),
            get_surface(),
            _LEAST_SHOWN / max(self.size),
        )

    def pair(self, index, pictures=True):
        """One sample.

        Args:
            index (int): In [-num_pairs, num_pairs).
            pictures (bool): Whether to draw the two pictures, which takes
                about half of the time; the rest is the same without them.

        Returns:
            dict: ``ref_img``, ``tgt_img`` (H, W, 3) uint8 BGR, unless
            there are to be no pictures;
            ``ref_keypoints``, ``tgt_keypoints`` (18, 3) float32 x, y, score
            (1 visible, 0.5 hidden by the person, 0 outside the picture);
            ``ref_fitted_keypoints``, ``tgt_fitted_keypoints`` the same with
            score 1 for all inside the picture; ``flow`` (2, H, W) float32
            and ``visibility`` (1, H, W) uint8 on the target grid;
            ``ref_parts``, ``tgt_parts`` (H, W) uint8; ``ref_person``,
            ``tgt_person`` (1, H, W) float32, how much of each pixel the
            person covers with clothes and hair; ``attributes`` (A,) uint8,
            see ``ATTRIBUTES``; ``person`` int; ``ref_id``, ``tgt_id`` str.

        Raises:
            IndexError: If there is no such pair.
        """
        index = self._checked_index(index)
        number = index % self.num_people
        person = self.person(number)
        views = self._views(person, index)
        sample = dict(person=number, attributes=person.attributes.copy())
        rasters = []
        for name, view in zip(('ref', 'tgt'), views, strict=True):
            samples = sample_raster(person, view.scene)
            raster = pixel_raster(samples, self.size)
            rasters.append(raster)
            if pictures:
                sample[f'{name}_img'] = render(person, view.scene, samples)
            sample[f'{name}_parts'] = part_map(raster, person.part)
            sample[f'{name}_person'] = person_share(samples, self.size)
            sample[f'{name}_id'] = (
                f'{self.split}_{self.seed}_{number:05d}_{index:06d}_'
                f'{name}_{view.pose.name}'
            )
            sample.update(_keypoint_entries(name, view, raster))
        flow, visibility = correspond(
            rasters[1],
            views[0].scene.projected,
            person.faces,
            perspective=True,
        )
        return dict(sample, flow=flow, visibility=visibility)

    def flat_pair(self, index):
        """The pictures of a pair as bare colours, without light.

        Their pixels agree wherever the target is visible in the reference,
        which checks flow and visibility.

        Args:
            index (int): As for :meth:`pair`.

        Returns:
            tuple[np.ndarray, np.ndarray]: Reference and target, (H, W, 3)
            uint8 BGR.
        """
        index = self._checked_index(index)
        person = self.person(index % self.num_people)
        return tuple(
            render(person, view.scene, flat=True)
            for view in self._views(person, index)
        )

    def _checked_index(self, index):
        if not -self.num_pairs <= index < self.num_pairs:
            raise IndexError(
                f'pair {index} of a world of {self.num_pairs} pairs'
            )
        return int(index) % self.num_pairs

    def _views(self, person, index):
        rng = self._rng(_PAIR, index)
        lights, shot = sample_lights(rng), sample_shot(rng)
        background = self._background(rng)
        views = []
        for k in range(2):
            if k:
                same = rng.random() < _SAME_FRAMING
                shot = sample_shot(rng, shot.framing if same else None)
                if rng.random() > self.same_studio:
                    lights = sample_lights(rng)
                    background = self._background(rng)
            views.append(
                self._view(
                    person,
                    sample_pose(rng),
                    shot,
                    lights,
                    background.copy(),
                    rng,
                )
            )
        return views

    def _background(self, rng):
        return sample_background(rng, self.size)

    def _view(self, person, pose, shot, lights, background, rng):
        transforms = person.transforms(pose)
        points = pose_person(person, transforms)
        joints, landmarks = person.skeleton(transforms)
        camera = frame(shot, points, joints, self.size)
        paint_ground_shadow(background, camera, points, rng.uniform(0.2, 0.5))
        paint_stool(background, camera, points, joints, rng)
        keypoints = camera.project(
            openpose_keypoints(landmarks[None], joints[None], _FACE_ROWS)[0]
        )
        scene = Scene(
            points, camera.project(points), camera, lights, background
        )
        return _View(pose, scene, keypoints.astype(np.float32))


def _checked_size(size):
    try:
        height, width = (int(side) for side in size)
    except (TypeError, ValueError):
        raise UserValueError(
            f'size: expected (height, width), got {size!r}'
        ) from None
    if not (64 <= height <= 512 and 64 <= width <= 512):
        raise UserValueError(
            'size: expected height and width from 64 to 512, '
            f'got {height}x{width}'
        )
    return height, width


def _keypoint_entries(name, view, raster):
    """Observed and fitted keypoints of a picture."""
    observed = visible_keypoints(view.keypoints, raster)
    fitted = observed.copy()
    fitted[:, 2] = observed[:, 2] > 0
    return {f'{name}_keypoints': observed, f'{name}_fitted_keypoints': fitted}

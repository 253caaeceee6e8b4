"""What every estimator of poses shares."""

import os
from abc import ABCMeta, abstractmethod
from contextlib import contextmanager
from dataclasses import dataclass

import cv2
import numpy as np

from mmposetransfer.errors import (
    UserImportError,
    UserTypeError,
    UserValueError,
)
from mmposetransfer.io.image_io import read_image
from mmposetransfer.utils.broken_imports import (
    lacks_requirement,
    mending_line,
)
from mmposetransfer.utils.dependencies import part_of

from .persons import ranked_persons

__all__ = ['FoundPersons', 'PoseEstimator', 'needs']


@dataclass(frozen=True)
class FoundPersons:
    """The people of one picture (H, W).

    Attributes:
        poses (ndarray): (P, 18, 3) float32: x, y in its pixels and a score,
            zeros where a joint is missing; the largest person first.
        masks (ndarray, optional): (P, H, W) float32 in [0, 1], the share of
            each of them in each pixel; None of an estimator that finds none.
    """

    poses: np.ndarray
    masks: np.ndarray | None = None

    def mask_of(self, index: int) -> np.ndarray | None:
        """The mask (H, W) of one person, where there is one."""
        return None if self.masks is None else self.masks[index]


class PoseEstimator(metaclass=ABCMeta):
    """Finds the people of pictures, as OpenPose-18.

    A provider sets ``skeleton`` and writes `detect`, or `detect_with_masks`
    where it finds masks, too; `find` reads and enlarges pictures, and brings
    what was found into the common form.

    Args:
        min_score (float): Joints that score less are missing.
        min_size (int): Pictures whose longer side has fewer pixels are
            enlarged to it before the provider sees them; results are in the
            pixels of the given picture all the same.

    Attributes:
        skeleton (str): The format of what `detect` returns, a key of
            `mmposetransfer.geometry.SKELETONS`.
        looks (bool): Whether it looks at the pictures. Else it goes by their
            names, and must not be shown a part of a picture.
    """

    skeleton = 'coco17'
    looks = True

    def __init__(self, min_score=0.3, min_size=0):
        if not isinstance(min_score, (int, float)) or not min_score >= 0:
            raise UserValueError(
                f'min_score must be a number of at least 0, got {min_score!r}'
            )
        if not isinstance(min_size, int) or min_size < 0:
            raise UserValueError(
                'min_size must be a number of pixels of at least 0, got '
                f'{min_size!r}'
            )
        self.min_score = min_score
        self.min_size = min_size

    def expect(self, names):
        """Learn of all pictures before the first is seen.

        Args:
            names (Sequence[str]): Of the pictures, all of them different.
        """
        # What looks at pictures has no need of it.
        return

    @abstractmethod
    def detect(self, images):
        """Run the provider.

        Args:
            images (list[ndarray]): (H, W, 3) uint8 BGR, of any sizes.

        Returns:
            list[ndarray]: For each (P, K, 3): x, y in its pixels, the origin
            at the centre of the top-left one, and a score.
        """

    def detect_with_masks(self, images):
        """Run the provider, which may tell the pixels of each person, too.

        Args:
            images (list[ndarray]): As of `detect`.

        Returns:
            list[tuple[ndarray, ndarray | None]]: For each what `detect`
            finds, and the share (P, H, W) of each person in each pixel.
        """
        return [(persons, None) for persons in self.detect(images)]

    def __call__(self, images, names=None):
        """Find the poses of a batch of pictures; see `find`.

        Returns:
            list[ndarray]: For each picture (P, 18, 3) float32: x, y in its
            pixels and a score, zeros where a joint is missing; the largest
            person first. (0, 18, 3) where nobody was found.
        """
        return [found.poses for found in self.find(images, names)]

    def find(self, images, names=None):
        """Find the people of a batch of pictures.

        Args:
            images (Sequence[ndarray | str | Path]): Arrays (H, W, 3) uint8
                BGR, or image files.
            names (Sequence[str], optional): What they are called. Only an
                estimator that looks names up needs them; defaults to the
                names of the files.

        Returns:
            list[FoundPersons]: Of each picture, in its own pixels.

        Raises:
            FileNotFoundError, TypeError, ValueError: If a picture cannot be
                used.
        """
        if isinstance(images, (np.ndarray, str, os.PathLike)):
            raise UserTypeError(
                'a pose estimator takes a list of pictures: pass [image]'
            )
        images = [read_image(image) for image in images]
        factors = [self._factor(image) for image in images]
        enlarged = [
            _enlarge(image, factor)
            for image, factor in zip(images, factors, strict=True)
        ]
        return [
            self._in_common_form(*found, factor, image.shape[:2])
            for found, factor, image in zip(
                self.detect_with_masks(enlarged), factors, images, strict=True
            )
        ]

    def _in_common_form(self, detected, masks, factor, size):
        """What was found in an enlarged picture, in the given one."""
        poses, order = ranked_persons(
            _shrink(detected, factor), self.skeleton, size, self.min_score
        )
        if masks is None:
            return FoundPersons(poses)
        sized = np.zeros((len(order), *size), np.float32)
        for place, index in enumerate(order):
            sized[place] = _shrink_mask(masks[index], size)
        return FoundPersons(poses, sized)

    def _factor(self, image):
        return max(1.0, self.min_size / max(image.shape[:2]))


def _enlarge(image, factor):
    if factor == 1:
        return image
    return cv2.resize(
        image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC
    )


def _shrink(detected, factor):
    """Points of the enlarged picture in the pixels of the given one."""
    points = np.array(detected, np.float64)
    # The centre of the top-left pixel is half a pixel inside of the corner.
    points[..., :2] = (points[..., :2] + 0.5) / factor - 0.5
    return points


def _shrink_mask(mask, size):
    """A mask of the enlarged picture at the size of the given one."""
    if mask.shape != tuple(size):
        mask = cv2.resize(mask, size[::-1], interpolation=cv2.INTER_AREA)
    return mask.clip(0, 1)


@contextmanager
def needs(module):
    """Say what to install where an import of the block fails.

    Args:
        module (str): The package that is wanted, one of
            `mmposetransfer.utils.dependencies.OPTIONAL`.

    Raises:
        ImportError: With the command that installs it, and what failed.
    """
    try:
        yield
    except ImportError as error:
        part = part_of(module)
        lacks = lacks_requirement(error, part)
        raise UserImportError(
            f'finding poses with {module} needs the package, and importing it '
            f'fails ({error}): '
            f'{mending_line(error, part) if lacks else part.install}',
            name=error.name,
        ) from error

"""Between photographs of any size and the size that a model takes."""

from dataclasses import dataclass

import cv2
import numpy as np

__all__ = ['Frame', 'fit_frame', 'person_box', 'torso_length']

# A crop has to enlarge the person by this much to be worth it.
MIN_ZOOM = 1.3
# A crop may have this many times the area of the photograph, not more.
MAX_GROWTH = 4
# Larger images are blurred at this size.
BLUR_SIZE = 512
# How far a body reaches beyond its joints, in lengths of the torso: to the
# left and above (the skull), to the right and below.
MARGIN_LOW = np.array([0.4, 0.5])
MARGIN_HIGH = np.array([0.4, 0.4])


@dataclass(frozen=True)
class Frame:
    """A box of a photograph, scaled into the canvas of a model.

    Convention: points are (x, y) in pixels with the origin at the centre of
    the top-left pixel. Sizes are (height, width), boxes (left, top, right,
    bottom) in whole pixels, right and bottom excluded. What lies outside of
    the photograph, or beside the box, continues its blurred border.

    Attributes:
        box: The part of the photograph that is used; it may reach beyond the
            photograph.
        image_size: Size of the photograph.
        canvas_size: Size that the model takes.
        content: Where the box lies in the canvas, as a box.
    """

    box: tuple[int, int, int, int]
    image_size: tuple[int, int]
    canvas_size: tuple[int, int]
    content: tuple[int, int, int, int]

    @property
    def visible_box(self):
        """The part of the box that lies inside of the photograph."""
        height, width = self.image_size
        left, top, right, bottom = self.box
        right, bottom = min(right, width), min(bottom, height)
        return max(left, 0), max(top, 0), right, bottom

    @property
    def scale(self):
        """Canvas pixels per pixel of the photograph: (x, y)."""
        box, content = np.array(self.box), np.array(self.content)
        return (content[2:] - content[:2]) / (box[2:] - box[:2])

    def to_canvas(self, points):
        """Points of the photograph -> of the canvas, (..., 2)."""
        points = np.asarray(points, np.float64) - self.box[:2]
        return (points + 0.5) * self.scale - 0.5 + self.content[:2]

    def to_photograph(self, points):
        """Points of the canvas -> of the photograph, (..., 2)."""
        points = np.asarray(points, np.float64) - self.content[:2]
        return (points + 0.5) / self.scale - 0.5 + self.box[:2]

    def place_keypoints(self, keypoints):
        """Keypoints of the photograph -> of the canvas.

        Args:
            keypoints (ndarray): (K, 3) x, y, score.

        Returns:
            ndarray: (K, 3) float32; joints that fall outside of the canvas
            are missing: three zeros.
        """
        placed = np.array(keypoints, np.float64)
        placed[:, :2] = self.to_canvas(keypoints[:, :2])
        # One pixel of grace: detectors round joints at the border outwards.
        limit = np.array(self.canvas_size[::-1])
        inside = (placed[:, :2] >= -1) & (placed[:, :2] <= limit)
        placed[~(inside.all(1) & (placed[:, 2] > 0))] = 0
        return placed.astype(np.float32)

    def place_image(self, image):
        """The photograph (H, W, 3) -> the canvas (H', W', 3)."""
        return self._place(image, _extend)

    def place_mask(self, mask):
        """A mask of the photograph, (H, W) in [0, 1], -> of the canvas.

        It is 0 where the canvas shows nothing of the photograph.
        """
        return self._place(mask, _extend_by_zeros).clip(0, 1)

    def _place(self, image, extend):
        left, top, right, bottom = self.visible_box
        beyond = (
            top - self.box[1],
            self.box[3] - bottom,
            left - self.box[0],
            self.box[2] - right,
        )
        part = extend(image[top:bottom, left:right], *beyond)
        x0, y0, x1, y1 = self.content
        shrinks = self.scale.max() < 1
        part = cv2.resize(
            part,
            (x1 - x0, y1 - y0),
            interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC,
        )
        height, width = self.canvas_size
        beside = (y0, height - y1, x0, width - x1)
        return extend(part, *beside)

    def cut_out(self, canvas, interpolation=cv2.INTER_CUBIC):
        """A picture on the canvas -> at the size of the photograph's part.

        Args:
            canvas (ndarray): (H', W') or (H', W', C).
            interpolation (int): OpenCV's.

        Returns:
            ndarray: (h, w) or (h, w, C), where (h, w) is the size of
            `visible_box`.
        """
        x0, y0, x1, y1 = self.content
        left, top, right, bottom = self.box
        part = cv2.resize(
            canvas[y0:y1, x0:x1],
            (right - left, bottom - top),
            interpolation=interpolation,
        )
        x0, y0, x1, y1 = self.visible_box
        return part[y0 - top : y1 - top, x0 - left : x1 - left]


def _extend(image, *margins):
    """Continue an image beyond its top, bottom, left and right edge.

    Repeating the border as it is would draw streaks, which a model takes for
    things; so a blurred border is repeated.
    """
    if not any(margins):
        return image
    canvas = cv2.copyMakeBorder(_blur(image), *margins, cv2.BORDER_REPLICATE)
    top, _, left, _ = margins
    height, width = image.shape[:2]
    canvas[top : top + height, left : left + width] = image
    return canvas


def _extend_by_zeros(mask, *margins):
    return cv2.copyMakeBorder(mask, *margins, cv2.BORDER_CONSTANT, value=0)


def _blur(image):
    """Blur by a sixteenth of the longer side.

    Large images are blurred at a smaller size, as the time that it takes
    grows with the side to the power of three.
    """
    size = image.shape[1::-1]
    shrink = max(size) / BLUR_SIZE
    if shrink > 1:
        small = [max(1, round(side / shrink)) for side in size]
        image = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
    sigma = max(image.shape[:2]) / 16
    image = cv2.GaussianBlur(
        image, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE
    )
    return cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)


def fit_frame(image_size, canvas_size, keypoints=None):
    """Choose the part of a photograph that a model shall see.

    Without keypoints that is the whole photograph, as large as it fits. With
    them it is a box around the person, if the person is small in the
    photograph (if the box shows them at least 1.3 times as large).

    Args:
        image_size (tuple[int, int]): (height, width) of the photograph.
        canvas_size (tuple[int, int]): (height, width) that the model takes.
        keypoints (ndarray, optional): (K, 3) OpenPose-18 of the person, or
            several sets below each other of poses that the box shall hold.

    Returns:
        Frame: With the same scale in x and y, up to rounding.
    """
    whole = (0, 0, image_size[1], image_size[0])
    if keypoints is not None:
        box = _to_aspect(person_box(keypoints), image_size, canvas_size)
        zooms = MIN_ZOOM * _zoom(whole, canvas_size) <= _zoom(box, canvas_size)
        # In a photograph like a thread the box would be mostly border.
        if zooms and _area(box) <= MAX_GROWTH * _area(whole):
            content = (0, 0, *canvas_size[::-1])
            return Frame(box, image_size, canvas_size, content)
    zoom = _zoom(whole, canvas_size)
    height, width = (max(1, round(side * zoom)) for side in image_size)
    top, left = (canvas_size[0] - height) // 2, (canvas_size[1] - width) // 2
    content = (left, top, left + width, top + height)
    return Frame(whole, image_size, canvas_size, content)


def _area(box):
    left, top, right, bottom = box
    return (right - left) * (bottom - top)


def _zoom(box, canvas_size):
    left, top, right, bottom = box
    return min(
        canvas_size[0] / (bottom - top), canvas_size[1] / (right - left)
    )


def person_box(keypoints):
    """A box with all of a person, not only the joints.

    Skulls, hands and feet reach beyond the joints, by amounts that are taken
    relative to the torso.

    Args:
        keypoints (ndarray): (18, 3) OpenPose-18, or several sets of 18 below
            each other.

    Returns:
        ndarray: (4,) left, top, right, bottom.
    """
    poses = np.asarray(keypoints, np.float64).reshape(-1, 18, 3)
    boxes = []
    for pose in poses:
        there = pose[:, 2] > 0
        low, high = pose[there, :2].min(0), pose[there, :2].max(0)
        unit = torso_length(pose) or 0.4 * (high - low).max()
        boxes.append([low - unit * MARGIN_LOW, high + unit * MARGIN_HIGH])
    lows, highs = np.array(boxes).swapaxes(0, 1)
    return np.concatenate([lows.min(0), highs.max(0)])


def torso_length(pose):
    """From the neck (1) to the middle of the hips (8, 11), or 0."""
    hips = [pose[i, :2] for i in (8, 11) if pose[i, 2] > 0]
    if pose[1, 2] <= 0 or not hips:
        return 0.0
    return float(np.linalg.norm(np.mean(hips, axis=0) - pose[1, :2]))


def _to_aspect(box, image_size, canvas_size):
    """Widen a box to the canvas's aspect, and keep it in the photograph.

    It is moved where it sticks out and moving helps, and sticks out where
    the photograph is too small.
    """
    low, high = box[:2], box[2:]
    limits = np.array(image_size[::-1], np.float64)
    # A body that is cut off by the photograph's edge ends there.
    low, high = np.maximum(low, 0), np.minimum(high, limits)
    extent = np.maximum(high - low, 2)
    aspect = canvas_size[1] / canvas_size[0]  # width over height
    extent = np.maximum(extent, [extent[1] * aspect, extent[0] / aspect])
    extent = np.ceil(extent).astype(int)
    start = np.round((low + high - extent) / 2).astype(int)
    room = limits.astype(int) - extent
    inside = np.clip(start, 0, np.maximum(room, 0))
    start = np.where(room >= 0, inside, start)
    return tuple(int(v) for v in (*start, *(start + extent)))

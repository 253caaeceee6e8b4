"""Fits of videos: people tracked through frames, by VIBE and by PHALP."""

from collections.abc import Sequence

import numpy as np

from mmposetransfer.errors import UserValueError

__all__ = [
    'are_frames_of_phalp',
    'are_tracks',
    'fields_of_phalp',
    'named_by_frames',
]

# PHALP and 4D-Humans draw what they found in a square of so many pixels, with
# a lens of so many.
_RENDERED, _FOCAL = 256, 5000.0
_OF_A_FRAME = ('smpl', 'camera', 'size')


def are_tracks(content: dict) -> bool:
    """Whether it is person -> what VIBE found of them, frame by frame.

    Args:
        content: Of a file.

    Returns:
        Whether all values are so.
    """
    return bool(content) and all(
        isinstance(value, dict) and 'frame_ids' in value
        for value in content.values()
    )


def named_by_frames(
    fields: dict, frames: Sequence[str] | None = None, person: str = ''
) -> dict:
    """Name the rows of a person by the frames that they are of.

    Args:
        fields: Arrays, with 'frame_ids' (N,): numbers of frames from 0.
        frames: Names of the pictures, the first is that of frame 0. Defaults
            to the numbers.
        person: Added to the names, as '#1'.

    Returns:
        The fields with 'names'.

    Raises:
        ValueError: If the numbers are none, or beyond the pictures.
    """
    numbers = np.atleast_1d(np.asarray(fields['frame_ids']))
    if (
        numbers.ndim != 1
        or numbers.dtype.kind not in 'iu'
        or (numbers.size and numbers.min() < 0)
    ):
        raise UserValueError(
            'frame_ids: expected a list of numbers from 0, got '
            f'{numbers.dtype} of shape {numbers.shape}'
        )
    return dict(
        fields,
        names=[frame_name(int(number), frames) + person for number in numbers],
    )


def frame_name(number: int, frames: Sequence[str] | None) -> str:
    """What a frame is called.

    Args:
        number: Of the frame, from 0.
        frames: As of `named_by_frames`.

    Returns:
        Its name.

    Raises:
        ValueError: If there are fewer pictures.
    """
    if frames is None:
        return str(number)
    if number >= len(frames):
        raise UserValueError(
            f'there is a frame {number}, but only '
            f'{len(frames)} names of frames'
        )
    return str(frames[number])


def are_frames_of_phalp(content: dict) -> bool:
    """Whether it is frame -> the people whom PHALP or 4D-Humans tracked.

    Args:
        content: Of a file.

    Returns:
        Whether all values are so.
    """
    return bool(content) and all(
        isinstance(value, dict) and set(_OF_A_FRAME) <= set(value)
        for value in content.values()
    )


def fields_of_phalp(
    content: dict, frames: Sequence[str] | None = None
) -> tuple[dict, np.ndarray, np.ndarray]:
    """Fields of all people of all frames.

    Their camera (tx, ty, tz) sees a lens of 5000 pixels in the picture that
    was padded to a square and scaled to 256 pixels; from so far away it is
    as good as weak perspective.

    Args:
        content: Path of a frame -> lists with an entry for each person:
            'smpl', 'camera', 'size' (height, width) and, where there, 'tid'
            (number of the person) and 'tracked_time' (0 where the person was
            seen, else the fit is that of an earlier frame).
        frames: Names of the frames by their numbers ('time'). Defaults to
            the paths.

    Returns:
        Fields as of 4D-Humans, with names; boxes (N, 3); and whether each
        person was seen, (N,).

    Raises:
        ValueError: If a frame is malformed, or nobody is in any.
    """
    rows = [
        row
        for key, frame in content.items()
        for row in _rows_of_frame(key, frame, frames)
    ]
    if not rows:
        raise UserValueError('nobody was found in any of its frames')
    several = len({row['person'] for row in rows}) > 1
    for row in rows:
        if several:
            row['names'] += f'#{row["person"]}'
    columns = {key: [row[key] for row in rows] for key in rows[0]}
    seen, boxes = np.array(columns.pop('seen')), np.stack(columns.pop('box'))
    return columns, boxes, seen


def _rows_of_frame(key, frame, frames):
    """A dict for each person of a frame."""
    name = key if isinstance(key, str) else str(frame.get('time', key))
    if frames is not None:
        name = frame_name(int(frame.get('time', 0)), frames)
    people = frame['smpl']
    lists = dict(tid=range(len(people)), tracked_time=[0] * len(people))
    lists = {
        what: frame.get(what, lists.get(what))
        for what in ('camera', 'size', *lists)
    }
    for what, values in lists.items():
        if len(values) != len(people):
            raise UserValueError(
                f'{name}: {len(values)} entries of {what!r} for '
                f'{len(people)} people'
            )
    for smpl, camera, size, person, age in zip(
        people, *lists.values(), strict=True
    ):
        try:
            yield dict(
                {
                    part: np.asarray(smpl[part], np.float64)
                    for part in ('global_orient', 'body_pose', 'betas')
                },
                **_camera(camera, size),
                names=name,
                person=person,
                seen=age == 0,
            )
        except (IndexError, KeyError, TypeError, ValueError) as error:
            raise UserValueError(
                f'{name}, person {person}: {error}'
            ) from error


def _camera(camera, size):
    """Weak perspective of a square around the picture, and its box."""
    tx, ty, tz = np.asarray(camera, np.float64).reshape(3)
    height, width = (int(side) for side in size)
    side = max(height, width)
    if not (tz > 0 and min(height, width) > 0):
        raise UserValueError(
            f'expected a positive distance and size, got {tz} '
            f'and {height}x{width}'
        )
    box = [
        side / 2 - (side - width) // 2,
        side / 2 - (side - height) // 2,
        side,
    ]
    return dict(
        pred_cam=[2 * _FOCAL / (_RENDERED * tz), tx, ty],
        box=np.array(box),
        img_size=[width, height],
    )

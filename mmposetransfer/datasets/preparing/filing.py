"""File what archives and folders hold in a data set's layout."""

import os
from dataclasses import dataclass, field
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image

from mmposetransfer.io.atomic_write import atomic_write
from mmposetransfer.io.image_decoding import decode_image
from mmposetransfer.io.image_io import read_image
from mmposetransfer.io.left_out import LeftOut

from ..image_sizes import fit_image
from .archives import read_source

__all__ = [
    'FilingReport',
    'Place',
    'RESAMPLING',
    'check_image',
    'encode',
    'file_sources',
    'image_converter',
]

#: Filters that images are resized with, all of them antialiasing.
RESAMPLING = {
    'bicubic': Image.Resampling.BICUBIC,
    'lanczos': Image.Resampling.LANCZOS,
    'area': Image.Resampling.BOX,
}
# Sides of another proportion than wanted are scaled apart up to this much:
# 750x1101 is resized to 352x512 as it is, as the protocols do.
_SAME_ASPECT = 0.02


class Place(NamedTuple):
    """Where a file goes.

    Attributes:
        path: Relative to the root of the data set.
        convert: Function from the file's bytes and its name, for errors, to
            the bytes to be written; it raises ValueError. None: as it is.
    """

    path: str
    convert: object = None


@dataclass
class FilingReport:
    """What became of the files.

    Attributes:
        written: Number of files that were written.
        kept: Number of files that were there already.
        left_out: Files that the layout has no place for, and why.
        problems: What is wrong, one line each.
        placed: Folder -> number of its files.
    """

    written: int = 0
    kept: int = 0
    left_out: LeftOut = field(default_factory=LeftOut)
    problems: list = field(default_factory=list)
    placed: dict = field(default_factory=dict)


def file_sources(
    sources, find_place, root, overwrite=False, limits=None, progress=iter
):
    """File what sources hold; it may be stopped and run again at any time.

    Args:
        sources (Sequence[str | Path]): Archives and folders, see
            :func:`read_source`.
        find_place (Callable): From a :class:`Member` to its :class:`Place`,
            or to the reason why it has none, a text.
        root (str | Path): Of the data set. Files appear whole or not at all.
        overwrite (bool): Whether to write files that are there already.
        limits (Limits, optional): For hostile archives.
        progress (Callable): Goes through an iterable and shows how far.

    Returns:
        FilingReport: A file that is damaged is a problem in it; all others
        are filed.

    Raises:
        FileNotFoundError: If a source is not there.
        ArchiveError: If a source is damaged, protected or hostile.
        WriteError: If a file cannot be written.
    """
    report, taken = FilingReport(), {}
    opened = [
        (source, read_source(source, limits, report.left_out))
        for source in sources
    ]
    members = ((source, m) for source, found in opened for m in found)
    for source, member in progress(members):
        place = find_place(member)
        if not isinstance(place, Place):
            report.left_out.add(place or 'not wanted', member.name)
            continue
        where = f"'{member.name}' of '{source}'"
        if place.path in taken:
            report.problems.append(
                f"{where}: {taken[place.path]} is '{place.path}' already; "
                'it was left out'
            )
            continue
        taken[place.path] = where
        _file(
            member,
            place,
            os.path.join(root, place.path),
            where,
            report,
            overwrite,
        )
    return report


def _file(member, place, path, where, report, overwrite):
    folder = os.path.dirname(place.path)
    report.placed[folder] = report.placed.get(folder, 0) + 1
    same = place.convert in (None, check_image)
    if (
        not overwrite
        and os.path.isfile(path)
        and (not same or os.path.getsize(path) == member.size)
    ):
        report.kept += 1
        return
    data = member.read()
    try:
        if place.convert is not None:
            data = place.convert(data, where)
    except ValueError as error:
        report.problems.append(str(error))
        return
    with atomic_write(path) as file:
        file.write(data)
    report.written += 1


def check_image(data, name):
    """The bytes of an image as they are, if it can be read.

    Args:
        data (bytes): Of the file.
        name (str): What the error calls it.

    Returns:
        bytes: The same.

    Raises:
        ValueError: If it cannot.
    """
    decode_image(data, name)
    return data


def image_converter(size, ending, resampling='bicubic'):
    """A function that brings the bytes of images to one size.

    Pictures of (nearly) the same proportions are resized as they are, with
    an antialiasing filter; others are cropped or continued at both sides, see
    ``fit_image``. Those of the right size and format are not
    encoded again.

    Args:
        size (tuple[int, int]): (height, width).
        ending (str): '.png' or '.jpg' (quality 95).
        resampling (str): 'bicubic', 'lanczos' or 'area'.

    Returns:
        Callable: For :class:`Place`.
    """
    height, width = size

    def convert(data, name):
        image = read_image(decode_image(data, name))
        is_jpg = data[:2] == b'\xff\xd8'
        if image.shape[:2] == (height, width) and is_jpg == (ending == '.jpg'):
            return data
        aspect = image.shape[1] * height / (image.shape[0] * width)
        if abs(aspect - 1) <= _SAME_ASPECT:
            image = resize(image, size, resampling)
        else:
            width_then = round(image.shape[1] * height / image.shape[0])
            image = resize(image, (height, width_then), resampling)
            image = fit_image(image, size)
        return encode(image, ending)

    return convert


def resize(image, size, resampling):
    """Resize (H, W, 3) with antialiasing, by PIL as the protocols do."""
    if image.shape[:2] == tuple(size):
        return image
    picture = Image.fromarray(image)  # the order of channels does not matter
    return np.array(picture.resize(size[::-1], RESAMPLING[resampling]))


def encode(image, ending):
    """The bytes of an image file.

    Args:
        image (ndarray): (H, W, 3) BGR or (H, W), uint8.
        ending (str): '.png', '.bmp' or '.jpg' (quality 95).

    Returns:
        bytes: Of the file.
    """
    return cv2.imencode(ending, image)[1].tobytes()

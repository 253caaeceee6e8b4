"""Places of the files of DeepFashion and Market-1501."""

import re
from pathlib import PurePosixPath

from mmposetransfer.io.picture_formats import split_ending, why_not_read

from ..flow_files import FLOW_FORMATS
from ..layouts import LAYOUTS
from ..published_names import identity_of, parse_deepfashion_name
from .filing import Place, check_image, image_converter

__all__ = ['deepfashion_places', 'image_folder', 'market1501_places']

# Market-1501: boxes drawn by hand, under the names of other images.
_OTHER_BOXES = ('gt_bbox', 'gt_query')
_NOBODY = re.compile(r'(-1|0000)_c\d')
# What lists, keypoints and flow are written in.
_LISTS = ('.csv', '.json', '.jsonl', '.lst', '.pickle', '.pkl', '.tsv', '.txt')


def image_folder(layout, size):
    """Folder of the images of a size: 'Img/img', or 'Img/img_512x352'."""
    if size is None or tuple(size) == layout.size:
        return layout.img
    return f'{layout.img}_{size[0]}x{size[1]}'


def deepfashion_places(size=None, ending='.png', resampling='bicubic'):
    """Where the files of DeepFashion In-shop go.

    Images come from the official archive or under flattened names; lists,
    keypoints, segmentations and flow by their names, from any folder.

    Args:
        size (tuple[int, int], optional): Of the images; they go into a folder
            of their own unless it is 256x256. Defaults to that of the source,
            which is copied as it is.
        ending (str): Of images that had to be resized.
        resampling (str): See :func:`image_converter`.

    Returns:
        Callable: For `file_sources`.
    """

    def image_name(path):
        name = parse_deepfashion_name(path)
        if name is None:
            raise ValueError('its name is none of DeepFashion In-shop')
        return name.flat

    return _places(
        LAYOUTS['deepfashion'], image_name, size, ending, resampling
    )


def market1501_places(size=None, ending='.png', resampling='bicubic'):
    """Where the files of Market-1501 go; see :func:`deepfashion_places`.

    Detections that show nobody, and boxes that were drawn by hand, are left
    out.
    """

    def image_name(path):
        path = PurePosixPath(path)
        if path.parent.name in _OTHER_BOXES:
            raise ValueError('a box that was drawn by hand')
        if _NOBODY.match(path.name):
            raise ValueError('it shows nobody in particular (-1, 0000)')
        if identity_of(path.name) is None:
            raise ValueError('its name is none of Market-1501')
        return path.name

    return _places(LAYOUTS['market1501'], image_name, size, ending, resampling)


def _places(layout, image_name, size, ending, resampling):
    folder = image_folder(layout, size)
    convert, new_ending = check_image, None  # copies keep their ending
    if size is not None:
        new_ending = '.jpg' if folder == layout.img else ending
        convert = image_converter(size, new_ending, resampling)
    labels = {PurePosixPath(file).name: file for file in layout.files}

    def place(member):
        path = PurePosixPath(member.name)
        if path.name in labels:
            return Place(labels[path.name])
        if (
            path.suffix == '.corr'
            or path.suffix in FLOW_FORMATS
            and (_names_a_pair(path.stem))
        ):
            return Place(f'{layout.corr}/{path.name}')
        if path.suffix.lower() in _LISTS:
            return (
                'a list or file of keypoints that this data set does not '
                f'use (it reads {", ".join(labels)})'
            )
        reason = why_not_read(member.name, member.read)
        if reason is not None:
            return reason
        try:
            name = image_name(member.name)
        except ValueError as error:
            return str(error)
        stem, own = split_ending(name)
        if own.lower() == '.bmp':
            return Place(f'{layout.seg}/{stem}.bmp', check_image)
        if not own:
            return 'its name has no ending'
        return Place(f'{folder}/{stem}{new_ending or own}', convert)

    return place


def _names_a_pair(stem):
    """Whether an archive of arrays is called as flow of two pictures is."""
    words = stem.split('_')
    return any(
        None
        not in map(identity_of, ('_'.join(words[:n]), '_'.join(words[n:])))
        for n in range(1, len(words))
    )

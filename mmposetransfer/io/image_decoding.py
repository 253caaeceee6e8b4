"""From the bytes of an image file to its pixels, whole and upright.

PIL reads the header: size, colour model and EXIF, before anything is decoded.
OpenCV decodes JPEG, PNG and BMP, as it is fast and keeps 16 bits; PIL the
formats that OpenCV reads in one way or another by its version.
"""

import warnings
from contextlib import contextmanager
from io import BytesIO

import cv2
import numpy as np
from PIL import ExifTags, Image, ImageOps

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.picture_formats import HEAD, format_not_read

__all__ = ['MAX_PIXELS', 'decode_image']

# Larger pictures are refused before they are decoded, by PIL too: a small
# file may hold a picture that fills the memory.
MAX_PIXELS = 178_956_970
BY_OPENCV = ('BMP', 'JPEG', 'MPO', 'PNG')  # MPO: a JPEG with more behind it
FORMATS = ('BMP', 'GIF', 'JPEG', 'JPEG2000', 'PNG', 'PPM', 'TIFF', 'WEBP')
# PIL's names of colour models with a meaning as 8 bits of red, green, blue.
MODES = frozenset(
    ['1', 'L', 'LA', 'P', 'PA', 'RGB', 'RGBA', 'RGBX', 'CMYK', 'YCbCr']
)
# EXIF's orientation -> (transpose, flip upside down, flip left to right)
TURNS = {
    2: (False, False, True),
    3: (False, True, True),
    4: (False, True, False),
    5: (True, False, False),
    6: (True, False, True),
    7: (True, True, True),
    8: (True, True, False),
}
UNREADABLE = (
    '{} cannot be read: it is damaged, or in a format that is not known '
    '(convert it to JPEG or PNG)'
)
OTHER_FORMAT = (
    '{} cannot be read: the format {} is not read, convert it to JPEG or PNG'
)
TOO_LARGE = (
    f'{{}} has more than {MAX_PIXELS / 1e6:.0f} million pixels, which no '
    'photograph has: scale it down'
)


def decode_image(data, name):
    """Decode an image file, and turn it upright as its EXIF entry says.

    Args:
        data (bytes): The file.
        name (str): What error messages call it.

    Returns:
        ndarray: (H, W), (H, W, 3) BGR or (H, W, 4) BGRA, of uint8 or uint16.

    Raises:
        ValueError: If the bytes are no image, a part of one, or one that is
            too large.
    """
    header = _read_header(data, name)
    _check_complete(data, header.format, name)
    by_opencv = header.format in BY_OPENCV
    try:
        with _quiet():
            image = _by_opencv(data, header) if by_opencv else _by_pil(header)
    except MemoryError:  # of a picture whose size was found right
        raise
    except Exception as error:  # damaged files make PIL raise many types
        raise UserValueError(UNREADABLE.format(name)) from error
    if image is None:
        raise UserValueError(UNREADABLE.format(name))
    if sorted(image.shape[:2]) != sorted(header.size):
        raise UserValueError(
            f'{name} is damaged: its header says {header.size[0]}x'
            f'{header.size[1]} pixels, but it holds {image.shape[1]}x'
            f'{image.shape[0]}'
        )
    return image


def _read_header(data, name):
    """PIL's image, which has not decoded anything yet."""
    try:
        with _quiet():
            header = Image.open(BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError:
        raise UserValueError(TOO_LARGE.format(name)) from None
    except Exception as error:  # as above
        kind = format_not_read(data[:HEAD])
        message = UNREADABLE if kind is None else OTHER_FORMAT
        raise UserValueError(message.format(name, kind)) from error
    if header.width * header.height > MAX_PIXELS:
        raise UserValueError(TOO_LARGE.format(name))
    if header.mode not in MODES and not header.mode.startswith('I;16'):
        raise UserValueError(
            f'{name} has the colour model or depth {header.mode!r}, which is '
            'not read: convert it to 8-bit RGB'
        )
    return header


def _check_complete(data, kind, name):
    """Older OpenCVs fill what is missing of a JPEG with grey, in silence."""
    complete = True
    if kind in ('JPEG', 'MPO'):
        # A preview in the header has an end of its own.
        complete = data.find(b'\xff\xd9', _start_of_scan(data)) >= 0
    elif kind == 'PNG':
        complete = b'IEND\xaeB`\x82' in data
    if not complete:
        raise UserValueError(
            f'{name} is cut off: the end of its data is missing; copy or '
            'download it again'
        )


def _start_of_scan(data):
    """Where the pixels of a JPEG begin: behind the segments of its header."""
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xDA:
            return place
        if marker == 0xFF:  # a filling byte
            place += 1
        else:
            place += 2 + int.from_bytes(data[place + 2 : place + 4], 'big')
    return len(data)


@contextmanager
def _quiet():
    """What OpenCV and PIL say of a damaged file is told by our error."""
    # OpenCV 5 has them elsewhere.
    logging = cv2 if hasattr(cv2, 'setLogLevel') else cv2.utils.logging
    level = logging.getLogLevel()
    logging.setLogLevel(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            yield
    finally:
        logging.setLogLevel(level)


def _by_opencv(data, header):
    # Unlike the others, this flag keeps depth and alpha, and turns nothing.
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    return None if image is None else _upright(image, header)


def _upright(image, header):
    try:
        # PNG's own method would decode the whole picture.
        exif = Image.Image.getexif(header)
        entry = exif.get(ExifTags.Base.Orientation, 1)
    except Exception:  # a damaged entry; the picture is there all the same
        entry = 1
    transpose, upside_down, left_right = TURNS.get(entry, (False,) * 3)
    if transpose:
        image = image.swapaxes(0, 1)
    if upside_down:
        image = image[::-1]
    return image[:, ::-1] if left_right else image


def _by_pil(header):
    header.load()  # of TIFFs this turns some, which is not to be done twice
    image = ImageOps.exif_transpose(header)
    if image.mode.startswith('I;16'):
        return np.asarray(image).astype(np.uint16)
    transparent = 'A' in image.mode or 'transparency' in image.info
    colors = np.asarray(image.convert('RGBA' if transparent else 'RGB'))
    return np.concatenate([colors[..., 2::-1], colors[..., 3:]], axis=2)

"""Read pictures of any kind as uint8 BGR, and write them."""

import os
from pathlib import Path

import cv2
import numpy as np

from mmposetransfer.errors import (
    UserFileNotFoundError,
    UserTypeError,
    UserValueError,
)
from mmposetransfer.io.atomic_write import atomic_write
from mmposetransfer.io.image_decoding import decode_image

__all__ = ['read_image', 'read_label_map', 'write_image']

# The largest picture that is read, in 16 bits with alpha, takes less.
MAX_BYTES = 2_000_000_000


def read_image(source):
    """Read an image file, or bring an array into the library's form.

    Greyscale is repeated three times, 16 bits become 8, CMYK and palettes
    become colours, what is transparent is laid over white, of an animation
    the first frame is taken, and a picture is turned upright as its EXIF
    entry says.

    Args:
        source (str | Path | ndarray): A BMP, GIF, JPEG, JPEG 2000, PNG, PPM,
            TIFF or WebP file, also with a name that is not ASCII; or an array
            (H, W), (H, W, 1), (H, W, 3) BGR or (H, W, 4) BGRA of uint8 or
            uint16.

    Returns:
        ndarray: (H, W, 3) uint8 BGR.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file holds no image that can be read whole, or
            more than 179 million pixels, or the array has another shape or
            type.
        TypeError: If it is neither a path nor an array.
    """
    if isinstance(source, np.ndarray):
        return _to_bgr(source, 'the array')
    if not isinstance(source, (str, os.PathLike)):
        raise UserTypeError(
            'an image must be a path or a numpy array (H, W, 3) of uint8 BGR, '
            f'got {type(source).__name__}'
        )
    path = Path(source)
    name = f"the image '{path}'"
    return _to_bgr(decode_image(_read_bytes(path), name), name)


def read_label_map(path):
    """Read an image whose grey values are labels, such as body parts.

    Args:
        path (str | Path): The file; of a palette the grey values count.

    Returns:
        ndarray: (H, W) uint8.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it holds no image that can be read, or one with
            colours or 16 bits.
    """
    path = Path(path)
    name = f"the label map '{path}'"
    labels = decode_image(_read_bytes(path), name)
    if labels.ndim == 3 and (labels == labels[..., :1]).all():
        labels = labels[..., 0]
    if labels.ndim != 2 or labels.dtype != np.uint8:
        raise UserValueError(f'{name} must be grey with 8 bits')
    return np.ascontiguousarray(labels)


def _read_bytes(path):
    if not path.is_file():
        what = 'is a folder' if path.is_dir() else 'does not exist'
        raise UserFileNotFoundError(f"the image '{path}' {what}")
    size = path.stat().st_size
    if size == 0:
        raise UserValueError(f"the image '{path}' is an empty file")
    if size > MAX_BYTES:
        raise UserValueError(
            f"the image '{path}' is a file of {size / 1e9:.1f} GB, which is "
            'no photograph'
        )
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserValueError(
            f"the image '{path}' cannot be read: {error.strerror}"
        ) from error


def _to_bgr(image, name):
    if image.ndim == 2:
        image = image[..., None]
    if image.ndim != 3 or image.shape[2] not in (1, 3, 4):
        raise UserValueError(
            f'{name} must have the shape (H, W), (H, W, 3) or (H, W, 4), got '
            f'{image.shape}'
        )
    if 0 in image.shape:
        raise UserValueError(f'{name} is empty: its shape is {image.shape}')
    if image.dtype == np.uint16:
        # Rounded image / 257, without floats, which take much memory.
        image = (image // 257 + (image % 257 > 128)).astype(np.uint8)
    if image.dtype != np.uint8:
        raise UserValueError(
            f'{name} must hold uint8 in [0, 255], got {image.dtype}; for '
            'floats in [0, 1] pass (255 * image).astype(numpy.uint8)'
        )
    if image.shape[2] == 1:
        image = image.repeat(3, axis=2)
    if image.shape[2] == 4:
        darkness = (255 - image[..., :3]).astype(np.uint16) * image[..., 3:]
        image = 255 - ((darkness + 127) // 255).astype(np.uint8)
    return np.ascontiguousarray(image)


def write_image(path, image):
    """Write an image file; its folder is made where there is none.

    The file appears whole or not at all.

    Args:
        path (str | Path): The ending tells the format.
        image (ndarray): (H, W, 3) BGR or (H, W), uint8.

    Raises:
        ValueError: If OpenCV knows no format with that ending.
        WriteError: If the file cannot be written, as on a full disk.
    """
    path = Path(path)
    try:
        done, data = cv2.imencode(path.suffix, np.ascontiguousarray(image))
    except cv2.error:
        done = False
    if not done:
        raise UserValueError(
            f"cannot write '{path}': '{path.suffix}' is no image format that "
            'OpenCV writes; use .png or .jpg'
        )
    with atomic_write(path) as file:
        file.write(data)

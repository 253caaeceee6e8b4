"""Read pictures of any kind as uint8 BGR, and write them."""

import os
from pathlib import Path

import cv2
import numpy as np

__all__ = ['image_files', 'read_image', 'write_image']

IMAGE_ENDINGS = frozenset(
    ['.bmp', '.jp2', '.jpeg', '.jpg', '.png', '.tif', '.tiff', '.webp']
)


def image_files(folder):
    """The image files of a folder, by their endings.

    Args:
        folder (str | Path): Its sub-folders are not looked into.

    Returns:
        list[Path]: In order of name.
    """
    return sorted(
        path
        for path in Path(folder).iterdir()
        if path.suffix.lower() in IMAGE_ENDINGS and path.is_file()
    )


def read_image(source):
    """Read an image file, or bring an array into the library's form.

    Greyscale is repeated three times, 16 bits become 8, what is transparent
    is laid over white, and a JPEG is turned upright as its EXIF entry says.

    Args:
        source (str | Path | ndarray): A file in a format that OpenCV reads,
            also with a name that is not ASCII; or an array (H, W), (H, W, 1),
            (H, W, 3) BGR or (H, W, 4) BGRA of uint8 or uint16.

    Returns:
        ndarray: (H, W, 3) uint8 BGR.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file holds no image that can be read, or the array
            has another shape or type.
        TypeError: If it is neither a path nor an array.
    """
    if isinstance(source, np.ndarray):
        return _to_bgr(source, 'the array')
    if not isinstance(source, (str, os.PathLike)):
        raise TypeError(
            'an image must be a path or a numpy array (H, W, 3) of uint8 BGR, '
            f'got {type(source).__name__}'
        )
    path = Path(source)
    if not path.is_file():
        what = 'is a folder' if path.is_dir() else 'does not exist'
        raise FileNotFoundError(f"the image '{path}' {what}")
    return _to_bgr(_decode(path), f"the image '{path}'")


def _decode(path):
    # OpenCV's own reader takes no names outside of ASCII on some systems.
    data = np.frombuffer(path.read_bytes(), np.uint8)
    if not data.size:
        raise ValueError(f"the image '{path}' is an empty file")
    try:
        image = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
        if (
            image is not None
            and image.dtype == np.uint8
            and (image.ndim == 2 or image.shape[2] == 3)
        ):
            # Only this flag obeys the EXIF orientation.
            image = cv2.imdecode(data, cv2.IMREAD_COLOR)
    except cv2.error:
        image = None
    if image is None:
        raise ValueError(
            f"the image '{path}' cannot be read: it is damaged, or in a "
            'format that OpenCV does not know (convert it to JPEG or PNG)'
        )
    return image


def _to_bgr(image, name):
    if image.ndim == 2:
        image = image[..., None]
    if image.ndim != 3 or image.shape[2] not in (1, 3, 4):
        raise ValueError(
            f'{name} must have the shape (H, W), (H, W, 3) or (H, W, 4), got '
            f'{image.shape}'
        )
    if 0 in image.shape:
        raise ValueError(f'{name} is empty: its shape is {image.shape}')
    if image.dtype == np.uint16:
        image = (image / 257.0).round().astype(np.uint8)
    if image.dtype != np.uint8:
        raise ValueError(
            f'{name} must hold uint8 in [0, 255], got {image.dtype}; for '
            'floats in [0, 1] pass (255 * image).astype(numpy.uint8)'
        )
    if image.shape[2] == 1:
        image = image.repeat(3, axis=2)
    if image.shape[2] == 4:
        alpha = image[..., 3:] / 255.0
        over_white = image[..., :3] * alpha + 255 * (1 - alpha)
        image = over_white.round().astype(np.uint8)
    return np.ascontiguousarray(image)


def write_image(path, image):
    """Write an image file; its folder is made where there is none.

    Args:
        path (str | Path): The ending tells the format.
        image (ndarray): (H, W, 3) BGR or (H, W), uint8.

    Raises:
        ValueError: If OpenCV knows no format with that ending.
    """
    path = Path(path)
    try:
        done, data = cv2.imencode(path.suffix, np.ascontiguousarray(image))
    except cv2.error:
        done = False
    if not done:
        raise ValueError(
            f"cannot write '{path}': '{path.suffix}' is no image format that "
            'OpenCV writes; use .png or .jpg'
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.tobytes())

"""Damaged image files of every format."""

import io

import cv2
import numpy as np
import pytest
from fuzzing import TIMES, examples, mutated, outcome  # noqa: F401
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mmposetransfer.io.image_decoding import MAX_PIXELS
from mmposetransfer.io.image_io import read_image, read_label_map

COLORS = cv2.resize(
    np.random.default_rng(0).integers(0, 256, (5, 4, 3), np.uint8), (20, 24)
)
RGB = Image.fromarray(COLORS)
CLEAR = RGB.convert('RGBA')
EXIF = Image.Exif()
EXIF[0x0112] = 6


def _encoded(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


FILES = {
    'baseline': _encoded(RGB, 'JPEG', exif=EXIF),
    'progressive': _encoded(RGB, 'JPEG', progressive=True),
    'cmyk': _encoded(RGB.convert('CMYK'), 'JPEG'),
    'grey': _encoded(RGB.convert('L'), 'JPEG'),
    'png': _encoded(CLEAR, 'PNG', exif=EXIF),
    'palette': _encoded(RGB.quantize(9), 'PNG', transparency=3),
    'deep': cv2.imencode('.png', COLORS.astype(np.uint16) * 257)[1].tobytes(),
    'animated': _encoded(
        RGB, 'PNG', save_all=True, append_images=[RGB.rotate(180)]
    ),
    'bmp': _encoded(RGB, 'BMP'),
    'bmp_palette': _encoded(RGB.quantize(9), 'BMP'),
    'webp': _encoded(CLEAR, 'WEBP', exif=EXIF),
    'webp_animated': _encoded(
        RGB, 'WEBP', save_all=True, append_images=[RGB.rotate(180)]
    ),
    'tiff': _encoded(CLEAR, 'TIFF', exif=EXIF),
    'tiff_lzw': _encoded(RGB, 'TIFF', compression='tiff_lzw'),
    'tiff_jpeg': _encoded(RGB, 'TIFF', compression='jpeg'),
    'tiff_deep': _encoded(
        Image.fromarray(COLORS[..., 0].astype(np.uint16)), 'TIFF'
    ),
    'jp2': _encoded(RGB, 'JPEG2000'),
    'gif': _encoded(RGB.quantize(9), 'GIF'),
    'ppm': _encoded(RGB, 'PPM'),
}


@pytest.mark.parametrize('kind', FILES)
def test_undamaged(kind, tmp_path):
    (tmp_path / 'image').write_bytes(FILES[kind])
    turned = kind in ('baseline', 'png', 'webp', 'tiff')
    assert read_image(tmp_path / 'image').shape == (
        (20, 24, 3) if turned else (24, 20, 3)
    )


@pytest.mark.parametrize('kind', FILES)
def test_damaged_images(kind, tmp_path_factory):
    path = tmp_path_factory.mktemp('fuzz') / 'image'

    @examples(40)
    @given(mutated(FILES[kind]), st.booleans())
    def check(data, labels):
        path.write_bytes(data)
        if labels:
            read = outcome(lambda: read_label_map(path), "image'")
            assert read is None or (read.ndim, read.dtype) == (2, np.uint8)
            return
        read = outcome(lambda: read_image(path), "image'")
        if read is not None:
            assert read.dtype == np.uint8 and read.flags['C_CONTIGUOUS']
            assert read.ndim == 3 and read.shape[2] == 3
            assert 0 < read.size <= 3 * MAX_PIXELS

    check()


ARRAYS = st.builds(
    lambda shape, dtype: np.zeros(shape, dtype),
    st.lists(st.integers(0, 5), max_size=4).map(tuple),
    st.sampled_from(['u1', 'u2', 'i4', 'f4', 'f8', '?', 'c8', 'O', 'U1']),
)


@examples(200)
@given(
    st.one_of(
        ARRAYS, st.none(), st.integers(), st.binary(), st.lists(st.integers())
    )
)
def test_arrays_and_other_objects(source):
    read = outcome(lambda: read_image(source), '')
    if read is not None:
        assert read.dtype == np.uint8
        assert read.ndim == 3 and read.shape[2] == 3 and read.size

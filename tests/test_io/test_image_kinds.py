"""Images of every kind against PIL, and files that are cut off."""

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from mmposetransfer.io import image_decoding
from mmposetransfer.io.image_io import read_image

RNG = np.random.default_rng(0)
COLORS = cv2.resize(
    RNG.integers(0, 256, (12, 10, 3), np.uint8),
    (40, 48),
    interpolation=cv2.INTER_CUBIC,
)
RGB = Image.fromarray(COLORS)
ALPHA = Image.fromarray(
    cv2.resize(RNG.integers(0, 256, (5, 5), np.uint8), (40, 48))
)
FORMATS = {
    'JPEG': 'jpg',
    'PNG': 'png',
    'BMP': 'bmp',
    'TIFF': 'tif',
    'WEBP': 'webp',
    'JPEG2000': 'jp2',
    'PPM': 'ppm',
    'GIF': 'gif',
}


def _in_mode(mode):
    if mode == 'I;16':
        return Image.fromarray(COLORS[..., 0].astype(np.uint16) * 257)
    image = RGB.copy()
    if mode in ('RGBA', 'LA'):
        image.putalpha(ALPHA)
    return image.convert(mode)


def _encoded(image, kind, **options):
    if kind == 'WEBP':
        options.setdefault('lossless', True)
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _by_pil(data):
    """What PIL sees, laid over white."""
    image = Image.open(io.BytesIO(data))
    image.load()
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith('I;16'):
        grey = np.round(np.asarray(image) / 257).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)
    if image.mode in ('RGBA', 'LA') or 'transparency' in image.info:
        image = image.convert('RGBA')
        white = Image.new('RGBA', image.size, 'white')
        image = Image.alpha_composite(white, image)
    return np.asarray(image.convert('RGB'))[..., ::-1]


WRITTEN = {
    'JPEG': ('L', 'RGB', 'CMYK', 'YCbCr'),
    'PNG': ('1', 'L', 'LA', 'P', 'RGB', 'RGBA', 'I;16'),
    'BMP': ('1', 'L', 'P', 'RGB', 'RGBA'),
    'TIFF': ('1', 'L', 'LA', 'P', 'RGB', 'RGBA', 'CMYK', 'YCbCr', 'I;16'),
    'WEBP': ('RGB', 'RGBA'),
    'JPEG2000': ('L', 'LA', 'RGB', 'RGBA'),
    'PPM': ('1', 'L', 'RGB'),
    'GIF': ('L', 'P'),
}


@pytest.mark.parametrize(
    ('kind', 'mode'), [(k, m) for k, modes in WRITTEN.items() for m in modes]
)
def test_every_format_and_colour_model_as_pil_has_it(tmp_path, kind, mode):
    data = _encoded(_in_mode(mode), kind)
    path = tmp_path / f'image.{FORMATS[kind]}'
    path.write_bytes(data)
    read, expected = read_image(path), _by_pil(data)
    assert read.dtype == np.uint8 and read.shape == expected.shape
    # OpenCV rounds CMYK, and both round transparency, in ways of their own.
    assert np.abs(read.astype(int) - expected).max() <= 1


@pytest.mark.parametrize('kind', ['PNG', 'GIF'])
def test_transparent_entries_of_a_palette(tmp_path, kind):
    image = RGB.quantize(16)
    (tmp_path / 'image').write_bytes(_encoded(image, kind, transparency=3))
    read = read_image(tmp_path / 'image')
    hole = np.asarray(image) == 3
    colors = np.asarray(image.convert('RGB'))[..., ::-1]
    assert hole.any() and not hole.all()
    assert (read[hole] == 255).all()
    assert (read[~hole] == colors[~hole]).all()


@pytest.mark.parametrize('kind', ['PNG', 'WEBP', 'GIF'])
def test_of_an_animation_the_first_frame(tmp_path, kind):
    first = RGB.quantize(16).convert('RGB')
    later = ImageOps.invert(first)
    (tmp_path / 'image').write_bytes(
        _encoded(first, kind, save_all=True, append_images=[later])
    )
    read = read_image(tmp_path / 'image')
    assert (read == np.asarray(first)[..., ::-1]).all()


# What EXIF says was done to the upright picture.
EXIF = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: np.rot90(a, -1),
}


@pytest.mark.parametrize('entry', EXIF)
@pytest.mark.parametrize(
    ('kind', 'mode'),
    [
        ('PNG', 'RGB'),
        ('PNG', 'L'),
        ('PNG', 'I;16'),
        ('PNG', 'RGBA'),
        ('WEBP', 'RGB'),
        ('TIFF', 'RGB'),
        ('TIFF', 'L'),
        ('TIFF', 'RGBA'),
    ],
)
def test_exif_turns_a_picture_of_any_format(tmp_path, kind, mode, entry):
    image = _in_mode(mode)
    (tmp_path / 'upright').write_bytes(_encoded(image, kind))
    lying = Image.fromarray(
        np.ascontiguousarray(EXIF[entry](np.asarray(image)))
    )
    exif = Image.Exif()
    exif[0x0112] = entry
    (tmp_path / 'lying').write_bytes(_encoded(lying, kind, exif=exif))
    assert (
        read_image(tmp_path / 'lying') == read_image(tmp_path / 'upright')
    ).all()


@pytest.mark.parametrize('entry', EXIF)
def test_exif_turns_a_jpeg_as_pil_does(tmp_path, entry):
    exif = Image.Exif()
    exif[0x0112] = entry
    data = _encoded(RGB, 'JPEG', exif=exif)
    (tmp_path / 'image').write_bytes(data)
    assert (read_image(tmp_path / 'image') == _by_pil(data)).all()


def test_damaged_exif_is_passed_over(tmp_path):
    data = _encoded(RGB, 'JPEG', exif=b'Exif\0\0II*\0' + b'\xff' * 40)
    (tmp_path / 'image').write_bytes(data)
    assert read_image(tmp_path / 'image').shape == COLORS.shape


@pytest.mark.parametrize('kind', FORMATS)
def test_files_that_are_cut_off(tmp_path, kind):
    """At any place, so that half a picture is never taken for a whole."""
    image = RGB if kind != 'GIF' else RGB.quantize(16)
    data = _encoded(image, kind)
    whole = _by_pil(data)
    path = tmp_path / 'image'
    for length in np.linspace(1, len(data) - 1, 40).astype(int):
        path.write_bytes(data[:length])
        try:
            read = read_image(path)
        except ValueError as error:
            assert "image' " in str(error), error
        else:  # what is missing was no part of the picture
            assert length > 0.9 * len(data) and (read == whole).all()


def test_a_jpeg_cut_off_behind_its_preview(tmp_path):
    """The end of the preview is not that of the picture."""
    preview = _encoded(RGB.resize((8, 8)), 'JPEG')
    data = _encoded(RGB, 'JPEG')
    segment = b'\xff\xe1' + struct.pack('>H', len(preview) + 2) + preview
    data = data[:2] + segment + data[2:]
    (tmp_path / 'whole').write_bytes(data)
    assert read_image(tmp_path / 'whole').shape == COLORS.shape
    (tmp_path / 'half').write_bytes(data[:-200])
    with pytest.raises(ValueError, match="half' is cut off: .* again"):
        read_image(tmp_path / 'half')


def _png_header(width, height):
    """The beginning of a PNG that says to be of that size."""

    def chunk(kind, content):
        return (
            struct.pack('>I', len(content))
            + kind
            + content
            + struct.pack('>I', zlib.crc32(kind + content))
        )

    return (
        b'\x89PNG\r\n\x1a\n'
        + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0))
        + chunk(b'IDAT', zlib.compress(bytes(100)))
        + chunk(b'IEND', b'')
    )


@pytest.mark.parametrize('size', [(20_000, 20_000), (10_001, 18_000)])
def test_a_small_file_that_would_fill_the_memory(tmp_path, size, monkeypatch):
    def never(*args):
        raise AssertionError('it was decoded')

    monkeypatch.setattr(image_decoding, '_by_opencv', never)
    (tmp_path / 'bomb.png').write_bytes(_png_header(*size))
    with pytest.raises(ValueError, match="bomb.png' has more than 179 mill"):
        read_image(tmp_path / 'bomb.png')


def test_a_header_that_says_something_else(tmp_path):
    (tmp_path / 'zero.png').write_bytes(_png_header(0, 10))
    (tmp_path / 'lies.png').write_bytes(_png_header(50, 50))
    for name in ('zero', 'lies'):
        with pytest.raises(ValueError, match=f"{name}.png' .*damaged"):
            read_image(tmp_path / f'{name}.png')


@pytest.mark.parametrize('mode', ['I', 'F', 'LAB'])
def test_colour_models_that_are_no_photograph(tmp_path, mode):
    image = RGB.convert('F' if mode == 'F' else 'I')
    if mode == 'LAB':
        image = Image.frombytes('LAB', RGB.size, COLORS.tobytes())
    image.save(tmp_path / 'image.tif')
    with pytest.raises(
        ValueError, match=f"'{mode}', which is not read: convert it to"
    ):
        read_image(tmp_path / 'image.tif')


def test_nothing_but_the_error_is_told(tmp_path, capfd):
    """Neither OpenCV's log nor PIL's warnings."""
    for kind in ('JPEG', 'BMP', 'TIFF', 'WEBP', 'PNG'):
        (tmp_path / 'image').write_bytes(_encoded(RGB, kind)[:-100])
        with pytest.raises(ValueError):
            read_image(tmp_path / 'image')
    captured = capfd.readouterr()
    assert captured.err == '' and captured.out == ''

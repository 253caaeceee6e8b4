"""Images of all kinds, and what is none."""

import struct

import cv2
import numpy as np
import pytest

from mmposetransfer.io.image_io import (
    read_image,
    read_label_map,
    write_image,
)


def _picture(height=6, width=4, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize('ending', ['.png', '.bmp', '.tiff', '.webp'])
@pytest.mark.parametrize('name', ['plain', 'Straße мост 衣'])
def test_write_and_read(tmp_path, ending, name):
    picture = _picture()
    if ending == '.webp':
        picture[:] = picture[0, 0]  # a lossy format keeps a flat colour
    path = tmp_path / 'new folder' / f'{name}{ending}'
    write_image(path, picture)
    read = read_image(path)
    assert read.dtype == np.uint8 and read.flags['C_CONTIGUOUS']
    tolerance = 3 if ending == '.webp' else 0
    np.testing.assert_allclose(
        read.astype(int), picture.astype(int), atol=tolerance
    )
    assert (read_image(str(path)) == read).all()


def test_grey_and_sixteen_bits(tmp_path):
    grey = _picture()[..., 0]
    deep = _picture().astype(np.uint16) * 257
    for picture, expected in (
        (grey, np.repeat(grey[..., None], 3, axis=2)),
        (grey.astype(np.uint16) * 257, np.repeat(grey[..., None], 3, axis=2)),
        (deep, _picture()),
    ):
        path = tmp_path / 'image.png'
        write_image(path, picture)
        assert (read_image(path) == expected).all()
        assert (read_image(picture) == expected).all()


def test_transparent_is_white(tmp_path):
    bgra = np.zeros((2, 3, 4), np.uint8)
    bgra[0, :, 2], bgra[0, :, 3] = 200, 255
    bgra[1, 1, 3] = 51  # a fifth of black
    write_image(tmp_path / 'alpha.png', bgra)
    image = read_image(tmp_path / 'alpha.png')
    assert image[0, 0].tolist() == [0, 0, 200]
    assert image[1, 0].tolist() == [255, 255, 255]
    assert image[1, 1].tolist() == [204, 204, 204]


def test_exif_rotation_is_obeyed(tmp_path):
    picture = np.zeros((16, 32, 3), np.uint8)
    picture[:, :16] = 255  # the left half is white
    jpeg = cv2.imencode('.jpg', picture)[1].tobytes()
    # A TIFF directory with one entry: orientation 6, "turn it clockwise".
    entry = struct.pack('<HHIHH', 0x0112, 3, 1, 6, 0)
    exif = b'Exif\0\0II*\0' + struct.pack('<IH', 8, 1) + entry + b'\0' * 4
    marker = b'\xff\xe1' + struct.pack('>H', len(exif) + 2) + exif
    path = tmp_path / 'turned.jpg'
    path.write_bytes(jpeg[:2] + marker + jpeg[2:])
    image = read_image(path)
    assert image.shape == (32, 16, 3)
    assert image[2, 8].min() > 200 and image[-3, 8].max() < 50  # white on top


def test_files_that_are_no_images(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere.png' does not exist"):
        read_image(tmp_path / 'nowhere.png')
    with pytest.raises(FileNotFoundError, match='is a folder'):
        read_image(tmp_path)
    empty = tmp_path / 'empty.png'
    empty.write_bytes(b'')
    with pytest.raises(ValueError, match="empty.png' is an empty file"):
        read_image(empty)
    text = tmp_path / 'text.jpg'
    text.write_text('I am a photograph, honestly.')
    with pytest.raises(ValueError, match="text.jpg' cannot be read"):
        read_image(text)
    half = tmp_path / 'half.png'
    write_image(half, _picture(64, 64))
    half.write_bytes(half.read_bytes()[:40])
    with pytest.raises(ValueError, match="half.png' cannot be read"):
        read_image(half)


@pytest.mark.parametrize(
    ('array', 'message'),
    [
        (np.zeros((3, 4, 4, 3), np.uint8), r'shape .* got \(3, 4, 4, 3\)'),
        (np.zeros((4, 4, 2), np.uint8), r'got \(4, 4, 2\)'),
        (np.zeros((0, 4, 3), np.uint8), 'is empty'),
        (np.zeros((4, 4, 3)), r'uint8 .* got float64.*255'),
    ],
)
def test_arrays_that_are_no_images(array, message):
    with pytest.raises(ValueError, match=message):
        read_image(array)


def test_other_types_and_endings(tmp_path):
    with pytest.raises(TypeError, match='got list'):
        read_image([[1, 2]])
    with pytest.raises(ValueError, match="'.xyz' is no image format"):
        write_image(tmp_path / 'a.xyz', _picture())


def test_label_maps(tmp_path):
    labels = np.arange(24, dtype=np.uint8).reshape(4, 6)
    for name in ('grey.bmp', 'Straße 衣.png'):
        write_image(tmp_path / name, labels)
        assert (read_label_map(tmp_path / name) == labels).all()
    write_image(tmp_path / 'colors.png', _picture())
    write_image(tmp_path / 'deep.png', labels.astype(np.uint16))
    for name in ('colors.png', 'deep.png'):
        with pytest.raises(ValueError, match=f"{name}' must be grey with 8"):
            read_label_map(tmp_path / name)
    with pytest.raises(FileNotFoundError, match='nowhere.bmp'):
        read_label_map(tmp_path / 'nowhere.bmp')

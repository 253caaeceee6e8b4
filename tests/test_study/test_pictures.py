"""Pictures of a study: which are of one scene, and what is sent of them."""

from shutil import copy

import cv2
import numpy as np
import pytest
from PIL import Image
from study_samples import write_pictures

from mmposetransfer.errors import UserFileNotFoundError, UserValueError
from mmposetransfer.study import StudyPictures


def test_scenes_are_common_names_without_endings(tmp_path):
    folders = write_pictures(tmp_path, 3, ('real', 'ours'))
    (folders['ours'] / '001.png').unlink()
    pictures = StudyPictures(folders)
    assert pictures.common_scenes() == ['000', '002']


def test_scenes_are_called_as_pictures_are_everywhere(tmp_path):
    folders = write_pictures(tmp_path, 1, ('real', 'ours'))
    for source, name in (
        ('real', 'e\u0301va.1.jpg'),
        ('ours', '\xe9va.1 .png'),
    ):
        (file,) = folders[source].iterdir()
        file.rename(folders[source] / name)
    (folders['ours'] / '.a.png').write_bytes(b'hidden')
    (folders['ours'] / 'a.heic').write_bytes(b'not read')
    copy(folders['ours'] / '\xe9va.1 .png', folders['ours'] / 'extra.png')
    pictures = StudyPictures(folders)
    assert pictures.common_scenes() == ['\xe9va.1']
    left_out = {s: lost.names for s, lost in pictures.left_out().items()}
    assert left_out['real'] == {}
    assert sorted(left_out['ours'].values()) == [['a.heic'], ['extra.png']]


def test_no_scene_in_common_shows_one_of_each(tmp_path):
    folders = write_pictures(tmp_path, 2, ('real', 'ours'))
    for file in [*folders['ours'].iterdir()]:
        file.rename(file.with_name(f'a_{file.name}'))
    with pytest.raises(UserValueError, match="'000' of real, 'a_000' of ours"):
        StudyPictures(folders).common_scenes()


def test_what_is_sent_has_the_pixels_and_nothing_else(tmp_path):
    folder = tmp_path / 'real'
    folder.mkdir()
    pixels = np.random.default_rng(0).integers(0, 256, (9, 7, 3), np.uint8)
    exif = Image.Exif()
    exif[0x010F] = 'camera'  # its maker
    Image.fromarray(pixels).save(
        folder / 'a.jpg', quality=95, exif=exif, comment=b'a photograph'
    )
    decoded = np.asarray(Image.open(folder / 'a.jpg'))
    sent = StudyPictures(dict(real=folder), zoom=2).png('real', 'a')
    chunks = {sent[i : i + 4] for i in range(len(sent))}
    assert not {b'eXIf', b'tEXt', b'tIME'} & chunks and b'camera' not in sent
    shown = cv2.imdecode(np.frombuffer(sent, np.uint8), 1)[..., ::-1]
    assert shown.shape == (18, 14, 3)
    # Each pixel is a square of two; decoders of JPEG may differ by little.
    squares = shown.reshape(9, 2, 7, 2, 3).astype(int)
    assert np.ptp(squares, axis=(1, 3)).max() == 0
    assert abs(squares[:, 0, :, 0] - decoded).max() <= 2


def test_two_files_of_one_scene_are_refused(tmp_path):
    folders = write_pictures(tmp_path, 1, ('real',))
    copy(folders['real'] / '000.jpg', folders['real'] / '000.jpeg')
    with pytest.raises(UserValueError, match='have one name'):
        StudyPictures(folders)


def test_a_size_that_tells_is_refused(tmp_path):
    folders = write_pictures(tmp_path, 2, ('real', 'ours', 'reference'))
    odd = np.zeros((24, 17, 3), np.uint8)
    pictures = StudyPictures(folders)
    cv2.imwrite(str(folders['reference'] / '001.png'), odd)
    pictures.check(['000', '001'])
    cv2.imwrite(str(folders['ours'] / '001.png'), odd)
    with pytest.raises(UserValueError, match=r'001.png. has 17x24 .* 16x24'):
        pictures.check(['000', '001'])


def test_missing_and_damaged_pictures_are_found_before_a_participant(tmp_path):
    folders = write_pictures(tmp_path, 1, ('real', 'ours'))
    pictures = StudyPictures(folders)
    with pytest.raises(UserFileNotFoundError, match="scene 'gone'"):
        pictures.check(['gone'])
    (folders['ours'] / '000.png').write_bytes(b'\x89PNG\r\n\x1a\nnothing')
    with pytest.raises(UserValueError, match='000.png'):
        pictures.check(['000'])


def test_empty_folder_is_refused(tmp_path):
    with pytest.raises(UserValueError, match='no pictures'):
        StudyPictures(dict(real=tmp_path))

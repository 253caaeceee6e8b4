"""What a walk takes, and what it leaves out and why."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from mmposetransfer.io.file_names import (
    distinct_stems,
    pair_name,
    pair_names,
    result_name,
    short_path,
)
from mmposetransfer.io.folders import find_pictures, is_hidden, walk_files
from mmposetransfer.io.image_decoding import FORMATS
from mmposetransfer.io.image_io import read_image
from mmposetransfer.io.left_out import LeftOut, few
from mmposetransfer.io.picture_formats import READ_ENDINGS, split_ending

PICTURE = Image.fromarray(np.full((8, 6, 3), 90, np.uint8))
HEIC = b'\0\0\0\x18ftypheic\0\0\0\0mif1heic'
AVIF = b'\0\0\0\x20ftypavif\0\0\0\0avifmif1'


def fill(folder, *names, data=b'\xff\xd8\xff'):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def written(path, kind):
    path.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.save(path, kind)


def test_endings_are_those_of_the_formats_that_are_read():
    """As PIL registers them; pixels of .pfm are floats."""
    Image.init()
    known = {
        ending
        for ending, kind in Image.registered_extensions().items()
        if kind in (*FORMATS, 'MPO')
    }
    assert (known | {'.dib'}) - {'.pfm'} == READ_ENDINGS


@pytest.mark.parametrize('kind', FORMATS)
@pytest.mark.parametrize(
    'name', ['a{}', 'A.{}', 'no ending', 'a.unknown', 'a.HEIC']
)
def test_all_that_is_read_singly_is_taken(tmp_path, kind, name):
    ending = sorted(
        e
        for e, k in Image.registered_extensions().items()
        if k == kind and e in READ_ENDINGS
    )[0]
    name = name.replace('A.{}', f'A{ending.upper()}').format(ending)
    written(tmp_path / 'x' / name, kind)
    found = find_pictures(tmp_path)
    assert found.names == [f'x/{name}'] and not found.left_out
    assert read_image(found.pictures[0]).shape == (8, 6, 3)
    for ending in READ_ENDINGS:
        fill(tmp_path / 'y', f'a{ending}')
    assert len(find_pictures(tmp_path / 'y').pictures) == len(READ_ENDINGS)


def test_what_is_left_out_is_told_with_the_reason(tmp_path):
    fill(tmp_path, 'a.jpg', 'sub/b.gif', 'sub/deep/c.jfif')
    fill(tmp_path, 'd.heic', 'sub/e.HEIC', 'no ending', data=HEIC)
    fill(tmp_path, 'f.avif', data=AVIF)
    fill(tmp_path, 'g.nef', 'h.CR2', data=b'II*\0' + bytes(30))
    fill(tmp_path, 'i.psd', data=b'8BPS')
    fill(tmp_path, 'notes.txt', 'sub/k.csv', 'empty', data=b'')
    found = find_pictures(tmp_path)
    assert found.names == ['a.jpg', 'sub/b.gif', 'sub/deep/c.jfif']
    told = {
        reason.split()[2] if reason.startswith('the format') else reason: names
        for reason, names in found.left_out.names.items()
    }
    assert told == {
        'HEIC': ['d.heic', 'no ending', 'sub/e.HEIC'],
        'AVIF': ['f.avif'],
        'camera': ['g.nef', 'h.CR2'],
        'Photoshop': ['i.psd'],
        'no picture': ['empty', 'notes.txt', 'sub/k.csv'],
    }
    assert len(found.left_out) == 10
    assert (
        'the format HEIC is not read: convert it to JPEG or PNG (3): '
        'd.heic, no ending, sub/e.HEIC'
    ) in found.left_out.lines()
    assert 'no picture (3): empty and 2 more' in found.left_out.lines(1)
    with pytest.raises(ValueError, match="d.heic' .*format HEIC is not read"):
        read_image(tmp_path / 'd.heic')


@pytest.mark.parametrize(
    'name',
    [
        '.DS_Store',
        '._a.jpg',
        '.hidden/a.jpg',
        '__MACOSX/a.jpg',
        'Thumbs.db',
        '@eaDir/a.jpg/SYNOPHOTO_THUMB_M.jpg',
        '.ipynb_checkpoints/a.jpg',
        'sub/.a.jpg',
        'desktop.ini',
        'sub/#recycle/a.jpg',
        '.a.jpg.1a2b.part',
    ],
)
def test_hidden_files_are_passed_over(tmp_path, name):
    fill(tmp_path, name, 'b.jpg')
    found = find_pictures(tmp_path)
    assert found.names == ['b.jpg'] and not found.left_out
    assert is_hidden(name) and not is_hidden('./a.b/c.')


def test_a_hidden_folder_that_is_named_is_walked(tmp_path, monkeypatch):
    fill(tmp_path, '.photos/a.jpg')
    assert find_pictures(tmp_path / '.photos').names == ['a.jpg']
    monkeypatch.chdir(tmp_path / '.photos')
    for name in ('.', '../.photos', './'):
        assert find_pictures(name).names == ['a.jpg']


def test_links_are_followed_and_lead_nowhere_twice(tmp_path):
    photos = fill(tmp_path / 'photos', 'a.jpg', 'anna/1.jpg')
    fill(tmp_path / 'else', 'ben/2.jpg', 'ben/sub/3.jpg', 'x.jpg')
    links = {
        'b.jpg': tmp_path / 'else/x.jpg',
        'ben': tmp_path / 'else/ben',
        'ben2': '../else/ben',
        'here': '.',
        'anna/up': '..',
        'root': '/',
        'top': tmp_path,
        'anna2': 'anna',
        'gone.jpg': 'nothing',
        'self': 'self',
    }
    for name, target in links.items():
        (photos / name).symlink_to(target)
    (tmp_path / 'else/ben/round').symlink_to(photos)
    found = find_pictures(photos)
    assert found.names == [
        'a.jpg',
        'anna/1.jpg',
        'b.jpg',
        'ben/2.jpg',
        'ben/sub/3.jpg',
    ]
    assert found.left_out.names == {
        'a link back to a folder that it lies in': [
            'anna/up',
            'ben/round',
            'here',
            'root',
            'top',
        ],
        'a link that leads nowhere': ['gone.jpg', 'self'],
        'a link to a folder that is gone through under another name': [
            'anna2',
            'ben2',
        ],
    }
    (tmp_path / 'link').symlink_to(photos)
    assert find_pictures(tmp_path / 'link').names == found.names


@pytest.mark.skipif(not hasattr(os, 'mkfifo'), reason='no pipes on Windows')
def test_what_is_no_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / 'pipe.jpg')
    (tmp_path / 'folder.jpg').mkdir()
    found = find_pictures(tmp_path)
    assert (
        found.left_out.names == {'neither a file nor a folder': ['pipe.jpg']}
        and not found.pictures
    )


def test_folders_that_cannot_be_opened_are_told(tmp_path, monkeypatch):
    fill(tmp_path, 'a.jpg', 'locked/b.jpg', 'c')
    scandir, opened = os.scandir, open

    def refuse(function):
        def call(path, *args):
            if str(path).endswith(('locked', 'c')):
                raise PermissionError(13, 'Permission denied', path)
            return function(path, *args)

        return call

    monkeypatch.setattr(os, 'scandir', refuse(scandir))
    monkeypatch.setattr('builtins.open', refuse(opened))
    found = find_pictures(tmp_path)
    assert found.names == ['a.jpg']
    assert found.left_out.names == {
        'cannot be opened: Permission denied': ['locked', 'c']
    }


def test_names_that_are_no_text_are_told(tmp_path):
    try:
        os.close(os.open(os.fsencode(tmp_path) + b'/caf\xe9.jpg', os.O_CREAT))
    except OSError:
        pytest.skip('this file system has names in UTF-8 only')
    ((reason, names),) = find_pictures(tmp_path).left_out.names.items()
    assert 'UTF-8' in reason and names == ['caf\\udce9.jpg']


def test_any_name_and_any_depth(tmp_path):
    names = [
        ' a .jpg',
        'it\'s, "x" #1 [y] {z} 100%.jpg',
        '-rf.jpg',
        '7.jpg',
        '\U0001f600/e\u0301.jpg',
        'a\nb.jpg',
        'A.jpg',
        'a.jpg',
        'x:y;z.jpg',
        'anna.2/b.c.jpg',
        'a\\b.jpg',
        '~.jpg',
        '$HOME.jpg',
    ]
    fill(tmp_path / 'names', *names)
    assert set(find_pictures(tmp_path / 'names').names) == set(names)


def test_any_depth(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for _ in range(1200):
        os.mkdir('d')
        os.chdir('d')
    fill(Path(), 'a.jpg')
    assert [n.count('/') for n in walk_files(tmp_path, LeftOut())] == [1200]
    for _ in range(1200):  # too deep for those who clear up behind tests
        for name in os.listdir('.'):
            (os.rmdir if os.path.isdir(name) else os.remove)(name)
        os.chdir('..')


def test_no_folder_is_an_error(tmp_path):
    fill(tmp_path, 'a.jpg')
    for name in ('nowhere', 'a.jpg'):
        with pytest.raises(FileNotFoundError, match=f'no folder .*{name}'):
            find_pictures(tmp_path / name)


def test_few_of_many_names():
    assert few(['a', 'b']) == 'a, b'
    assert few(list('abcd')) == 'a, b, c, d'
    assert few(list('abcde')) == 'a, b, c and 2 more'
    assert few(['a\n\x1b[2J']) == r"'a\n\x1b[2J'"


@pytest.mark.parametrize(
    'name, parts',
    [
        ('a.jpg', ('a', '.jpg')),
        ('a/b.c.JPG', ('a/b.c', '.JPG')),
        ('anna.2', ('anna.2', '')),
        ('a.jpg.png', ('a.jpg', '.png')),
        ('.jpg', ('.jpg', '')),
        ('x/.png', ('x/.png', '')),
        ('a.', ('a.', '')),
        ('a.heic', ('a', '.heic')),
        ('a.jpg/b', ('a.jpg/b', '')),
        ('', ('', '')),
    ],
)
def test_split_ending(name, parts):
    assert split_ending(name) == parts


def test_pairs_never_share_a_name():
    pairs = [
        ('a b', 'c'),
        ('a-b', 'c'),
        ('a', 'b_c'),
        ('a_b', 'c'),
        ('a?b', 'c'),
        ('a b', 'c'),
        ('A_b', 'c'),
        ('x/a', 'b'),
    ]
    names = pair_names(pairs)
    assert len(names) == 7
    assert len({name.casefold() for name in names.values()}) == 7
    assert names['a', 'b_c'] == 'a_b_c' and names['a_b', 'c'] == 'a_b_c-2'
    assert names['a b', 'c'] == 'a-b_c' and names['a-b', 'c'] == 'a-b_c-2'
    published = {
        (
            'fashionMENDenimid0000008001_1front',
            'fashionMENDenimid0000008001_2side',
        ): 'fashionMENDenimid'
        '0000008001_1front_fashionMENDenimid0000008001_2side'
    }
    assert pair_names(published) == published


def test_results_stay_in_the_sub_folder():
    sample = dict(ref_id='anna 1/b/7', tgt_id='x/dress')
    assert result_name(sample, 0) == 'anna-1/b/7_x-dress'
    assert result_name(dict(ref_id='7', tgt_id='8'), 0) == '7_8'
    assert pair_name(sample, 0) == 'anna-1-b-7_x-dress'
    assert result_name({}, 3) == '000003'


def test_long_names_fit_into_a_file_system(tmp_path):
    long = [mark * (240 // len(mark.encode())) for mark in ('a', 'é', '衣')]
    names = {short_path(f'{ref}_{tgt}.corr') for ref in long for tgt in long}
    names |= {short_path(f'{"b" * 400}{k}.corr') for k in range(3)}
    assert len(names) == 12
    for name in names:
        (tmp_path / name).write_bytes(b'')  # the system has no objection
        assert name.endswith('.corr')
    assert short_path('x/a_b.corr') == 'x/a_b.corr'


def test_stems_of_which_no_two_are_one():
    names = ['a.jpg', 'a.png', 'b.jpg', 'x/b.jpg', 'C.jpg', 'c.gif']
    assert distinct_stems(names, split_ending) == {
        'a.jpg': 'a.jpg',
        'a.png': 'a.png',
        'b.jpg': 'b',
        'x/b.jpg': 'x/b',
        'C.jpg': 'C.jpg',
        'c.gif': 'c.gif',
    }


def test_a_picture_opens_as_its_file(tmp_path):
    cv2.imwrite(str(tmp_path / 'a.png'), np.full((4, 5, 3), 7, np.uint8))
    (picture,) = find_pictures(tmp_path).pictures
    assert str(picture) == os.fspath(picture) == str(tmp_path / 'a.png')
    assert read_image(picture).shape == (4, 5, 3)

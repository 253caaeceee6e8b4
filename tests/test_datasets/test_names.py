"""Which entry is a picture's, and that nobody gets a namesake's."""

import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmposetransfer.datasets.names import (
    AmbiguousNameError,
    NameIndex,
    picture_id,
)
from mmposetransfer.io.folders import Picture

COMPOSED, DECOMPOSED = (
    unicodedata.normalize(form, 'Zoë/größe é.jpg') for form in ('NFC', 'NFD')
)
ARCHIVE = 'img/MEN/Denim/id_00000080/01_1_front.jpg'
FLAT = 'fashionMENDenimid0000008001_1front.jpg'

# Entry, and a name that is its picture's.
SAME = [
    ('a.jpg', 'a.jpg'),
    ('a.jpg', 'a'),
    ('a', 'a.jpg'),
    ('a.jpg', 'a.png'),
    ('a.JPG', 'a.jpg'),
    ('a.heic', 'a.jpg'),
    ('a.jfif', 'a.gif'),
    ('a.jpg', 'photos/a.jpg'),
    ('photos/a.jpg', 'a.jpg'),
    ('/data/photos/anna/1.jpg', 'anna/1.png'),
    ('anna/1', 'x/y/anna/1.jpg'),
    ('anna\\1.jpg', 'anna/1.jpg'),
    ('photos/anna/1.jpg', r'C:\photos\anna\1'),
    (r'C:\photos\anna\1.jpg', 'anna/1.jpg'),
    ('./a.jpg', 'a.jpg'),
    ('x/../a.jpg', 'a.jpg'),
    ('../x/a.jpg', 'x/a.jpg'),
    ('x//a.jpg', 'x/a'),
    (COMPOSED, DECOMPOSED),
    (DECOMPOSED, COMPOSED),
    (COMPOSED, 'größe é.png'),
    (ARCHIVE, FLAT),
    (FLAT, ARCHIVE),
    (FLAT[:-4], ARCHIVE),
    (ARCHIVE, 'id_00000080/01_1_front.png'),
    (f'x/{FLAT}', FLAT),
    (
        'fashionMENTeesTanksid0000772134_3back.jpg',
        'MEN/Tees_Tanks/id_00007721/34_3_back.jpg',
    ),
    ('anna.2', 'anna.2.jpg'),
    ('anna.2.jpg', 'anna.2'),
    ('1', '1.jpg'),
    ('a.jpg', ' a.jpg '),
    ('anna/ 1.jpg', ' anna /1.jpg'),
    ('a.jpg.png', 'a.jpg.png'),
    ('a.jpg.png', 'a.jpg'),
    ('a.jpg', 'a.jpg.webp'),
    ('#1, "x" [y] {z}.jpg', 'p/#1, "x" [y] {z}.png'),
    ('-rf.jpg', '-rf'),
    ('100%.jpg', '100%'),
    ('12:30.jpg', '12:30'),
    ('\U0001f600.jpg', 'x/\U0001f600.webp'),
    ('a\nb.jpg', 'a\nb.png'),
    ('a.jpg#0', 'a.jpg#0'),
]
DIFFERENT = [
    ('anna/1.jpg', 'ben/1.jpg'),
    ('train/anna/1.jpg', 'test/anna/1.jpg'),
    ('a.jpg', 'A.jpg'),
    ('a.jpg', 'b.jpg'),
    ('anna.2', 'anna.3.jpg'),
    ('anna.2', 'anna.jpg'),
    ('1.jpg', '11.jpg'),
    ('x1.jpg', '1.jpg'),
    ('a/b.jpg', 'a_b.jpg'),
    ('aa/1.jpg', 'a/1.jpg'),
    ('a.jpg', 'a.jpg#0'),
    ('e.jpg', 'é.jpg'),
    (FLAT, FLAT.replace('_1front', '_2side')),
    ('01_1_front.jpg', 'MEN/Denim/id_00000080/02_1_front.jpg'),
]


@pytest.mark.parametrize('entry, name', SAME)
def test_names_of_one_picture(entry, name):
    index = NameIndex(['other.jpg', entry, 'x/other.png'])
    assert index.find(name) == entry and index[name] == entry
    assert index.match([name]) == {name: entry}


@pytest.mark.parametrize(
    'entry, name', [*DIFFERENT, *(pair[::-1] for pair in DIFFERENT)]
)
def test_names_of_different_pictures(entry, name):
    index = NameIndex([entry], "'k.csv'", 'keypoints')
    assert index.find(name) is None
    with pytest.raises(ValueError, match="'k.csv' has no keypoints of"):
        index[name]


@pytest.mark.parametrize(
    'entries, name, found',
    [
        (['a.jpg', 'a.png', 'a'], 'a.png', 'a.png'),
        (['a.jpg', 'a.png', 'a'], 'a', 'a'),
        (['a.jpg', 'a'], 'a.webp', 'a'),
        (['a.jpg', 'a.JPG'], 'a.JPG', 'a.JPG'),
        (['1.jpg', 'anna/1.jpg', 'ben/1.jpg'], '1.jpg', '1.jpg'),
        (['1.jpg', 'anna/1.jpg', 'ben/1.jpg'], 'x/ben/1.jpg', 'ben/1.jpg'),
        (['1.jpg', 'anna/1.jpg', 'x/anna/1.jpg'], 'x/anna/1', 'x/anna/1.jpg'),
        (['1.jpg', 'anna/1.jpg'], 'carl/1.jpg', '1.jpg'),
        ([COMPOSED, DECOMPOSED], DECOMPOSED, DECOMPOSED),
        ([COMPOSED, DECOMPOSED], COMPOSED, COMPOSED),
        ([' a.jpg', 'a.jpg'], 'a.jpg', 'a.jpg'),
        ([' a.jpg', 'a.jpg'], ' a.jpg', ' a.jpg'),
        (['Anna.jpg', 'anna.jpg'], 'anna.png', 'anna.jpg'),
        (['a.jpg', 'a.jpg.png'], 'a.jpg', 'a.jpg'),
        (['a.jpg', 'a.jpg.png'], 'a.jpg.png', 'a.jpg.png'),
        (['a\\b.jpg', 'a/b.jpg'], 'a/b.jpg', 'a/b.jpg'),
    ],
)
def test_the_nearest_of_several(entries, name, found):
    for order in (entries, entries[::-1]):
        assert NameIndex(order).find(name) == found


@pytest.mark.parametrize(
    'entries, name',
    [
        (['anna/1.jpg', 'ben/1.jpg'], '1.jpg'),
        (['anna/1.jpg', 'ben/1.png'], '1'),
        (['a.jpg', 'a.png'], 'a'),
        (['a.jpg', 'a.png'], 'x/a.webp'),
        (['x/anna/1.jpg', 'y/anna/1.jpg'], 'anna/1.jpg'),
        (['1.png', 'anna/1.jpg'], '1.jpg'),
    ],
)
def test_what_stays_ambiguous_names_the_candidates(entries, name):
    for order in (entries, entries[::-1]):
        with pytest.raises(AmbiguousNameError) as info:
            NameIndex(order, "'k.csv'").find(name)
        assert "'k.csv' has several" in str(info.value)
        assert all(entry in str(info.value) for entry in entries)
        assert 'folders' in str(info.value)  # the way out


def test_errors_say_what_there_is():
    names = [f'{k}.jpg' for k in range(10)] + ['anna/x.jpg']
    with pytest.raises(
        ValueError,
        match=(
            "'ben/x.png'; it knows 11 images: 0.jpg, 1.jpg, 2.jpg and 8 more."
            ' anna/x.jpg is called alike, but is that of another picture'
        ),
    ):
        NameIndex(names)['ben/x.png']
    with pytest.raises(
        ValueError,
        match=(
            "of any of the 2 pictures: one is called '0.jpg', and a picture "
            "'x/a.jpg'"
        ),
    ):
        NameIndex(['0.jpg', '1.jpg']).match(['x/a.jpg', 'b.jpg'])
    assert NameIndex([]).match(['a']) == {'a': None}
    assert NameIndex(['a']).match([]) == {}


def test_nobody_gets_the_entry_of_a_namesake():
    """Looked up together, the entry is of the picture that fits it best."""
    names = ['anna/1.jpg', '1.jpg', '2.jpg', 'ben/2.jpg']
    found = NameIndex(['1.jpg', '2.png', 'ben/2.jpg']).match(names)
    assert found == {
        'anna/1.jpg': None,
        '1.jpg': '1.jpg',
        '2.jpg': '2.png',
        'ben/2.jpg': 'ben/2.jpg',
    }
    assert NameIndex(['a.jpg']).match(['a.jpg', 'a.png', 'a.gif']) == {
        'a.jpg': 'a.jpg',
        'a.png': None,
        'a.gif': None,
    }
    for entry, pictures in (
        ('1.jpg', ['anna/1.jpg', 'ben/1.jpg']),
        ('a', ['a.jpg', 'a.png']),
        ('x/1', ['p/x/1.jpg', 'q/x/1.jpg']),
    ):
        with pytest.raises(AmbiguousNameError, match='each of these') as info:
            NameIndex([entry, 'b']).match(pictures)
        assert all(name in str(info.value) for name in pictures)
    # A picture of which there is no entry lies beside its namesakes.
    names = ['1.jpg', 'anna/1.jpg', 'ben/1.jpg']
    assert NameIndex(names[1:]).match(names) == {
        '1.jpg': None,
        'anna/1.jpg': 'anna/1.jpg',
        'ben/1.jpg': 'ben/1.jpg',
    }
    assert NameIndex(names[1:]).match(names[:2]) == {
        '1.jpg': None,
        'anna/1.jpg': 'anna/1.jpg',
    }
    # Also of those that are not asked for.
    index = NameIndex(['a.jpg', 'b.jpg'])
    assert index.match(['x/a.jpg', 'b'], ['a.jpg']) == {
        'x/a.jpg': None,
        'b': 'b.jpg',
    }


def test_a_list_may_call_a_picture_twice():
    names = ['a', 'a.jpg', 'x/a.jpg', 'A.jpg']
    assert NameIndex(['a.jpg']).match(names, distinct=False) == {
        'a': 'a.jpg',
        'a.jpg': 'a.jpg',
        'x/a.jpg': 'a.jpg',
        'A.jpg': None,
    }
    with pytest.raises(AmbiguousNameError, match='called a: a.jpg, a.png'):
        NameIndex(['a.jpg', 'a.png']).match(['a', 'a.jpg'], distinct=False)
    with pytest.raises(AmbiguousNameError, match='each of these pictures'):
        NameIndex(['1.jpg']).match(['a/1.jpg', 'b/1.jpg'], distinct=False)
    assert NameIndex(['a.jpg']).match(['a.jpg', 'a.png'], distinct=False) == {
        'a.jpg': 'a.jpg',
        'a.png': None,
    }


def test_where_a_folder_lies_tells_namesakes_apart(tmp_path, monkeypatch):
    index = NameIndex(['anna/1.jpg', 'ben/1.jpg', '/elsewhere/carl/2.jpg'])
    folder = str(tmp_path / 'ben')
    assert index.find(Picture(folder, '1.png')) == 'ben/1.jpg'
    # A data set may have been moved: its folder contradicts nothing.
    assert index.find(Picture(folder, '2.jpg')) == '/elsewhere/carl/2.jpg'
    assert index.find(Picture(folder, 'dora/2.jpg')) is None
    with pytest.raises(AmbiguousNameError):
        index.find(Picture(str(tmp_path), '1.jpg'))
    for name in ('anna', 'ben'):  # relative ones are where they are now
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        assert index.find(Picture('.', '1.jpg')) == f'{name}/1.jpg'
        assert index.find(Picture('', '1.jpg')) == f'{name}/1.jpg'


def test_entries_that_have_no_endings():
    """OpenPose's file of ``a.jpg.png`` is ``a.jpg_keypoints.json``."""
    index = NameIndex(['a', 'a.jpg', 'b.jpg'], endings=False)
    assert index.match(['a.jpg', 'a.jpg.png', 'b.jpg']) == {
        'a.jpg': 'a',
        'a.jpg.png': 'a.jpg',
        'b.jpg': 'b.jpg',
    }


def test_entries_of_any_kind():
    pictures = [Picture('img', 'x/a.jpg'), Picture('img', 'b.jpg')]
    assert NameIndex(pictures).find('a.png') is pictures[0]
    assert NameIndex([7, 8]).find('7.jpg') == 7
    assert NameIndex(['a'] * 3).find('a') == 'a'


@pytest.mark.parametrize(
    'name, wanted',
    [
        ('holiday/anna.2.jpg', 'holiday/anna.2'),
        ('a.JPG', 'a'),
        ('a', 'a'),
        (ARCHIVE, FLAT[:-4]),
        (FLAT, FLAT[:-4]),
        (r'x\a.jpg', 'x/a'),
        ('/x/a.jpg', 'x/a'),
        ('../../a.jpg', 'a'),
        (r'C:\x\a.jpg', 'x/a'),
        (DECOMPOSED, COMPOSED[:-4]),
        ('a.jpg.png', 'a.jpg'),
    ],
)
def test_ids_stay_within_a_folder(name, wanted):
    assert picture_id(name) == wanted
    assert not os.path.isabs(picture_id(name))


parts = st.text(
    st.characters(exclude_categories=['Cs', 'Cc'], exclude_characters='/\\'),
    min_size=1,
    max_size=6,
).filter(lambda p: p.strip('. ') and p == p.strip())
paths = (
    st.lists(parts, min_size=1, max_size=4)
    .map('/'.join)
    .map(lambda path: unicodedata.normalize('NFC', path))
)


@given(st.lists(paths, min_size=1, max_size=12, unique=True), st.data())
def test_every_name_finds_itself_and_no_other(names, data):
    """By the rules written out: looking at all entries, one by one."""
    names = [f'{name}.jpg' for name in names]
    index = NameIndex(names)
    assert [index.find(name) for name in names] == names
    assert index.match(names) == {name: name for name in names}
    wanted = data.draw(st.sampled_from(names))
    depth = data.draw(st.integers(0, wanted.count('/')))
    query = '/'.join(wanted.split('/')[depth:])
    agreeing = {
        name: min(len(name.split('/')), len(query.split('/')))
        for name in names
        if f'/{name}'.endswith(f'/{query}') or f'/{query}'.endswith(f'/{name}')
    }
    best = max(agreeing.values())
    nearest = [name for name, parts in agreeing.items() if parts == best]
    exact = [name for name in nearest if name == query]
    whole = [name for name in nearest if len(name.split('/')) == best]
    if exact or len(whole) == 1 or len(nearest) == 1:
        assert index.find(query) == (exact or whole or nearest)[0]
    else:
        with pytest.raises(AmbiguousNameError):
            index.find(query)

"""Archives, decent and hostile ones."""

import io
import os
import stat
import struct
import tarfile
import zipfile

import pytest

from mmposetransfer.datasets.preparing import (
    ArchiveError,
    Limits,
    count_files,
    read_source,
)
from mmposetransfer.io.left_out import LeftOut

FILES = {
    'img/MEN/a.jpg': b'12345',
    'Label/x.json': b'{}' * 40,
    'deep/er/b.bin': bytes(range(256)) * 8,
}


def make_zip(path, files, **kwargs):
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as archive:
        archive.writestr('img/', b'')
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return path


def make_tar(path, files, mode='w'):
    with tarfile.open(path, mode) as archive:
        add(archive, '.', type=tarfile.DIRTYPE)  # as `tar -C folder .` does
        for name, data in files.items():
            add(archive, name, data)
    return path


def add(archive, name, data=b'', **kwargs):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in kwargs.items():
        setattr(info, key, value)
    archive.addfile(info, io.BytesIO(data))


def make_folder(path, files):
    for name, data in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return path


def content(path, limits=None):
    return {m.name: m.read() for m in read_source(path, limits)}


@pytest.mark.parametrize(
    'make',
    [
        lambda p: make_zip(p / 'a.zip', FILES),
        lambda p: make_tar(p / 'a.tar', FILES),
        lambda p: make_tar(p / 'a.tar.gz', FILES, 'w:gz'),
        lambda p: make_tar(p / 'a.TGZ', FILES, 'w:gz'),
        lambda p: make_tar(p / 'a.tar.bz2', FILES, 'w:bz2'),
        lambda p: make_tar(p / 'a.txz', FILES, 'w:xz'),
        lambda p: make_folder(p / 'folder', FILES),
    ],
    ids=['zip', 'tar', 'gz', 'tgz', 'bz2', 'xz', 'folder'],
)
def test_all_kinds_hold_the_same(tmp_path, make):
    source = make(tmp_path)
    assert content(source) == FILES
    sizes = {m.name: m.size for m in read_source(source)}
    assert sizes == {name: len(data) for name, data in FILES.items()}
    unknown = source.name.lower().endswith(('tar', 'gz', 'bz2', 'xz'))
    assert count_files(source) == (None if unknown else len(FILES))


HOSTILE_NAMES = {
    '../out.jpg': r"leads out.*'\.\.'",
    'a/../../out.jpg': r"leads out.*'\.\.'",
    '/etc/passwd': 'no path within',
    'C:/windows/x.jpg': 'no path within',
    'a\\..\\b.jpg': 'no path within',
    'a\x1b[2J.jpg': 'control characters',
    'a\n.jpg': 'control characters',
}


@pytest.mark.parametrize('name, message', HOSTILE_NAMES.items())
@pytest.mark.parametrize(
    'make, file', [(make_zip, 'a.zip'), (make_tar, 'a.tar')]
)
def test_names_that_lead_elsewhere(tmp_path, make, file, name, message):
    # Behind a decent file: a zip is refused before that one is handed over.
    source = make(tmp_path / file, {'ok.jpg': b'1', name: b'2'})
    seen = []
    with pytest.raises(ArchiveError, match=message):
        seen.extend(m.name for m in read_source(source))
    assert seen == ([] if file == 'a.zip' else ['ok.jpg'])


@pytest.mark.parametrize(
    'names, message',
    [
        (('a/x.jpg', 'a/x.jpg'), 'same name a second time'),
        (('a/x.jpg', 'a/./x.jpg'), 'same name a second time'),
        (('a/x.jpg', 'a//x.jpg'), 'same name a second time'),
        (('a/x.jpg', 'A/X.JPG'), 'only in case'),
        (('stra\u00dfe.jpg', 'STRASSE.jpg'), 'only in case'),
        (('caf\u00e9.jpg', 'cafe\u0301.jpg'), 'only in case'),
    ],
)
@pytest.mark.filterwarnings('ignore:Duplicate name')
def test_names_that_collide(tmp_path, names, message):
    with zipfile.ZipFile(tmp_path / 'a.zip', 'w') as archive:
        for name in names:
            archive.writestr(name, b'1')
    with tarfile.open(tmp_path / 'a.tar', 'w') as archive:
        for name in names:
            add(archive, name, b'1')
    for source in ('a.zip', 'a.tar'):
        with pytest.raises(ArchiveError, match=message):
            content(tmp_path / source)


@pytest.mark.parametrize(
    'kind',
    [
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
        tarfile.CHRTYPE,
        tarfile.BLKTYPE,
        tarfile.FIFOTYPE,
    ],
)
def test_links_and_devices_in_a_tar(tmp_path, kind):
    with tarfile.open(tmp_path / 'a.tar', 'w') as archive:
        add(archive, 'x.jpg', type=kind, linkname='/etc/passwd')
    with pytest.raises(ArchiveError, match="'x.jpg', which is a link"):
        content(tmp_path / 'a.tar')


@pytest.mark.parametrize('kind', [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_links_and_devices_in_a_zip(tmp_path, kind):
    info = zipfile.ZipInfo('x.jpg')
    info.external_attr = (kind | 0o777) << 16
    with zipfile.ZipFile(tmp_path / 'a.zip', 'w') as archive:
        archive.writestr(info, '/etc/passwd')
    with pytest.raises(ArchiveError, match="'x.jpg', which is a link"):
        content(tmp_path / 'a.zip')


def test_links_in_a_folder_are_followed(tmp_path):
    folder = make_folder(tmp_path / 'folder', FILES)
    make_folder(tmp_path / 'other', {'x/y.jpg': b'2'})
    (tmp_path / 'far').write_bytes(b'1')
    (folder / 'link.jpg').symlink_to(tmp_path / 'far')
    (folder / 'more').symlink_to(tmp_path / 'other')
    (folder / 'up').symlink_to(tmp_path)
    left_out = LeftOut()
    found = {m.name: m.read() for m in read_source(folder, None, left_out)}
    assert found == {**FILES, 'link.jpg': b'1', 'more/x/y.jpg': b'2'}
    assert left_out.names == {
        'a link back to a folder that it lies in': ['up']
    }
    assert count_files(folder) == len(FILES) + 2


@pytest.mark.parametrize(
    'make',
    [
        lambda p, files: make_zip(p / 'a.zip', files),
        lambda p, files: make_tar(p / 'a.tar', files),
        lambda p, files: make_folder(p / 'folder', files),
    ],
    ids=['zip', 'tar', 'folder'],
)
def test_what_systems_leave_behind_is_passed_over(tmp_path, make):
    source = make(
        tmp_path,
        {
            **FILES,
            '.DS_Store': b'1',
            '__MACOSX/img/._a.jpg': b'1',
            'img/Thumbs.db': b'1',
            'img/@eaDir/a.jpg/SYNO.jpg': b'1',
            '.ipynb_checkpoints/a-checkpoint.jpg': b'1',
        },
    )
    assert content(source) == FILES
    assert count_files(source) in (None, len(FILES))


BOMB = {'x.jpg': bytes(2_000_000)}


@pytest.mark.parametrize(
    'limits, message',
    [
        (dict(ratio=100, ratio_from=10**6), '100 times.*bomb'),
        (dict(file_bytes=10**6), 'more than 1,000,000'),
        (dict(total_bytes=10**6), 'unpacks to more than 1,000,000'),
        (dict(files=0), 'more than 0 files'),
    ],
)
@pytest.mark.parametrize(
    'make, file',
    [(make_zip, 'a.zip'), (lambda p, f: make_tar(p, f, 'w:gz'), 'a.tar.gz')],
)
def test_bombs(tmp_path, make, file, limits, message):
    source = make(tmp_path / file, BOMB)
    assert content(source) == BOMB  # small enough for the usual limits
    with pytest.raises(ArchiveError, match=message):
        content(source, Limits(**limits))


def test_bomb_of_many_small_files(tmp_path):
    source = make_zip(
        tmp_path / 'a.zip', {f'{k}.jpg': bytes(200_000) for k in range(20)}
    )
    with pytest.raises(ArchiveError, match='bomb'):
        content(source, Limits(ratio=100, ratio_from=10**6))


def test_entries_that_share_their_data(tmp_path):
    """Fifield's bomb: many entries of the same compressed bytes."""
    source = make_zip(tmp_path / 'a.zip', {'a.jpg': os.urandom(5000)})
    raw = source.read_bytes()
    start = raw.index(b'PK\x01\x02')
    end = raw.rindex(b'PK\x05\x06')
    entry = raw[raw.rindex(b'PK\x01\x02', 0, end) : end]
    others = b''.join(
        entry.replace(b'a.jpg', b'%c.jpg' % (98 + k)) for k in range(9)
    )
    directory = raw[start:end] + others
    tail = bytearray(raw[end:])
    count = struct.unpack_from('<H', tail, 10)[0] + 9
    struct.pack_into('<HHII', tail, 8, count, count, len(directory), start)
    source.write_bytes(raw[:start] + directory + bytes(tail))
    with pytest.raises(ArchiveError, match='bomb'):
        content(source)


def test_a_zip_that_unpacks_to_more_than_it_says(tmp_path):
    source = make_zip(tmp_path / 'a.zip', {'a.jpg': b'x' * 100_000})
    raw = source.read_bytes()
    size = struct.pack('<I', 100_000)
    source.write_bytes(raw.replace(size, struct.pack('<I', 10)))
    with pytest.raises(ArchiveError, match="a.zip': 'a.jpg' cannot be read"):
        content(source)


def test_a_tar_whose_header_claims_any_length(tmp_path):
    """A pax header is read at once, before its file is known."""
    info = tarfile.TarInfo('x')
    info.type, info.size = tarfile.XHDTYPE, 2**40
    (tmp_path / 'a.tar').write_bytes(info.tobuf() + bytes(1024))
    with pytest.raises(ArchiveError, match='claims'):
        content(tmp_path / 'a.tar')


def test_a_sparse_file(tmp_path):
    sparse = tarfile.TarInfo('x.jpg')
    sparse.type = tarfile.GNUTYPE_SPARSE
    (tmp_path / 'a.tar').write_bytes(sparse.tobuf() + bytes(1024))
    with pytest.raises(ArchiveError, match='sparse'):
        content(tmp_path / 'a.tar')


def test_passwords_are_told_of(tmp_path):
    source = make_zip(tmp_path / 'a.zip', FILES)
    raw = bytearray(source.read_bytes())
    for mark, offset in ((b'PK\x01\x02', 8), (b'PK\x03\x04', 6)):
        at = raw.find(mark)
        while at >= 0:
            raw[at + offset] |= 1
            at = raw.find(mark, at + 4)
    source.write_bytes(raw)
    with pytest.raises(ArchiveError, match='password.*7z x.*folder'):
        content(source)


@pytest.mark.parametrize(
    'make, file',
    [
        (make_zip, 'a.zip'),
        (lambda p, f: make_tar(p, f, 'w:gz'), 'a.tar.gz'),
        (make_tar, 'a.tar'),
    ],
)
@pytest.mark.parametrize('share', [0.3, 0.6, 0.8])
def test_downloads_that_were_cut_off(tmp_path, make, file, share):
    source = make(
        tmp_path / file,
        {'a.jpg': os.urandom(20_000), 'b.jpg': os.urandom(20_000)},
    )
    raw = source.read_bytes()
    source.write_bytes(raw[: int(share * len(raw))])
    with pytest.raises(ArchiveError, match='download complete'):
        content(source)


def test_flipped_bits_are_found(tmp_path):
    source = make_zip(tmp_path / 'a.zip', {'a.jpg': os.urandom(20_000)})
    raw = bytearray(source.read_bytes())
    raw[10_000] ^= 8
    source.write_bytes(raw)
    with pytest.raises(ArchiveError, match="'a.jpg' cannot be read"):
        content(source)


def test_what_is_no_archive(tmp_path):
    (tmp_path / 'a.zip').write_bytes(b'<html>not found</html>')
    with pytest.raises(ArchiveError, match='no archive'):
        content(tmp_path / 'a.zip')
    (tmp_path / 'a.tar.gz').write_bytes(b'<html>not found</html>')
    with pytest.raises(ArchiveError, match='download complete'):
        content(tmp_path / 'a.tar.gz')
    with pytest.raises(FileNotFoundError, match='nowhere'):
        content(tmp_path / 'nowhere.zip')


def test_a_single_file_is_a_source(tmp_path):
    for name in ('pairs.csv', 'a.jpg', 'no ending'):
        (tmp_path / name).write_bytes(b'12')
        assert content(tmp_path / name) == {name: b'12'}
        assert count_files(tmp_path / name) == 1

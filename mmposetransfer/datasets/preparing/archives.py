"""Read archives and folders that may be hostile, one file after another.

Nothing is ever unpacked under a name that an archive chose: files are handed
over as bytes, and whoever asked for them says where they go. What a decent
archive does not hold is refused with an error.

The data filter of `tarfile` would not do: it is for unpacking into a folder,
and of a tar only. It lets pass links within the folder, sparse files, a name
that comes twice, drives of another system, and headers and files of any size.
"""

import bz2
import gzip
import lzma
import os
import stat
import tarfile
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from mmposetransfer.errors import UserFileNotFoundError, UserValueError
from mmposetransfer.io.folders import is_hidden, walk_files
from mmposetransfer.io.left_out import LeftOut

__all__ = ['ArchiveError', 'Limits', 'Member', 'count_files', 'read_source']

_TAR_ENDINGS = (
    '.tar',
    '.tar.gz',
    '.tgz',
    '.tar.bz2',
    '.tbz2',
    '.tar.xz',
    '.txz',
)
_ARCHIVES = ('.zip', '.rar', '.7z', *_TAR_ENDINGS, '.gz', '.bz2', '.xz')
_OPENERS = {'gz': gzip.open, 'bz2': bz2.open, 'xz': lzma.open}
_DAMAGED = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
)
_ENCRYPTED = 0x1  # flag of a zip's entry


class ArchiveError(UserValueError):
    """An archive that is damaged, protected or hostile."""


@dataclass(frozen=True)
class Limits:
    """What an archive may hold at most.

    Attributes:
        files: Number of files.
        total_bytes: Of all files together, unpacked.
        file_bytes: Of one file.
        ratio: Unpacked bytes for each packed one, of one file and of all,
            as soon as they are more than ``ratio_from``. Photographs have
            hardly more than 1, lists of names 20, segmentations 100.
        ratio_from: See ``ratio``.
    """

    files: int = 2_000_000
    total_bytes: int = 200 * 2**30
    file_bytes: int = 2**29
    ratio: float = 200
    ratio_from: int = 64 * 2**20


class Member(NamedTuple):
    """A file of an archive or folder.

    Attributes:
        name: Its path within, with '/'.
        size: Bytes.
        read: Function that returns its content.
    """

    name: str
    size: int
    read: object


def read_source(path, limits=None, left_out=None):
    """Go through the files of a zip, a tar or a folder, or take one file.

    A zip is checked whole before its first file is handed over, a tar file
    by file, as it comes. Hidden files, and those that systems leave behind,
    are passed over.

    Args:
        path (str | Path): ``.zip``, ``.tar`` (also ``.gz``, ``.bz2``,
            ``.xz``), a folder, in which links are followed, or one file.
        limits (Limits, optional): Defaults to ``Limits()``.
        left_out (LeftOut, optional): Takes up what of a folder cannot be
            reached.

    Yields:
        Member: In the archive's order, of a folder in order of name.
        Folders are left out.

    Raises:
        FileNotFoundError: If there is no such file or folder.
        ArchiveError: If it cannot be read, is protected by a password, or
            holds names that lead elsewhere, the same name twice (also in
            another case), links, devices, or more than ``limits`` allow.
    """
    path, limits = Path(path), limits or Limits()
    if path.is_dir():
        return _read_folder(path, LeftOut() if left_out is None else left_out)
    if not path.is_file():
        raise UserFileNotFoundError(f"There is no archive or folder '{path}'.")
    if path.name.lower().endswith(_TAR_ENDINGS):
        return _seen(_read_tar(path, limits))
    if zipfile.is_zipfile(path):
        return _seen(_read_zip(path, limits))
    if not path.name.lower().endswith(_ARCHIVES):
        return iter([Member(path.name, path.stat().st_size, path.read_bytes)])
    raise ArchiveError(
        f"'{path}' is no archive that can be read: expected a .zip, a .tar "
        '(.gz, .bz2, .xz) or a folder. Was the download complete?'
    )


def count_files(path):
    """How many files a source holds, where that is known without reading.

    Args:
        path (str | Path): As of :func:`read_source`.

    Returns:
        int | None: None for a tar, and for what cannot be read.
    """
    if os.path.isdir(path):
        return len(walk_files(path, LeftOut()))
    if os.path.isfile(path) and not os.fspath(path).lower().endswith(
        _ARCHIVES
    ):
        return 1
    try:
        with zipfile.ZipFile(path) as archive:
            return sum(
                not entry.is_dir() and not is_hidden(entry.filename)
                for entry in archive.infolist()
            )
    except (*_DAMAGED, ValueError):
        return None


class _Checker:
    """Holds the files of one archive to the limits and to each other."""

    def __init__(self, path, limits):
        self.path, self.limits = path, limits
        self.seen, self.total = {}, 0
        self.packed = path.stat().st_size

    def refuse(self, name, why):
        """Raise for a file."""
        raise ArchiveError(f"'{self.path}' holds '{name[:200]}', {why}.")

    def check(self, name, size, packed=None):
        """The safe form of a file's name."""
        safe = self._safe_name(name)
        # Also the same where a file system does not tell case or accents.
        key = unicodedata.normalize('NFC', safe).casefold()
        if key in self.seen:
            other = self.seen[key]
            self.refuse(
                name,
                'and the same name a second time'
                if other == safe
                else f"which differs from '{other}' only in case",
            )
        self.seen[key] = safe
        self._check_size(name, size, packed)
        return safe

    def _safe_name(self, name):
        """The name without '.' and '//', unless it leads elsewhere."""
        # What is a separator or a drive on one system has no place in a name
        # on another; a control character hides what a terminal shows.
        path = PurePosixPath(name)
        if name.startswith('/') or '\\' in name or name[1:2] == ':':
            self.refuse(name, 'which is no path within the archive')
        if '..' in path.parts:
            self.refuse(name, "which leads out of the archive with '..'")
        if not path.parts or not name.isprintable():
            self.refuse(name, 'whose name is empty or has control characters')
        return path.as_posix()

    def _check_size(self, name, size, packed):
        limits = self.limits
        self.total += size
        if len(self.seen) > limits.files:
            raise ArchiveError(
                f"'{self.path}' holds more than {limits.files:,} files."
            )
        if size > limits.file_bytes:
            self.refuse(
                name,
                f'of {size:,} bytes, which is more than {limits.file_bytes:,}',
            )
        if self.total > limits.total_bytes:
            raise ArchiveError(
                f"'{self.path}' unpacks to more than "
                f'{limits.total_bytes:,} bytes.'
            )
        # A tar is packed as a whole, so its files have no size of their own.
        for unpacked, of in ((size, packed), (self.total, self.packed)):
            if (
                of is not None
                and unpacked > limits.ratio_from
                and unpacked > limits.ratio * max(of, 1)
            ):
                self.refuse(
                    name,
                    f'with which {of:,} bytes unpack to '
                    f'{unpacked:,}: more than {limits.ratio} times '
                    'as many are no data set, but a bomb',
                )


def _read_folder(folder, left_out):
    for name in walk_files(folder, left_out):
        path = folder / name
        yield Member(name, path.stat().st_size, path.read_bytes)


def _seen(members):
    """Without hidden files, which are checked all the same."""
    return (member for member in members if not is_hidden(member.name))


def _read_zip(path, limits):
    try:
        archive = zipfile.ZipFile(path)
    except (*_DAMAGED, ValueError) as error:
        raise _damaged(path, error) from None
    with archive:
        for name, entry in _checked_entries(archive, _Checker(path, limits)):
            yield Member(
                name,
                entry.file_size,
                # No more than it promised is unpacked, and its
                # checksum is checked.
                lambda e=entry: _content(archive.read, e, path),
            )


def _damaged(path, error, name=''):
    where = f"'{path}'{name and f': {name!r}'}"
    return ArchiveError(
        f'{where} cannot be read: {error}. Was the download complete?'
    )


def _content(read, entry, path):
    try:
        return read(entry)
    except _DAMAGED as error:
        name = getattr(entry, 'filename', None) or entry.name
        raise _damaged(path, error, name) from None


def _checked_entries(archive, checker):
    entries, packed = [], 0
    for entry in archive.infolist():
        name = entry.orig_filename.replace(os.sep, '/')
        mode = entry.external_attr >> 16
        kind = stat.S_IFMT(mode)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            checker.refuse(name, 'which is a link or a device, not a file')
        if entry.is_dir():
            continue
        if entry.flag_bits & _ENCRYPTED:
            raise ArchiveError(
                f"'{checker.path}' is protected by a password ('{name}' is "
                'encrypted): unpack it with a program that asks for the '
                'password, such as `7z x`, and give the folder.'
            )
        packed += entry.compress_size
        if packed > checker.packed:
            checker.refuse(
                name, 'whose data are also those of other files: a bomb'
            )
        entries.append(
            (checker.check(name, entry.file_size, entry.compress_size), entry)
        )
    return entries


class _Bounded:
    """A file that does not read at once what would fill the memory.

    The headers of a tar may claim any length.
    """

    def __init__(self, file, limit):
        self.file, self.limit = file, limit
        self.seek, self.tell = file.seek, file.tell

    def read(self, size=-1):
        if size is None or not 0 <= size <= self.limit:
            raise tarfile.ReadError(f'a header claims {size:,} bytes')
        return self.file.read(size)


def _read_tar(path, limits):
    checker = _Checker(path, limits)
    kind = path.suffix.lower().removeprefix('.')
    kind = {'tgz': 'gz', 'tbz2': 'bz2', 'txz': 'xz'}.get(kind, kind)
    try:
        with (
            _OPENERS.get(kind, open)(path, 'rb') as file,
            tarfile.open(
                fileobj=_Bounded(file, limits.file_bytes + 2**20), mode='r:'
            ) as archive,
        ):
            for entry in archive:
                name = _checked_tar_entry(entry, checker)
                if name is not None:
                    yield Member(
                        name,
                        entry.size,
                        lambda e=entry: _content(
                            lambda e: archive.extractfile(e).read(), e, path
                        ),
                    )
    except _DAMAGED as error:
        raise _damaged(path, error) from None


def _checked_tar_entry(entry, checker):
    """The safe name of a file, None of a folder."""
    if entry.isdir():
        return None
    if not entry.isreg() or entry.issparse():
        checker.refuse(
            entry.name, 'which is a link, a device or sparse, not a plain file'
        )
    return checker.check(entry.name, entry.size)

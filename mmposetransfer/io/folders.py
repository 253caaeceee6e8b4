"""Walk folders of pictures: what is taken, and what is left out and why."""

import os
from dataclasses import dataclass
from typing import NamedTuple

from mmposetransfer.errors import UserFileNotFoundError
from mmposetransfer.io.left_out import LeftOut
from mmposetransfer.io.picture_formats import HEAD, why_not_read

__all__ = [
    'FoundPictures',
    'Picture',
    'find_pictures',
    'is_hidden',
    'walk_files',
]

# What systems put among the files of people, beside names that begin with a
# dot.
_SYSTEM = frozenset(
    [
        '#recycle', '$recycle.bin', '@eadir', '@tmp', '__macosx',
        'desktop.ini', 'ehthumbs.db', 'icon\r', 'lost+found',
        'system volume information', 'thumbs.db',
    ]
)  # fmt: skip
_NO_TEXT = 'its name is no text in UTF-8: rename it'
_NO_TARGET = 'a link that leads nowhere'
_LOOP = 'a link back to a folder that it lies in'
_TWICE = 'a link to a folder that is gone through under another name'
_NO_FILE = 'neither a file nor a folder'
_NOT_OPENED = 'cannot be opened: {}'


@dataclass(frozen=True)
class Picture:
    """A picture of a folder; opens as its file does.

    Attributes:
        folder: Where it was found, as the user named it.
        name: Its path within, with '/'.
    """

    folder: str
    name: str

    def __fspath__(self):
        return os.path.join(self.folder, self.name)

    def __str__(self):
        return os.fspath(self)


class FoundPictures(NamedTuple):
    """What a folder holds.

    Attributes:
        pictures: list[Picture], in order of name.
        left_out: LeftOut: all other files, but hidden ones.
    """

    pictures: list
    left_out: LeftOut

    @property
    def names(self):
        """list[str]: Names of the pictures within the folder."""
        return [picture.name for picture in self.pictures]


def is_hidden(name):
    """Whether a file is none of the user's.

    Args:
        name (str): Its path within a folder or archive, with '/'.

    Returns:
        bool: Of names that begin with a dot, and of what systems leave
        behind, such as ``__MACOSX`` and ``Thumbs.db``; also of all below
        them.
    """
    return any(
        part.lower() in _SYSTEM or (part.startswith('.') and part.strip('.'))
        for part in name.split('/')
    )


def find_pictures(folder):
    """The pictures of a folder and its sub-folders.

    Args:
        folder (str | Path): The folder; see ``walk_files``.

    Returns:
        FoundPictures: The files that are pictures by their endings or, where
        the ending is not known, by their content; and all others.

    Raises:
        FileNotFoundError: If there is no such folder.
    """
    folder, left_out = os.fspath(folder), LeftOut()
    pictures = []
    for name in walk_files(folder, left_out):
        picture = Picture(folder, name)
        try:
            reason = why_not_read(name, lambda p=picture: _head(p))
        except OSError as error:
            reason = _NOT_OPENED.format(error.strerror)
        if reason is None:
            pictures.append(picture)
        else:
            left_out.add(reason, name)
    return FoundPictures(pictures, left_out)


def _head(path):
    with open(path, 'rb') as file:
        return file.read(HEAD)


def walk_files(folder, left_out):
    """The files of a folder and its sub-folders.

    Links to files and folders are followed. Each folder is gone through
    once: where links lead to it as well, under its own name; so no link leads
    round in circles. Hidden files and those of systems are passed over.

    Args:
        folder (str | Path): The folder.
        left_out (LeftOut): Takes up what is no file, and what cannot be
            reached.

    Returns:
        list[str]: Paths within the folder, with '/', in order.

    Raises:
        FileNotFoundError: If there is no such folder.
    """
    if not os.path.isdir(folder):
        raise UserFileNotFoundError(f"there is no folder '{folder}'")
    walk = _Walk(os.fspath(folder))
    for names in walk.left_out.names.values():
        names.sort()
    left_out.update(walk.left_out)
    return sorted(walk.files, key=lambda name: name.split('/'))


class _Walk:
    """State of a walk."""

    def __init__(self, root):
        self.root, self.left_out = root, LeftOut()
        self.files, self.folders, self.links = [], [''], []
        self.seen, self.above = {_identity(root)}, {_identity(root)}
        parent = os.path.realpath(root)
        while os.path.dirname(parent) != parent:
            parent = os.path.dirname(parent)
            self.above.add(_identity(parent))
        while self.folders or self.links:
            while self.folders:
                self.go_through(self.folders.pop())
            # Behind all folders that are there without a link.
            links, self.links = sorted(self.links), []
            for name in links:
                self.follow(name)

    def follow(self, name):
        """Go through what a link leads to, unless that is done anyway."""
        identity = _identity(os.path.join(self.root, name))
        if identity in self.above:
            self.left_out.add(_LOOP, name)
        elif identity in self.seen:
            self.left_out.add(_TWICE, name)
        else:
            self.seen.add(identity)
            self.folders.append(name)

    def go_through(self, folder):
        """Note what is in a folder."""
        try:
            with os.scandir(os.path.join(self.root, folder)) as entries:
                for entry in entries:
                    if not is_hidden(entry.name):
                        self.sort_in(entry, folder and f'{folder}/')
        except OSError as error:
            self.left_out.add(
                _NOT_OPENED.format(error.strerror), folder or self.root
            )

    def sort_in(self, entry, before):
        """Note one entry of a folder."""
        name = before + entry.name
        shown = name.encode('utf-8', 'backslashreplace').decode()
        if shown != name:
            self.left_out.add(_NO_TEXT, shown)
        elif entry.is_symlink():
            self.sort_in_link(entry.path, name)
        elif entry.is_dir():
            identity = _identity(entry.path)
            if identity not in self.seen:  # else a link led there before
                self.seen.add(identity)
                self.folders.append(name)
        elif entry.is_file():
            self.files.append(name)
        else:
            self.left_out.add(_NO_FILE, name)

    def sort_in_link(self, path, name):
        """The same of a link."""
        if os.path.isdir(path):
            self.links.append(name)
        elif os.path.isfile(path):
            self.files.append(name)
        else:
            broken = not os.path.exists(path)
            self.left_out.add(_NO_TARGET if broken else _NO_FILE, name)


def _identity(folder):
    """What a folder has in common under all of its names."""
    status = os.stat(folder)
    return status.st_dev, status.st_ino

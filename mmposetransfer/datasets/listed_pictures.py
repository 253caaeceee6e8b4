"""Pictures that a list names: their files, and what belongs to each."""

from mmposetransfer.io.folders import find_pictures

from .names import NameIndex

__all__ = ['ListedPictures']


class ListedPictures:
    """The files of the pictures in a list.

    Args:
        names (Iterable[str]): As the list has them.
        folder (str | Path): Of the pictures; sub-folders are looked into.

    Attributes:
        pictures (dict[str, Picture]): Name in the list -> file.
        missing (list[str]): Names of which there is no file.
        found (FoundPictures): All that the folder holds.

    Raises:
        FileNotFoundError: If there is no such folder.
        AmbiguousNameError: If several files fit a name, or several names
            that cannot be those of one picture a file.
        ValueError: If no name is that of a file.
    """

    def __init__(self, names, folder):
        self.found = find_pictures(folder)
        files = NameIndex(
            self.found.pictures, f"the folder '{folder}'", 'picture'
        ).match(names, distinct=False)
        self.pictures = {name: file for name, file in files.items() if file}
        self.missing = [name for name, file in files.items() if not file]

    def entries(self, index):
        """What belongs to each picture.

        Pictures of the folder that are not in the list have entries, too,
        and keep them.

        Args:
            index (NameIndex): Of a table of keypoints or of fits, or of files
                in another folder.

        Returns:
            dict: Name in the list -> entry, None where there is none.

        Raises:
            AmbiguousNameError: See :meth:`NameIndex.match`.
            ValueError: If no entry is that of a picture.
        """
        found = index.match(self.pictures.values(), self.found.pictures)
        return {name: found[file] for name, file in self.pictures.items()}

"""Pictures of a study: found in their folders, and made alike for the page.

A browser never names a file. It names a trial of its own, and the server
looks the picture up among those that it found itself.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

import cv2
import numpy as np

from mmposetransfer.errors import UserFileNotFoundError, UserValueError
from mmposetransfer.io.folders import Picture, find_pictures
from mmposetransfer.io.image_io import read_image
from mmposetransfer.io.picture_formats import split_ending

from .design import REAL

__all__ = ['StudyPictures']

# Pictures kept in memory as they are sent, about 100 kB each.
_KEPT = 1024


class StudyPictures:
    """The pictures of a study by source and scene.

    A scene is a file's path within its folder without its ending: the
    photograph ``anna/1.jpg`` and the result ``anna/1.png`` are of one scene.

    Args:
        folders (Mapping[str, str]): Source -> folder.
        zoom (int): Each pixel becomes a square of so many.

    Raises:
        UserFileNotFoundError: If a folder is not there.
        UserValueError: If two files of a folder are of one scene.
    """

    def __init__(self, folders: Mapping[str, str], zoom: int = 1) -> None:
        self.zoom = zoom
        self.by_source = {
            source: _by_scene(folder) for source, folder in folders.items()
        }
        self.png = lru_cache(_KEPT)(self._png)

    def common_scenes(self) -> list[str]:
        """Scenes of which all sources have a picture, in order."""
        return sorted(set.intersection(*map(set, self.by_source.values())))

    def check(self, scenes: Iterable[str]) -> None:
        """Read all pictures once, rather than fail before a participant.

        Args:
            scenes: Those of the study.

        Raises:
            UserFileNotFoundError: If a picture is not there.
            UserValueError: If one cannot be read, or is of another size than
                the photograph of its scene, which would give it away.
        """
        for scene in scenes:
            sizes = {
                source: self.read(source, scene).shape[1::-1]
                for source in self.by_source
            }
            for source in set(sizes) - {REAL, 'reference', 'pose'}:
                if sizes[source] != sizes[REAL]:
                    raise UserValueError(
                        "'{}' has {}x{} pixels and '{}' {}x{}: a picture's "
                        'size would tell what it is. Bring the pictures of a '
                        'scene to one size'.format(
                            self.find(source, scene),
                            *sizes[source],
                            self.find(REAL, scene),
                            *sizes[REAL],
                        )
                    )

    def find(self, source: str, scene: str) -> Picture:
        """The file of a picture.

        Args:
            source: Of the picture.
            scene: Of the picture.

        Raises:
            UserFileNotFoundError: If there is none.
        """
        try:
            return self.by_source[source][scene]
        except KeyError:
            raise UserFileNotFoundError(
                f"the study's scene '{scene}' has no picture any more in the "
                f"folder of '{source}': put it back"
            ) from None

    def read(self, source: str, scene: str) -> np.ndarray:
        """A picture as (H, W, 3) uint8 BGR; see `find`."""
        return read_image(self.find(source, scene))

    def _png(self, source: str, scene: str) -> bytes:
        """A picture as it is sent.

        All are PNG files without other information, so neither the kind of
        file nor what a camera wrote into it tells where it comes from.
        """
        image = self.read(source, scene)
        image = image.repeat(self.zoom, axis=0).repeat(self.zoom, axis=1)
        return cv2.imencode('.png', image)[1].tobytes()


def _by_scene(folder: str) -> dict[str, Picture]:
    pictures: dict[str, Picture] = {}
    for picture in find_pictures(folder).pictures:
        scene = split_ending(picture.name)[0]
        if scene in pictures:
            raise UserValueError(
                f"'{pictures[scene]}' and '{picture}' have one name, endings "
                'aside: rename or remove one of them'
            )
        pictures[scene] = picture
    if not pictures:
        raise UserValueError(f"the folder '{folder}' has no pictures")
    return pictures

"""Pictures of a study: found in their folders, and made alike for the page.

A browser never names a file. It names a trial of its own, and the server
looks the picture up among those that it found itself.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

import cv2
import numpy as np

from mmposetransfer.datasets.names import picture_id
from mmposetransfer.errors import UserFileNotFoundError, UserValueError
from mmposetransfer.io.folders import FoundPictures, Picture, find_pictures
from mmposetransfer.io.image_io import read_image
from mmposetransfer.io.left_out import LeftOut

from .design import REAL

__all__ = ['StudyPictures']

# Pictures kept in memory as they are sent, about 100 kB each.
_KEPT = 1024


class StudyPictures:
    """The pictures of a study by source and scene.

    A scene is a file's path within its folder, as `picture_id` writes it: the
    photograph ``anna/1.jpg`` and the result ``anna/1.png`` are of one scene.

    Attributes:
        found: Source -> what its folder holds.
        by_source: Source -> scene -> picture.

    Args:
        folders (Mapping[str, str]): Source -> folder.
        zoom (int): Each pixel becomes a square of so many.

    Raises:
        UserFileNotFoundError: If a folder is not there.
        UserValueError: If two files of a folder are of one scene.
    """

    def __init__(self, folders: Mapping[str, str], zoom: int = 1) -> None:
        self.zoom = zoom
        self.found = {
            source: find_pictures(folder) for source, folder in folders.items()
        }
        self.by_source = {
            source: _by_scene(folders[source], found)
            for source, found in self.found.items()
        }
        self.png = lru_cache(_KEPT)(self._png)

    def common_scenes(self) -> list[str]:
        """Scenes of which all sources have a picture, in order.

        Raises:
            UserValueError: If there is none.
        """
        scenes = sorted(set.intersection(*map(set, self.by_source.values())))
        if not scenes:
            examples = ', '.join(
                f"'{min(pictures)}' of {source}"
                for source, pictures in self.by_source.items()
            )
            raise UserValueError(
                'no scene has a picture in every folder: there are '
                f'{examples}. Pictures of one scene need one name, endings '
                'aside'
            )
        return scenes

    def left_out(self) -> dict[str, LeftOut]:
        """What of each source's folder is in no scene of all sources."""
        scenes, lost = set(self.common_scenes()), {}
        for source, pictures in self.by_source.items():
            lost[source] = LeftOut()
            lost[source].update(self.found[source].left_out)
            for scene in sorted(set(pictures) - scenes):
                lost[source].add('not in all folders', pictures[scene].name)
        return lost

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


def _by_scene(folder: str, found: FoundPictures) -> dict[str, Picture]:
    pictures: dict[str, Picture] = {}
    for picture in found.pictures:
        scene = picture_id(picture.name)
        if scene in pictures:
            raise UserValueError(
                f"'{pictures[scene]}' and '{picture}' have one name, endings "
                'aside: rename or remove one of them'
            )
        pictures[scene] = picture
    if not pictures:
        raise UserValueError(
            '; '.join(
                [
                    f"the folder '{folder}' has no pictures",
                    *found.left_out.lines(),
                ]
            )
        )
    return pictures

"""Begin a study, or go on with one."""

import os
import secrets
from collections.abc import Mapping
from typing import Any

from mmposetransfer.errors import UserValueError

from .database import StudyDatabase
from .design import REAL, StudyDesign, draw_scenes
from .pictures import StudyPictures
from .study import Study

__all__ = ['begin_study', 'continue_study']

# What can be shown with a pair, in order.
_BESIDE = ('reference', 'pose', REAL)


def begin_study(
    path: str | os.PathLike[str],
    folders: Mapping[str, str | os.PathLike[str]],
    design: StudyDesign,
    show_real: bool = False,
    pool: int | None = None,
    seed: int | None = None,
    **settings: Any,
) -> tuple[StudyDatabase, StudyPictures]:
    """Find and check the pictures, draw scenes and make the study's file.

    Args:
        path: The file, which is not there yet.
        folders: Source -> folder: 'real', each method of the design and, to
            be shown with a pair, 'reference' and 'pose'.
        design: How many pictures of what.
        show_real: Whether the photograph is shown with a pair.
        pool: How many scenes; see `draw_scenes`.
        seed: Of all that is random. Defaults to a random one, which no
            participant can guess.
        **settings: Other attributes of `Study`.

    Raises:
        UserValueError: If the file is there, pictures cannot be used, or
            there are too few.
        UserFileNotFoundError: If a folder is not there.
        WriteError: If the file cannot be written.
    """
    if os.path.exists(path):
        raise UserValueError(f"'{path}' is there: name another file")
    shown = {source: os.path.abspath(f) for source, f in folders.items()}
    pictures = StudyPictures(shown, settings.get('zoom', 1))
    if seed is None:
        seed = secrets.randbits(64)
    scenes = draw_scenes(pictures.common_scenes(), design, seed, pool)
    pictures.check(scenes)
    study = Study(
        design,
        shown,
        scenes,
        seed,
        beside=tuple(
            source
            for source in _BESIDE
            if source in shown and (source != REAL or show_real)
        ),
        **settings,
    )
    return StudyDatabase.create(path, study), pictures


def continue_study(
    path: str | os.PathLike[str],
) -> tuple[StudyDatabase, StudyPictures]:
    """Open a study that has begun, and check its pictures.

    Args:
        path: Its file.

    Raises:
        UserFileNotFoundError: If the file or one of its pictures is not
            there.
        UserValueError: If the file is something else, or a picture cannot be
            used any more.
    """
    database = StudyDatabase(path)
    study = database.study
    pictures = StudyPictures(study.folders, study.zoom)
    pictures.check(study.scenes)
    return database, pictures

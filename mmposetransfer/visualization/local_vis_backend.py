"""Logs that a full disk does not end and a resumed run goes on with."""

import logging
import os
import shutil

from mmengine.logging import print_log
from mmengine.visualization import LocalVisBackend as _LocalVisBackend

from mmposetransfer.registry import VISBACKENDS
from mmposetransfer.utils.image_io import write_image

__all__ = ['LocalVisBackend']


@VISBACKENDS.register_module()
class LocalVisBackend(_LocalVisBackend):
    """MMEngine's backend of this name, for runs that are interrupted.

    What cannot be written, as on a full disk, is left out with a warning; no
    line is written in part. :class:`ResumeHook` has the scalars of a resumed
    run begin with those of the run before.

    Args:
        save_dir (str): Folder of the log.
        img_save_dir (str): Folder of images in it.
        config_save_file (str): Name of the config in it, ``.py``.
        scalar_save_file (str): Name of the scalars in it, ``.json``.
    """

    def __init__(
        self,
        save_dir,
        img_save_dir='vis_image',
        config_save_file='config.py',
        scalar_save_file='scalars.json',
    ):
        super().__init__(
            save_dir, img_save_dir, config_save_file, scalar_save_file
        )
        self._failing = False
        self._images = os.path.join(save_dir, img_save_dir)
        self._scalars = os.path.join(save_dir, scalar_save_file)

    @property
    def scalars(self):
        """Path of the scalars."""
        return self._scalars

    def position(self, work_dir):
        """How far the scalars go.

        Args:
            work_dir (str): Work directory of the run.

        Returns:
            dict: ``file``, relative to the work directory, and ``size``.
        """
        size = (
            os.path.getsize(self.scalars)
            if os.path.exists(self.scalars)
            else 0
        )
        return dict(file=os.path.relpath(self.scalars, work_dir), size=size)

    def continue_from(self, work_dir, position):
        """Begin the scalars with those of another run.

        Args:
            work_dir (str): Work directory of both.
            position (dict, optional): Of :meth:`position`, when the
                checkpoint was written.
        """
        before = position and os.path.join(work_dir, position['file'])
        if not before or not os.path.isfile(before):
            print_log(
                'The scalars of the interrupted run are not there: '
                'those of this run begin with its first step.',
                logger='current',
                level=logging.WARNING,
            )
            return
        if os.path.realpath(before) != os.path.realpath(self.scalars):
            os.makedirs(os.path.dirname(self.scalars), exist_ok=True)
            shutil.copyfile(before, self.scalars)
        if os.path.getsize(self.scalars) > position['size']:
            os.truncate(self.scalars, position['size'])

    def add_image(self, name, image, step=0, **kwargs):
        """Write an image, RGB uint8 (H, W, 3), as ``NAME_STEP.png``."""
        path = os.path.join(self._images, f'{name}_{step}.png')
        try:
            write_image(path, image[..., ::-1])
        except OSError as error:
            self._warn(error)

    def _dump(self, value_dict, file_path, file_format):
        size = os.path.getsize(file_path) if os.path.exists(file_path) else 0
        try:
            super()._dump(value_dict, file_path, file_format)
            self._failing = False
        except OSError as error:
            self._warn(error)
            if os.path.exists(file_path):  # with a part of a line
                os.truncate(file_path, size)

    def _warn(self, error):
        """Once, until it works again."""
        if not self._failing:
            print_log(
                f"The log in '{self._save_dir}' cannot be written: "
                f'{error}. Training goes on without it; free some '
                'space.',
                logger='current',
                level=logging.ERROR,
            )
        self._failing = True

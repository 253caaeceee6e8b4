"""Storage for files that are whole, on the disk, or not there at all."""

from pathlib import Path

from mmengine.fileio import LocalBackend, register_backend

from mmposetransfer.utils.atomic_write import atomic_write

__all__ = ['DurableBackend']


@register_backend('durable', force=True)
class DurableBackend(LocalBackend):
    """MMEngine's local storage, but for how files are written.

    They are written beside their place, flushed to the disk and renamed:
    neither a crash nor a loss of power leaves a part of a file.

    Examples:
        >>> hook = dict(type='mmengine.CheckpointHook', interval=1,
        ...             backend_args=dict(backend='durable'))
    """

    def put(self, obj: bytes, filepath: str | Path) -> None:
        """Write bytes to a file; its folder is made.

        Raises:
            WriteError: If that fails; what was there before is untouched.
        """
        with atomic_write(filepath, durable=True) as file:
            file.write(obj)

    def put_text(
        self, obj: str, filepath: str | Path, encoding: str = 'utf-8'
    ) -> None:
        """Write text to a file, as :meth:`put`."""
        self.put(obj.encode(encoding), filepath)

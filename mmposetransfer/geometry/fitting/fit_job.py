"""Fit any number of people in parts that survive being killed."""

import hashlib
import json
import os
import shutil
from multiprocessing import get_context

import numpy as np
import torch

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.atomic_write import atomic_write

from ..body_model import BodyModel
from .body_fits import BodyFits, load_fits, save_fits
from .body_fitter import BodyFitter

__all__ = ['fit_to_file']

_fitter = None  # of a worker process


def fit_to_file(
    path,
    keypoints,
    names,
    sizes=None,
    body=None,
    workers=1,
    batch_size=256,
    progress=None,
    **settings,
):
    """Fit people and write the fits, part by part.

    Parts are kept in the folder ``<path>.parts`` until all are there; a run
    that was killed goes on with the same call, and its file is the same byte
    for byte.

    Args:
        path (str | Path): The ``.npz`` to write.
        keypoints (np.ndarray): (N, 18, 3).
        names (Sequence[str]): N names.
        sizes (np.ndarray, optional): (N, 2) or (2,), height and width.
        body (str, optional): SMPL file. Defaults to the free body.
        workers (int): Processes, of one thread each; 0 and 1 stay in this
            one.
        batch_size (int): People in a part.
        progress (Callable, optional): Called with the number of people done
            after each part, first with those of parts that were there.
        **settings: ``distance``, ``noise``, ``guesses`` and ``device`` of
            :class:`BodyFitter`.

    Returns:
        BodyFits: What was written.

    Raises:
        ValueError: If the keypoints are malformed, or the parts are of other
            keypoints or settings.
        WriteError: If a file cannot be written.
    """
    keypoints = np.asarray(keypoints, np.float32)
    sizes = np.broadcast_to(
        np.zeros(2) if sizes is None else sizes, (len(keypoints), 2)
    ).astype(np.int32)
    folder = f'{os.fspath(path)}.parts'
    _claim(
        folder, _digest(keypoints, names, sizes, body, batch_size, settings)
    )
    parts = [
        (
            os.path.join(folder, f'{start:09d}.npz'),
            keypoints[start : start + batch_size],
            list(names[start : start + batch_size]),
            sizes[start : start + batch_size],
        )
        for start in range(0, len(keypoints), batch_size)
    ]
    missing = [part for part in parts if not os.path.isfile(part[0])]
    done = sum(len(part[1]) for part in parts) - sum(
        len(part[1]) for part in missing
    )
    if progress and done:
        progress(done)
    for count in _run(missing, body, settings, workers):
        done += count
        if progress:
            progress(done)
    if parts:
        fits = BodyFits.concatenate([load_fits(part[0]) for part in parts])
    else:
        fits = BodyFitter(_body(body), **settings)(keypoints, names, sizes)
    save_fits(path, fits)
    shutil.rmtree(folder)
    return fits


def _digest(keypoints, names, sizes, body, batch_size, settings):
    """What the parts depend on, in short."""
    digest = hashlib.sha256(keypoints.tobytes() + sizes.tobytes())
    digest.update(
        json.dumps(
            [
                list(map(str, names)),
                None if body is None else os.fspath(body),
                batch_size,
                sorted(settings.items()),
            ],
            default=str,
        ).encode()
    )
    return digest.hexdigest()


def _claim(folder, digest):
    """Make the folder of parts, or see that it is of the same job."""
    mark = os.path.join(folder, 'job.txt')
    if os.path.isfile(mark):
        with open(mark, encoding='utf-8') as file:
            if file.read() != digest:
                raise UserValueError(
                    f"'{folder}' holds parts of a job with other keypoints "
                    'or settings; finish that one, or delete the folder'
                )
        return
    with atomic_write(mark, 'w') as file:
        file.write(digest)


def _run(parts, body, settings, workers):
    """Fit parts in any order; yields how many people each has."""
    if workers <= 1:
        fitter = BodyFitter(_body(body), **settings) if parts else None
        for part in parts:
            yield _write_part(fitter, part)
        return
    context = get_context('spawn')
    with context.Pool(
        min(workers, max(len(parts), 1)), _start, (body, settings)
    ) as pool:
        yield from pool.imap_unordered(_work, parts)


def _body(path):
    return None if path is None else BodyModel(path)


def _start(body, settings):
    global _fitter
    torch.set_num_threads(1)
    _fitter = BodyFitter(_body(body), **settings)


def _work(part):
    return _write_part(_fitter, part)


def _write_part(fitter, part):
    path, keypoints, names, sizes = part
    save_fits(path, fitter(keypoints, names, sizes, len(keypoints)))
    return len(names)

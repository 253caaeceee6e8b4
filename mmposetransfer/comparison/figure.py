"""The same pairs by every method, side by side (the paper's Figures 7, 8)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from mmengine.dataset import pseudo_collate
from mmengine.registry import DefaultScope

from mmposetransfer.io.image_io import read_image, write_image
from mmposetransfer.registry import DATASETS, SCOPE
from mmposetransfer.structures import PoseTransferDataSample
from mmposetransfer.visualization import arrange_pictures, make_panels

from .entries import Entry
from .running import NUMBERS, PICTURES, run_folder
from .scoring import DataOnly

__all__ = ['draw_figure']


def draw_figure(
    path: Path,
    root: Path,
    entries: Sequence[Entry],
    seeds: Sequence[int],
    count: int,
) -> bool:
    """Draw the first test pairs: reference, pose, all methods, truth.

    Each method's pictures are those of the first of the seeds that it has
    been trained with.

    Args:
        path: The picture to be written.
        root: Folder of the comparison.
        entries: The methods; those that have no pictures yet are left out.
        seeds: In order.
        count: How many pairs.

    Returns:
        Whether there was anything to draw.
    """
    folders = {}
    for entry in entries:
        for seed in reversed(seeds):
            folder = run_folder(root, entry.name, seed)
            if (folder / NUMBERS).is_file():
                folders[entry.name] = folder / PICTURES
    if not folders:
        return False
    cfg = entries[0].cfg
    scope = cfg.get('default_scope') or SCOPE
    with DefaultScope.overwrite_default_scope(scope):
        dataset = DATASETS.build(cfg.test_dataloader.dataset)
    model = DataOnly(cfg.model.get('data_preprocessor')).eval()
    rows = [
        _row(model.test_step(pseudo_collate([dataset[i]]))[0], i, folders)
        for i in range(min(count, len(dataset)))
    ]
    write_image(path, arrange_pictures(rows)[..., ::-1])
    return True


def _row(
    sample: PoseTransferDataSample, place: int, folders: dict[str, Path]
) -> dict[str, np.ndarray]:
    """Titles and pictures of one pair."""
    panels = make_panels(sample, ('reference', 'target_pose', 'truth'))
    row = {
        'reference': panels['reference'],
        'target pose': panels['target_pose'],
    }
    for name, folder in folders.items():
        bgr = read_image(folder / f'{place:06d}.png')
        rgb = np.ascontiguousarray(bgr[..., ::-1].transpose(2, 0, 1))
        made = PoseTransferDataSample()
        made.pred_img = torch.from_numpy(rgb).float() / 127.5 - 1
        row[name] = make_panels(made, ('result',))['result']
    return {**row, 'truth': panels['truth']}

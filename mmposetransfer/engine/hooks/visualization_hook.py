"""Pictures of what a model does, while it is trained and when it is tested."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.dist import collect_results
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch.utils.data import DataLoader

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.file_names import pair_name, pair_names
from mmposetransfer.io.image_io import write_image
from mmposetransfer.registry import HOOKS
from mmposetransfer.structures import PoseTransferDataSample
from mmposetransfer.visualization import image_to_rgb, make_grid, make_strip


@HOOKS.register_module()
class PoseTransferVisualizationHook(Hook):
    """Draw strips and picture grids of validation and test samples.

    After each validation a grid of the first samples goes to the runner's
    visualizer. In a test every ``interval``-th sample is drawn as a strip
    into ``show_dir``, with ``grid.png`` of the first samples beside them.

    Args:
        show_dir (str, optional): Folder for a test's strips and grid. None
            draws no strips; the grid then goes to the visualizer alone.
        interval (int): Draw the strip of every n-th sample.
        num_grid (int): Rows of the grid; 0 for none.
        image_dir (str, optional): Folder for the bare results of a test,
            ``<ref_id>_<tgt_id>.png``, as other evaluation code wants them.
        image_rounding (str): How they become 8-bit pictures: 'nearest', or
            'down' for protocols that compare such.
        panels (Sequence[str], optional): Panels, names out of
            `mmposetransfer.visualization.PANELS`. Defaults to those of the
            runner's visualizer.
    """

    priority = 'NORMAL'

    def __init__(
        self,
        show_dir: str | None = None,
        interval: int = 1,
        num_grid: int = 8,
        image_dir: str | None = None,
        image_rounding: str = 'nearest',
        panels: Sequence[str] | None = None,
    ) -> None:
        if interval < 1:
            raise UserValueError(
                f'interval must be at least 1, got {interval}'
            )
        if image_rounding not in ('nearest', 'down'):
            raise UserValueError(
                "image_rounding must be 'nearest' or 'down', got "
                f'{image_rounding!r}'
            )
        self.show_dir = Path(show_dir) if show_dir else None
        self.image_dir = Path(image_dir) if image_dir else None
        self.truncate = image_rounding == 'down'
        self.interval = interval
        self.num_grid = num_grid
        self.panels = panels
        self._first: list[PoseTransferDataSample] = []
        self._seen = 0
        self._names: dict[tuple, str] = {}

    def before_val_epoch(self, runner: Runner) -> None:
        """Forget the samples of the epoch before."""
        self._first, self._seen = [], 0

    def before_test_epoch(self, runner: Runner) -> None:
        """The same, and name the files of all pairs, whoever draws them."""
        self.before_val_epoch(runner)
        dataset = runner.test_dataloader.dataset
        ids = getattr(dataset, 'pair_ids', None)
        self._names = {} if ids is None else pair_names(ids())

    def after_val_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: Sequence[PoseTransferDataSample] = (),
    ) -> None:
        """Keep the first samples for the grid."""
        self._keep(runner, outputs)

    def after_test_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: Sequence[PoseTransferDataSample] = (),
    ) -> None:
        """Write strips and results of one batch."""
        size = len(runner.test_dataloader.dataset)
        for place, sample in self._placed(runner, outputs):
            if place >= size:
                break  # fills up the share of this process: another has it
            ids = sample.get('ref_id'), sample.get('tgt_id')
            name = self._names.get(ids) or pair_name(sample, place)
            if self.image_dir is not None:
                result = image_to_rgb(sample.pred_img, self.truncate)
                write_image(self.image_dir / f'{name}.png', result[..., ::-1])
            if self.show_dir is not None and place % self.interval == 0:
                strip = make_strip(sample, **self._style(runner))
                write_image(self.show_dir / f'{name}.png', strip[..., ::-1])
        self._keep(runner, outputs)

    def after_val_epoch(
        self, runner: Runner, metrics: dict | None = None
    ) -> None:
        """Hand the grid to the visualizer."""
        grid = self._grid(runner, runner.val_dataloader)
        if grid is not None:
            runner.visualizer.add_image('val_grid', grid, step=runner.iter)

    def after_test_epoch(
        self, runner: Runner, metrics: dict | None = None
    ) -> None:
        """Write the grid, and say where it lies."""
        grid = self._grid(runner, runner.test_dataloader)
        if grid is None:
            return
        # Not `runner.iter`: it would build the training data.
        runner.visualizer.add_image('test_grid', grid)
        if self.show_dir is not None:
            path = self.show_dir / 'grid.png'
            write_image(path, grid[..., ::-1])
            runner.logger.info(f'Picture grid: {path}')

    def _placed(
        self, runner: Runner, outputs: Sequence[PoseTransferDataSample]
    ) -> Iterator[tuple[int, PoseTransferDataSample]]:
        """Samples with their places in the data: processes take turns."""
        for i, sample in enumerate(outputs, self._seen):
            yield i * runner.world_size + runner.rank, sample

    def _keep(
        self, runner: Runner, outputs: Sequence[PoseTransferDataSample]
    ) -> None:
        self._first += [
            sample.cpu()
            for place, sample in self._placed(runner, outputs)
            if place < self.num_grid
        ]
        self._seen += len(outputs)

    def _grid(
        self, runner: Runner, dataloader: DataLoader
    ) -> np.ndarray | None:
        """The grid of the first samples in the main process, else None."""
        samples, self._first = self._first, []
        if self.num_grid:
            # 'gpu': by messages, with or without GPUs.
            samples = collect_results(
                samples, min(self.num_grid, len(dataloader.dataset)), 'gpu'
            )
        if not samples:
            return None
        return make_grid(samples, **self._style(runner))

    def _style(self, runner: Runner) -> dict[str, Any]:
        """The visualizer's panels and scale, unless the hook has its own."""
        style = {}
        for key in ('panels', 'scale'):
            value = getattr(self, key, None) or getattr(
                runner.visualizer, key, None
            )
            if value is not None:
                style[key] = value
        return style

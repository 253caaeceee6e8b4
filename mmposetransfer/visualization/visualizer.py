"""The visualizer of mmengine, taught to draw pose transfer."""

from mmengine.dist import master_only
from mmengine.visualization import Visualizer

from mmposetransfer.io.image_io import write_image
from mmposetransfer.registry import VISUALIZERS

from .panels import DEFAULT_PANELS
from .strips import make_grid, make_strip


@VISUALIZERS.register_module()
class PoseTransferVisualizer(Visualizer):
    """Write strips and grids of data samples to the visualization backends.

    Args:
        name (str): Name of the instance.
        vis_backends (list, optional): Configs of the backends.
        save_dir (str, optional): Where backends that keep files keep them.
        panels (Sequence[str]): The panels of a strip, names out of
            `mmposetransfer.visualization.PANELS`.
        scale (int, optional): Factor by which panels are enlarged. Defaults
            to what makes them at least 160 pixels wide.
    """

    def __init__(
        self,
        name='visualizer',
        vis_backends=None,
        save_dir=None,
        panels=DEFAULT_PANELS,
        scale=None,
    ):
        super().__init__(name, vis_backends=vis_backends, save_dir=save_dir)
        self.panels = tuple(panels)
        self.scale = scale

    @master_only
    def add_datasample(
        self,
        name,
        data_sample,
        step=0,
        out_file=None,
        show=False,
        wait_time=0,
    ):
        """Draw a sample as a strip and hand it to all backends.

        Args:
            name (str): Name of the picture.
            data_sample (PoseTransferDataSample): Truth and prediction.
            step (int): Training step, for backends that keep a history.
            out_file (str, optional): Write the strip there, and not to the
                backends.
            show (bool): Whether to open a window.
            wait_time (float): Seconds the window stays; 0 waits for a key.

        Returns:
            ndarray: The strip, (H, W, 3) uint8 RGB.
        """
        strip = make_strip(data_sample, self.panels, self.scale)
        self._publish(name, strip, step, out_file)
        if show:
            self.show(strip, win_name=name, wait_time=wait_time)
        return strip

    @master_only
    def add_datasamples(self, name, data_samples, step=0, out_file=None):
        """Draw samples as a grid and hand it to all backends.

        Args:
            name (str): Name of the picture.
            data_samples (Sequence[PoseTransferDataSample]): At least one.
            step (int): Training step, for backends that keep a history.
            out_file (str, optional): Write the grid there, and not to the
                backends.

        Returns:
            ndarray: The grid, (H, W, 3) uint8 RGB.
        """
        grid = make_grid(data_samples, self.panels, self.scale)
        self._publish(name, grid, step, out_file)
        return grid

    def _publish(self, name, picture, step, out_file):
        if out_file is None:
            self.add_image(name, picture, step)
        else:
            write_image(out_file, picture[..., ::-1])

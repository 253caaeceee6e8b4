"""How sharp generated images are beside true ones."""

from torch import Tensor

from mmposetransfer.registry import METRICS

from ..columns import Column
from ..functional import mean_gradient
from .picture_metric import PictureMetric


@METRICS.register_module()
class Sharpness(PictureMetric):
    """Mean gradient of the generated images over that of the true ones.

    1 is as sharp as the truth, less is blurred, more is noisy. It says how
    much detail there is, not whether it is right: a copied reference is
    sharp. Both means are over all samples before they are divided. The
    number is named by the protocol: ``sharpness_dsc``.

    Args:
        protocol (str | Protocol): A name that `get_protocol` knows, or a
            protocol of your own.
        prefix (str, optional): Put before the names of the numbers.
        collect_device (str): How several processes bring their scores
            together: 'gpu' by messages (on a CPU, too), 'cpu' by files.
        collect_dir (str, optional): Folder for 'cpu' that all machines
            share; see `mmengine.evaluator.BaseMetric`.
    """

    columns = {'sharpness': Column('images', 'sharpness', 3, 'one')}

    def score(self, fields: dict[str, Tensor]) -> dict[str, Tensor]:
        """Mean gradients of each image.

        Args:
            fields: ``pred_img`` and ``gt_img``, (N, 3, H, W), in [-1, 1].

        Returns:
            ``generated`` and ``true``, each (N,).
        """
        pred, target = self.prepared(fields)
        return dict(generated=mean_gradient(pred), true=mean_gradient(target))

    def summarize(self, scores: dict[str, Tensor]) -> dict[str, float]:
        """The ratio of the means; not finite where the truth has one colour.

        Args:
            scores: Mean gradients of all samples.

        Returns:
            ``sharpness``.
        """
        ratio = scores['generated'].sum() / scores['true'].sum()
        return dict(sharpness=float(ratio))

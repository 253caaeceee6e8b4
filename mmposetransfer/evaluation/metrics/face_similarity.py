"""Whether a generated face is that of the person."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.models.face_crops import crop_faces
from mmposetransfer.registry import METRICS, MODELS

from ..columns import Column
from ..functional import to_unit_range
from .base import PoseTransferMetric


@METRICS.register_module()
class FaceSimilarity(PoseTransferMetric):
    """Cosine between embeddings of the generated and the true face.

    No embedding network comes with the library: bring one of yours as a
    module. Faces are squares around nose, eyes and ears of the target pose,
    cut out of both pictures at the same place. Pairs whose target pose shows
    no face do not count, and a warning says how many there are; without any
    other pair there is no number. ``face_similarity`` is in [-1, 1], the mean
    over the rest.

    Args:
        network (dict | nn.Module): Its config, a type in ``MODELS``, or
            itself: RGB (N, 3, S, S) in [-1, 1] to embeddings (N, D), of any
            length.
        size (int): S.
        prefix (str, optional): Put before the names of the numbers.
        collect_device (str): How several processes bring their scores
            together: 'gpu' by messages (on a CPU, too), 'cpu' by files.
        collect_dir (str, optional): Folder for 'cpu' that all machines
            share; see `mmengine.evaluator.BaseMetric`.
    """

    predictions = ('pred_img',)
    truth = ('gt_img', 'tgt_keypoints')
    columns = {
        'face_similarity': Column('images', 'face similarity', 4, 'higher')
    }

    def __init__(
        self,
        network: dict[str, Any] | nn.Module,
        size: int = 112,
        prefix: str | None = None,
        collect_device: str = 'gpu',
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(None, prefix, collect_device, collect_dir)
        if isinstance(network, dict):
            network = MODELS.build(network)
        self.network = network.eval()
        self.size = size

    @torch.no_grad()
    def score(self, fields: dict[str, Tensor]) -> dict[str, Tensor]:
        """Similarity of each pair of faces.

        Args:
            fields: ``pred_img`` and ``gt_img``, (N, 3, H, W), in [-1, 1];
                ``tgt_keypoints``, (N, 18, 3), in their pixels.

        Returns:
            ``face_similarity``, and ``counted``, whether there is a face,
            each (N,).
        """
        embeddings = []
        for name in ('pred_img', 'gt_img'):
            images = to_unit_range(fields[name]) * 2 - 1
            faces, found = crop_faces(
                images, fields['tgt_keypoints'], self.size
            )
            embedded = self.network.to(faces.device)(faces)
            if embedded.ndim != 2 or len(embedded) != len(faces):
                raise UserValueError(
                    f'expected {type(self.network).__name__} to give '
                    f'embeddings ({len(faces)}, D), got the shape '
                    f'{tuple(embedded.shape)}'
                )
            embeddings.append(embedded.double())
        return dict(
            face_similarity=F.cosine_similarity(*embeddings),
            counted=found.long(),
        )

    def summarize(self, scores: dict[str, Tensor]) -> dict[str, float]:
        """The mean over the pairs that show a face.

        Args:
            scores: Of all samples.

        Returns:
            ``face_similarity``; nothing without any face.
        """
        return self.means_of_counted(
            scores, 'have a target pose that shows no face'
        )

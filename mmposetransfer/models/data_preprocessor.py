"""From a batch of the loader to what the networks take."""

from collections.abc import Sequence

import torch
from mmengine.model import BaseDataPreprocessor
from torch import Tensor, nn

from mmposetransfer.datasets.image_sizes import read_size
from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS
from mmposetransfer.structures import fields_in

from .canvas import Canvas, picture_size

__all__ = ['PoseTransferDataPreprocessor']

SIDES = ('ref', 'tgt')


@MODELS.register_module()
class PoseTransferDataPreprocessor(BaseDataPreprocessor):
    """Stack, move to the device, normalise images, draw pose maps.

    Pose maps are drawn here, on the device, and never stored: 18 channels
    of 256x256 are 4.7 MB, the keypoints 216 bytes.

    Inputs of a sample are fields of the table in
    ``mmposetransfer.structures.fields``: images uint8 BGR (3, H, W),
    ``ref_keypoints``, ``tgt_keypoints`` (18, 3), maps (C, H, W). Where flow
    alone is learnt, images may be absent. Images become float RGB in
    [-1, 1]; ``ref_pose`` and ``tgt_pose`` (N, C, H, W), and what ``derived``
    names, are added, where there are keypoints of that side.

    Args:
        pose_encoder (dict): Config of the pose encoder that draws
            ``ref_pose`` and ``tgt_pose``. Defaults to :class:`DiscPoses`.
        sides (Sequence[str]): Whose poses are drawn, of 'ref' and 'tgt'.
        derived (dict[str, dict]): More maps, by names that begin with ``ref_``
            or ``tgt_``, each with the config of its pose encoder, such as
            ``dict(tgt_mask=dict(type='LimbMask'))``.
        network_size (tuple[int, int], optional): (height, width) that
            pictures, and all that belongs to them, are stretched to for the
            networks, whatever their aspect; what is predicted is brought
            back to the size of the pictures. Pose maps are drawn at this
            size, and losses compare pictures of this size. Defaults to the
            size of the pictures.
        pad_size_divisor (int): The networks get height and width as
            multiples of it: a white border is added at all sides, after the
            stretch, and taken off what they predict. 128 for networks of 7
            levels.
        non_blocking (bool): Whether to overlap copies to a GPU.

    Raises:
        ValueError: If a side or the name of a map is neither of 'ref' nor of
            'tgt', or ``network_size`` is no height and width.
    """

    def __init__(
        self,
        pose_encoder: dict = dict(type='DiscPoses'),  # noqa: B006
        sides: Sequence[str] = SIDES,
        derived: dict[str, dict] | None = None,
        network_size: tuple[int, int] | None = None,
        pad_size_divisor: int = 1,
        non_blocking: bool = False,
    ) -> None:
        super().__init__(non_blocking=non_blocking)
        configs = {f'{side}_pose': pose_encoder for side in sides}
        configs |= derived or {}
        for name in configs:
            if not name.startswith(('ref_', 'tgt_')):
                raise UserValueError(
                    f"a pose is that of 'ref' or of 'tgt', got {name!r} in "
                    "the data_preprocessor's sides or derived"
                )
        self.pose_encoders = nn.ModuleDict(
            {name: MODELS.build(config) for name, config in configs.items()}
        )
        self.network_size = read_size(network_size, 'network_size')
        self.pad_size_divisor = pad_size_divisor

    def forward(self, data: dict, training: bool = False) -> dict:
        """Prepare a batch.

        Args:
            data (dict): ``inputs``: name -> list of tensors, one a sample
                (or a stacked tensor); ``data_samples``: list.
            training (bool): Not used: both ways are the same.

        Returns:
            dict: ``inputs``: name -> tensor (N, ...); where the images were
            stretched or padded also ``canvas``, the :class:`Canvas` that
            undoes it, and ``given``, the inputs as they were before;
            ``data_samples``.

        Raises:
            ValueError: If the samples of the batch differ in size.
        """
        data = self.cast_data(data)
        inputs = {
            key: self._stack(key, values)
            for key, values in data['inputs'].items()
        }
        for field in fields_in(inputs, 'image'):
            bgr = inputs[field.name]
            inputs[field.name] = bgr.flip(1).float() / 127.5 - 1
        canvas = Canvas.of(
            picture_size(inputs), self.network_size, self.pad_size_divisor
        )
        if not canvas.is_pictures:
            inputs = dict(canvas.place(inputs), canvas=canvas, given=inputs)
        for name, encoder in self.pose_encoders.items():
            keypoints = inputs.get(f'{name[:3]}_keypoints')
            if keypoints is not None:
                inputs[name] = encoder(keypoints, canvas.size)
        return dict(inputs=inputs, data_samples=data.get('data_samples'))

    @staticmethod
    def _stack(key: str, values: Tensor | list[Tensor]) -> Tensor:
        if isinstance(values, torch.Tensor):
            return values
        shapes = {tuple(value.shape) for value in values}
        if len(shapes) > 1:
            raise UserValueError(
                f"The samples of a batch have '{key}' of different shapes "
                f'{sorted(shapes)}: resize the images to one size in the '
                'pipeline, or use a batch size of 1.'
            )
        return torch.stack(values)

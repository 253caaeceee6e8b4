"""Pose transfer in one call, on photographs of any size."""

import logging
import os
from itertools import groupby
from pathlib import Path

import numpy as np
import torch
from mmengine.dataset import pseudo_collate
from mmengine.logging import print_log

from mmposetransfer.datasets.transforms.formatting import (
    PackPoseTransferInputs,
)
from mmposetransfer.errors import UserFileNotFoundError, UserValueError
from mmposetransfer.io.atomic_write import check_writable
from mmposetransfer.io.file_names import result_name
from mmposetransfer.io.folders import find_pictures
from mmposetransfer.pose_estimators import build_pose_estimator
from mmposetransfer.registry import INFERENCERS, SCOPE
from mmposetransfer.utils.spelling import spell
from mmposetransfer.visualization import (
    DEFAULT_PANELS,
    check_panels,
    image_from_bgr,
    make_strip,
)

from .background import check_background
from .batchwise import BatchwiseInferencer
from .broadcasting import broadcast
from .model import check_device, init_model, load_config
from .results import result_arrays, write_result
from .shipped_weights import with_shipped_weights
from .transfer_request import load_request, name_references
from .warp_completion import complete_warp, is_warp_alone

__all__ = ['PoseTransferInferencer']

# No truth is known of a photograph; how it was understood is of interest.
PANELS = (
    'reference',
    'reference_pose',
    'target_image',
    *DEFAULT_PANELS[1:-1],
)
CROPS = ('auto', 'none')
# What stays of a result with `return_arrays=False`.
WITHOUT_ARRAYS = ('ref_id', 'tgt_id', 'ref_box', 'tgt_box', 'paths')


@INFERENCERS.register_module()
class PoseTransferInferencer(BatchwiseInferencer):
    """Make the photograph of a person in another pose.

    Photographs may have any size and aspect ratio. The part that is used is
    scaled, without distortion, into the size that the model takes, and its
    blurred border fills what stays empty there. Keypoints follow, and
    all results are brought back.

    Args:
        model (str | Path | Config | dict, optional): A config: its path, a
            name out of `mmposetransfer.apis.list_models` or of `list_models`
            here, or the object; or the name of a shipped model. Defaults to
            the shipped one; without one to 'geometry', which needs no
            weights.
        weights (str | Path, optional): Path or URL of a checkpoint, or a
            work directory, whose newest is taken. None takes those that are
            shipped with the model, where there are some; else it leaves
            them random, and warns of it.
        device (str, optional): Defaults to 'cuda' where there is one, else
            'cpu'.
        scope (str): The registry that types are looked for in.
        show_progress (bool): Whether to show a progress bar.
        image_size (tuple[int, int], optional): (height, width) that the
            model takes. Defaults to the config's ``image_size``.
        pose_estimator (str | dict | PoseEstimator, optional): Finds poses
            that are not given, and the pixels of the reference's person with
            them where it can: 'auto' is MediaPipe, where it is installed;
            or a config with ``type``; see
            `mmposetransfer.pose_estimators.build_pose_estimator`. With None
            all have to be given.

    Examples:
        >>> inferencer = PoseTransferInferencer(
        ...     'dipt/full_synthfashion_64', 'work_dirs/quickstart')
        >>> result = inferencer('me.jpg', target='dancer.jpg', out_dir='out')
        >>> result['predictions'][0]['image'].shape
        (600, 400, 3)
    """

    preprocess_kwargs = {
        'reference_keypoints',
        'target_keypoints',
        'target',
        'reference_name',
        'target_name',
        'target_size',
        'reference_person',
        'target_person',
        'min_score',
        'crop',
    }
    visualize_kwargs = {'panels'}
    postprocess_kwargs = {'out_dir', 'return_arrays', 'background'}

    def __init__(
        self,
        model=None,
        weights=None,
        device=None,
        scope=SCOPE,
        show_progress=False,
        image_size=None,
        pose_estimator='auto',
    ):
        if device is None:
            device = 'cuda' if torch.cuda.is_available() else 'cpu'
        check_device(device)
        # First: a missing package is told before weights are loaded.
        self.pose_estimator = pose_estimator and build_pose_estimator(
            pose_estimator
        )
        model, weights = with_shipped_weights(model, weights)
        super().__init__(
            load_config(model), weights, device, scope, show_progress
        )
        self.image_size = _model_size(self.cfg, image_size)

    def _init_model(self, cfg, weights, device='cpu'):
        return init_model(cfg, weights, device)

    def _init_pipeline(self, cfg):
        return PackPoseTransferInputs(
            meta_keys=('ref_id', 'tgt_id', 'frames', 'photograph')
        )

    def _init_collate(self, cfg):
        return pseudo_collate

    def _init_visualizer(self, cfg):
        return None  # strips are drawn by functions

    def _inputs_to_list(self, inputs):
        """A list of references; of a folder, its pictures in order of name."""
        if isinstance(inputs, (str, os.PathLike)) and Path(inputs).is_dir():
            folder, (inputs, left_out) = inputs, find_pictures(inputs)
            if not inputs:
                raise UserFileNotFoundError(
                    '; '.join(
                        [f"no images are in '{folder}'", *left_out.lines()]
                    )
                )
            _tell(f"'{folder}': {len(inputs)} pictures taken", left_out)
        return list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]

    def __call__(
        self,
        inputs,
        reference_keypoints=None,
        target_keypoints=None,
        target=None,
        *,
        reference_name=None,
        target_name=None,
        target_size=None,
        reference_person=None,
        target_person=None,
        min_score=None,
        crop='auto',
        background='auto',
        panels=PANELS,
        out_dir=None,
        batch_size=1,
        return_datasamples=False,
        return_arrays=True,
    ):
        """Make one picture, or many.

        Each of the arguments from ``inputs`` to ``target_person`` is single,
        and then meant for all pictures, or a list with one entry for each.

        Pictures are made and written batch by batch: what is done before a
        photograph or a pose that cannot be used is on the disk, and with
        ``return_arrays=False`` there may be more of them than fit into the
        memory.

        Args:
            inputs (str | Path | ndarray | list): The references: files,
                a folder of them, whose sub-folders are looked into and kept
                in ``out_dir``, or arrays (H, W, 3) uint8 BGR.
            reference_keypoints (ndarray | str | Path | list, optional): The
                poses of the references in their own pixels: joints, or a
                keypoint file of any format that knows the reference's name.
                See `mmposetransfer.datasets.load_keypoints`. Defaults to
                what the ``pose_estimator`` finds. Methods that do without
                (`BaseTransferer.needs`) take the whole photograph where it
                finds nobody.
            target_keypoints (ndarray | str | Path | list, optional): The
                wanted poses, likewise; found in ``target``.
            target (str | Path | ndarray | list, optional): The pictures that
                the wanted poses are from.
            reference_name (str | list, optional): The names of the references
                in the keypoint file, where they are not those of ``inputs``.
            target_name (str | list, optional): Those of the targets, likewise.
            target_size (tuple[int, int] | list, optional): (height, width)
                of the pictures that the wanted poses are from, where
                ``target`` is not given. Without both, the poses are meant to
                be in the reference's pixels.
            reference_person (int | list, optional): Which person of several
                in the reference's keypoint file, or of those that are found,
                from the largest.
            target_person (int | list, optional): The same of the target.
            min_score (float, optional): Joints with a lower score count as
                missing. Defaults to 0.1 for OpenPose's files, to 0.3 for
                those of other detectors, else to 0.
            crop (str): 'auto' cuts out a box around the person where the
                person is small in the photograph, as in most that are no
                shop photographs; 'none' always takes the whole photograph.
            background (str): What stands behind the person: 'generated',
                what the model makes; 'reference', the reference's own wall,
                the person taken out of it and filled in; 'white';
                'transparent', an alpha channel. 'auto' is 'reference' where
                the person of both pictures is known, else 'generated'.
            panels (Sequence[str]): Panels of the overview, names out of
                `mmposetransfer.visualization.PANELS`.
            out_dir (str | Path, optional): Where to write the results, as
                '<reference>_<target>.png' and so on; arrays are called
                'reference0', 'target0' and so on. What lies there stays: of
                a name that is taken, by an earlier call too, the next is
                '<name>-2', '<name>-3' and so on.
            batch_size (int): How many pictures go through the model at once.
            return_datasamples (bool): Whether ``predictions`` shall be the
                model's data samples, at the model's size, on the CPU.
            return_arrays (bool): Whether ``predictions`` and
                ``visualization`` shall hold pictures and maps. False needs
                ``out_dir``, where they all are, and leaves names, boxes and
                ``paths``.

        Returns:
            dict: ``predictions``: for each picture a dict of arrays at the
            photograph's size (see `mmposetransfer.apis.results.result_arrays`)
            with ``ref_id`` and ``tgt_id`` and, with ``out_dir``, ``paths``;
            ``visualization``: for each an overview, (H, W, 3) uint8 RGB;
            empty with ``return_arrays=False``.

        Raises:
            FileNotFoundError, TypeError, ValueError: If a photograph or a
                pose cannot be used; the message names file, person and joint.
            WriteError: If ``out_dir`` cannot be written to.
        """
        if not return_arrays and (out_dir is None or return_datasamples):
            raise UserValueError(
                'return_arrays=False leaves what is written to out_dir: pass '
                'out_dir, and no return_datasamples'
            )
        if type(batch_size) is not int or batch_size < 1:
            raise UserValueError(
                f'{spell("batch_size")} must be at least 1, got {batch_size!r}'
            )
        check_panels(panels)
        check_background(background)
        if out_dir is not None:
            check_writable(Path(out_dir) / 'image.png', keep_folder=False)
        return super().__call__(
            inputs,
            return_datasamples,
            batch_size,
            reference_keypoints=reference_keypoints,
            target_keypoints=target_keypoints,
            target=target,
            reference_name=reference_name,
            target_name=target_name,
            target_size=target_size,
            reference_person=reference_person,
            target_person=target_person,
            min_score=min_score,
            crop=crop,
            background=background,
            panels=panels,
            out_dir=out_dir,
            return_arrays=return_arrays,
        )

    def preprocess(self, inputs, batch_size=1, crop='auto', **sources):
        """Read, check and scale; see `__call__`.

        Yields:
            dict: Batches for the model.
        """
        if crop not in CROPS:
            raise UserValueError(f'crop must be one of {CROPS}, got {crop!r}')
        rows = broadcast(reference=inputs, **sources)
        tables = {}  # many pictures may share a file of keypoints
        rows, left_out = name_references(rows, tables)
        if left_out:
            _tell(f'{len(rows)} pictures with keypoints', left_out)
        data = (
            self._prepare(
                load_request(
                    **row,
                    index=i,
                    tables=tables,
                    pose_estimator=self.pose_estimator,
                    with_mask=self.model.looks_at('ref_person'),
                    needs_ref_pose=self.model.needs('ref_keypoints'),
                ),
                crop,
            )
            for i, row in enumerate(rows)
        )
        # What was found of some pictures only is never in one batch with those
        # that lack it.
        for _, alike in groupby(data, lambda one: one['inputs'].keys()):
            for chunk in self._get_chunk_data(alike, batch_size):
                yield self.collate_fn(chunk)

    def _prepare(self, request, crop):
        """One request as a sample on the model's canvas."""
        ref_frame, tgt_frame = request.frames(self.image_size, crop == 'auto')
        pair = dict(
            ref_id=request.ref_id,
            tgt_id=request.tgt_id,
            frames=(ref_frame, tgt_frame),
            photograph=request.ref_img,
            ref_img=ref_frame.place_image(request.ref_img),
            tgt_keypoints=tgt_frame.place_keypoints(request.tgt_keypoints),
            ref_frame=ref_frame.place_mask(
                np.ones(request.ref_img.shape[:2], np.float32)
            ),
        )
        if request.ref_keypoints is not None:
            pair['ref_keypoints'] = ref_frame.place_keypoints(
                request.ref_keypoints
            )
        if request.ref_person is not None:
            pair['ref_person'] = ref_frame.place_mask(request.ref_person)
        data = self.pipeline(pair)
        if request.tgt_img is not None:
            canvas = tgt_frame.place_image(request.tgt_img)
            data['data_samples'].target_img = image_from_bgr(canvas)
        return data

    def complete(self, preds):
        """Of a warp alone a whole picture is made."""
        return [
            complete_warp(sample) if is_warp_alone(sample) else sample
            for sample in preds
        ]

    def visualize(self, inputs, preds, panels=PANELS):
        """The overviews; see `__call__`."""
        return [make_strip(sample, panels) for sample in preds]

    def postprocess(
        self,
        preds,
        visualization,
        return_datasamples=False,
        out_dir=None,
        return_arrays=True,
        background='auto',
    ):
        """Bring predictions back to the photographs; see `__call__`."""
        results = []
        for i, (sample, strip) in enumerate(
            zip(preds, visualization, strict=True)
        ):
            result = dict(ref_id=sample.ref_id, tgt_id=sample.tgt_id)
            result |= result_arrays(
                sample,
                *sample.frames,
                sample.pop('photograph'),
                background,
                self.model.copies_pixels(),
            )
            if out_dir is not None:
                name = result_name(sample, i)
                result['paths'] = write_result(out_dir, name, result, strip)
            if not return_arrays:
                result = {key: result[key] for key in WITHOUT_ARRAYS}
            results.append(result)
        return dict(
            predictions=preds if return_datasamples else results,
            visualization=visualization if return_arrays else [],
        )


def _tell(taken, left_out):
    """Log what was taken and what was left out."""
    lines = [f'{taken}, {len(left_out)} left out', *left_out.lines()]
    level = logging.WARNING if left_out else logging.INFO
    print_log('\n  '.join(lines), logger='current', level=level)


def _model_size(cfg, image_size):
    """(height, width) that the model takes."""
    size = image_size or cfg.get('image_size', (256, 256))
    if (
        not isinstance(size, (list, tuple))
        or len(size) != 2
        or not all(type(v) is int and v > 0 for v in size)
    ):
        raise UserValueError(
            f'image_size must be (height, width) in pixels, got {size!r}'
        )
    return tuple(size)

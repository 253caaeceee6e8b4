"""Read the files of a pair."""

import numpy as np
from mmcv.transforms import BaseTransform

from mmposetransfer.geometry import blur_visibility
from mmposetransfer.registry import TRANSFORMS
from mmposetransfer.structures import FIELDS
from mmposetransfer.structures.visibility import BACKGROUND
from mmposetransfer.utils.image_io import read_image, read_label_map

from ..flow_files import find_flow_file, read_flow
from ..image_sizes import fit_field, fit_flow, fit_image, fit_keypoints
from ..keypoints import place, warn_once

__all__ = ['LoadPair']


@TRANSFORMS.register_module()
class LoadPair(BaseTransform):
    """Read images, and flow and body parts where the dataset has them.

    Flow is read from a ``.corr`` file, or an ``.npz`` of its name (see
    ``datasets/flow_files.py``). If there is neither, no body could be
    fitted: flow 0 and visibility 2 (background) everywhere, as the paper's
    implementation reads it.

    All of it is brought to the size that the dataset says (``size``, else
    that of the image files): see ``datasets/image_sizes.py``.

    Args:
        with_flow (bool): Whether to read flow, visibility and body parts.
        visibility_median (int): Side in pixels of the window of a median
            that smooths the visibility read, within the body (see
            :func:`mmposetransfer.geometry.blur_visibility`): 5 in the
            paper's implementation, whose files have speckle. 0 for none.
    """

    def __init__(self, with_flow=False, visibility_median=5):
        self.with_flow = with_flow
        self.visibility_median = visibility_median
        self._empty, self._odd = set(), set()  # what was warned of

    def transform(self, results):
        """Add ``ref_img``, ``tgt_img`` and, ``with_flow``, the truth."""
        for side in ('ref', 'tgt'):
            self._load_image(results, side)
        results['ori_shape'] = results['tgt_img'].shape[:2]
        if results['ref_img'].shape != results['tgt_img'].shape:
            raise ValueError(
                f"'{results['ref_img_path']}' and "
                f"'{results['tgt_img_path']}' differ in size: "
                f'{results["ref_img"].shape[:2]} and '
                f'{results["tgt_img"].shape[:2]}.'
            )
        if self.with_flow:
            self._load_truth(results)
        return results

    def _load_image(self, results, side):
        img = read_image(results[f'{side}_img_path'])
        size = results.get('size') or img.shape[:2]
        results[f'{side}_img'] = fit_image(img, size)
        for kind in ('keypoints', 'fitted_keypoints'):
            keypoints = results.get(f'{side}_{kind}')
            if keypoints is None:
                continue
            found_in = results.get(f'{kind}_size') or img.shape[:2]
            if kind == 'keypoints':  # fitted ones may well lie outside
                keypoints = self._place(results, side, keypoints, found_in)
            results[f'{side}_{kind}'] = fit_keypoints(
                keypoints, found_in, size
            )

    def _place(self, results, side, keypoints, size):
        """Refuse joints of another picture; warn once of what is odd."""
        name = f"the keypoints of '{results[f'{side}_img_path']}'"
        if not keypoints[:, 2].any():
            warn_once(
                f'{name}: nobody was found in this picture, so its pose '
                'is empty',
                self._empty,
            )
        keypoints, found = place(
            keypoints,
            size,
            name,
            results.get(f'{side}_found_in'),
            ', or say keypoints_size={size}',
        )
        if found is not None:
            warn_once(f'{name}: {found.text}', self._odd)
        return keypoints

    def _load_truth(self, results):
        size = results['ori_shape']
        results['flow'], results['visibility'] = self._flow(results, size)
        for side in ('ref', 'tgt'):
            path = results.get(f'{side}_parts_path')
            if path is None:
                raise KeyError(
                    'Training the flow regressor needs the body '
                    'parts: give the dataset data_prefix.seg.'
                )
            parts = read_label_map(path)
            if parts.shape != size and not results.get('size'):
                raise ValueError(
                    f"The body parts '{path}' are of "
                    f'{parts.shape}, the images of {size}.'
                )
            results[f'{side}_parts'] = fit_field(
                FIELDS[f'{side}_parts'], parts, size
            )

    def _flow(self, results, size):
        path = results.get('corr_path')
        if path is None:
            raise KeyError(
                'Training the flow regressor needs the flow: give '
                'the dataset data_prefix.corr.'
            )
        path = find_flow_file(path)
        if path is None:
            return (
                np.zeros((2, *size), np.float32),
                np.full((1, *size), BACKGROUND, np.uint8),
            )
        flow, visibility = read_flow(path)
        if self.visibility_median:
            visibility = blur_visibility(visibility, self.visibility_median)
        if visibility.shape[1:] != tuple(size) and not results.get('size'):
            raise ValueError(
                f"'{path}' is of {visibility.shape[1:]}, its "
                f'images are of {tuple(size)}.'
            )
        return fit_flow(flow, visibility, size)

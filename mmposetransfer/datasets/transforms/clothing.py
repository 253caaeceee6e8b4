"""Transforms of single pictures of clothes."""

import cv2
import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmengine.structures import BaseDataElement

from mmposetransfer.errors import UserKeyError, UserValueError
from mmposetransfer.io.image_io import read_image
from mmposetransfer.registry import TRANSFORMS

from ..image_sizes import fit_image

__all__ = ['LoadClothes', 'PackClothes', 'RandomFlipClothes']


@TRANSFORMS.register_module()
class LoadClothes(BaseTransform):
    """Read a picture, cut out the clothes, and bring them to one size.

    Args:
        size (tuple[int, int]): (height, width).
        cut (bool): Whether to cut along the box that the dataset knows.
    """

    def __init__(self, size: tuple[int, int], cut: bool = True) -> None:
        self.size, self.cut = tuple(size), cut

    def transform(self, results: dict) -> dict:
        """Add ``img``, (H, W, 3) uint8 BGR.

        Raises:
            ValueError: If the box lies outside of the picture.
        """
        img = read_image(results['img_path'])
        if self.cut and results.get('box') is not None:
            x1, y1, x2, y2 = results['box']
            part = img[max(y1, 0) : y2, max(x1, 0) : x2]
            if not part.size:
                raise UserValueError(
                    f"the box {results['box']} of '{results['img_path']}' "
                    f'shows nothing of the picture of {img.shape[1]}x'
                    f'{img.shape[0]} pixels (width x height)'
                )
            # Whatever its shape: nothing of the clothes is to be cut off.
            results['img'] = cv2.resize(
                part,
                self.size[::-1],
                interpolation=cv2.INTER_AREA
                if part.shape[0] > self.size[0]
                else cv2.INTER_CUBIC,
            )
        else:
            results['img'] = fit_image(img, self.size)
        return results


@TRANSFORMS.register_module()
class RandomFlipClothes(BaseTransform):
    """Mirror a picture.

    Args:
        prob (float): How often.
    """

    def __init__(self, prob: float = 0.5) -> None:
        self.prob = prob

    def transform(self, results: dict) -> dict:
        """Change ``img``."""
        if np.random.random() < self.prob:
            results['img'] = np.ascontiguousarray(results['img'][:, ::-1])
        return results


@TRANSFORMS.register_module()
class PackClothes(BaseTransform):
    """Pack a picture, or a trunk's vector, with its labels.

    Args:
        labels (str): Which are learnt: 'category' or 'attributes'.
    """

    def __init__(self, labels: str) -> None:
        self.labels = labels

    def transform(self, results: dict) -> dict:
        """Make ``inputs`` and ``data_samples``.

        Returns:
            dict: ``inputs``, (3, H, W) uint8 BGR or (D,) float32, and a
            sample with ``labels``: a number, or (A,).

        Raises:
            KeyError: If the dataset has no such labels.
        """
        if results.get(self.labels) is None:
            raise UserKeyError(
                f"PackClothes: the dataset has no '{self.labels}', only "
                f'{sorted(results)}'
            )
        if 'features' in results:
            inputs = torch.from_numpy(results['features'])
        else:
            img = results['img'].transpose(2, 0, 1)
            inputs = torch.from_numpy(np.ascontiguousarray(img))
        meta = {k: results[k] for k in ('name', 'source') if k in results}
        sample = BaseDataElement(metainfo=meta)
        sample.labels = torch.as_tensor(results[self.labels])
        return dict(inputs=inputs, data_samples=sample)

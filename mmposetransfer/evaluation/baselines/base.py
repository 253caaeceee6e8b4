"""What a baseline has to say and do."""

from abc import ABCMeta, abstractmethod
from typing import Any, ClassVar

from torch import Tensor

__all__ = ['Baseline']


class Baseline(metaclass=ABCMeta):
    """A method that needs no training, so that no number stands alone.

    Attributes:
        name: In front of the names of its numbers: 'copy_reference' in
            'copy_reference/SSIM_dsc'. No slashes.
        title: What its row of the table is called.
        needs: Fields of the data without which it predicts nothing.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ()

    def predictions_of(
        self, sample: dict[str, Any]
    ) -> dict[str, Tensor] | None:
        """What it predicts for one sample.

        Args:
            sample: Inputs and truth, as `PoseTransferDataSample` names them.

        Returns:
            Predictions by field; None where the sample lacks what is needed.
        """
        if any(sample.get(field) is None for field in self.needs):
            return None
        return self.predict(sample)

    @abstractmethod
    def predict(self, sample: dict[str, Any]) -> dict[str, Tensor] | None:
        """Predict from inputs and truth.

        Args:
            sample: One sample, without a batch axis, with all fields of
                ``needs``.

        Returns:
            Predictions by field, such as ``pred_img`` (3, H, W) in [-1, 1];
            None where it cannot.
        """

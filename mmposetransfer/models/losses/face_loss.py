"""Another loss, once more on faces alone."""

from torch import Tensor, nn

from mmposetransfer.registry import MODELS

from ..face_crops import crop_faces

__all__ = ['FaceLoss']


@MODELS.register_module()
class FaceLoss(nn.Module):
    """A loss of squares around faces, brought to one size.

    People look at faces first, and at 256 pixels a face has a few dozen,
    hardly any weight in the mean over a picture.

    Args:
        loss (dict): Config of a loss of pairs of RGB images in [-1, 1], of
            (N, 3, size, size) each.
        size (int): Side of the squares.
    """

    def __init__(self, loss: dict, size: int = 64) -> None:
        super().__init__()
        self.loss = MODELS.build(loss)
        self.size = size

    def forward(
        self, pred: Tensor, target: Tensor, keypoints: Tensor
    ) -> Tensor:
        """Compare the faces of pictures.

        Args:
            pred, target (Tensor): RGB in [-1, 1], (N, 3, H, W).
            keypoints (Tensor): Of both, x, y in pixels and score,
                (N, 18, 3); joints of score 0 are missing.

        Returns:
            Tensor: A scalar; 0 where nobody shows a face.
        """
        faces, found = crop_faces(pred, keypoints, self.size)
        if not found.any():
            return 0 * pred.mean()
        wanted, _ = crop_faces(target, keypoints, self.size)
        return self.loss(faces[found], wanted[found])

"""Which stretch of a run a stage takes."""

from dataclasses import dataclass

__all__ = ['StageSpan']


@dataclass(frozen=True)
class StageSpan:
    """Where in a run a stage began, and how long it lasts.

    The loop counts epochs (passes of the loader) and iterations throughout
    the run. Of an iteration stage the last epoch may be cut short.

    Args:
        epochs: Length; None for a stage that counts iterations.
        iters: Length; None for a stage that counts epochs.
        first_epoch: Epochs of the run before the stage.
        first_iter: Iterations of the run before the stage.
    """

    epochs: int | None = None
    iters: int | None = None
    first_epoch: int = 0
    first_iter: int = 0

    @property
    def by_iter(self) -> bool:
        """Whether the stage counts iterations."""
        return self.iters is not None

    def done(self, epoch: int, iteration: int) -> int:
        """How much of the stage is done, in the unit that it counts.

        Args:
            epoch: Epochs of the run that are done.
            iteration: Iterations of the run that are done.
        """
        if self.by_iter:
            return iteration - self.first_iter
        return epoch - self.first_epoch

    def left(self, epoch: int, iteration: int, batches: int) -> tuple:
        """What there is left of the stage when an epoch begins.

        Args:
            epoch: Epochs of the run that are done.
            iteration: Iterations of the run before this epoch.
            batches: Length of the loader.

        Returns:
            tuple[int, int]: Epochs, begun ones counted whole, and iterations.
        """
        if self.by_iter:
            iters = max(self.first_iter + self.iters - iteration, 0)
            return -(-iters // batches), iters
        epochs = max(self.first_epoch + self.epochs - epoch, 0)
        return epochs, epochs * batches

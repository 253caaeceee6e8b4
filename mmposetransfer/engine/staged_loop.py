"""Counting of epochs, iterations and stages of a training run."""

from mmengine.runner import BaseLoop, Runner
from torch.utils.data import DataLoader

from .seeded_batches import seed_batches
from .stage_span import StageSpan

__all__ = ['StagedLoop']


class StagedLoop(BaseLoop):
    """A loop that knows where it is, in the run and in a stage of it.

    An epoch is a pass of the training data. A run consists of stages, which
    last for epochs or for iterations; whoever leads through them, as
    :class:`StagedTrainingHook` does, calls :meth:`await_stages` before the
    run and :meth:`begin_stage` at the start of each. The length of the run
    follows from them. A run without stages lasts ``max_epochs``.

    Args:
        runner: The runner.
        dataloader: The training data.
        max_epochs: Length of a run without stages.

    Attributes:
        batches_done: Of the epoch that is under way.
        requested_epochs: ``max_epochs`` of the config, or None.
    """

    def __init__(
        self,
        runner: Runner,
        dataloader: DataLoader | dict,
        max_epochs: int | None = None,
    ) -> None:
        self.batches_done = 0
        self.requested_epochs = max_epochs
        # The runner writes these two when it resumes.
        self._epoch = self._iter = 0
        self._epoch_start = 0  # the iteration at which the epoch began
        super().__init__(runner, dataloader)
        self._has_length = False
        # Until its length is known, MMEngine wants some.
        self._span, self._later = None, (1, len(self.dataloader))
        self._stage_interval = None
        if max_epochs is not None:
            self.begin_stage(self.dataloader, StageSpan(epochs=max_epochs))

    @property
    def dataloader(self) -> DataLoader:
        """The training data; setting it makes the samples reproducible."""
        return self._dataloader

    @dataloader.setter
    def dataloader(self, loader: DataLoader) -> None:
        self._dataloader = loader
        self._batch_sampler = seed_batches(loader)

    @property
    def epoch(self) -> int:
        """Epochs of the run that are done."""
        return self._epoch

    @property
    def iter(self) -> int:
        """Iterations of the run that are done."""
        return self._iter

    @property
    def max_epochs(self) -> int:
        """Length of the run in epochs.

        An estimate as long as stages are to come that count iterations, or
        have loaders of another length.
        """
        return self._epoch + self._left[0] + self._later[0]

    @property
    def max_iters(self) -> int:
        """Length of the run in iterations, as exact as :attr:`max_epochs`."""
        return self._epoch_start + self._left[1] + self._later[1]

    @property
    def epoch_length(self) -> int:
        """Batches of the epoch under way; an iteration stage may cut it."""
        return min(len(self.dataloader), self._left[1])

    @property
    def span(self) -> StageSpan | None:
        """Where the stage under way began, and how long it lasts."""
        return self._span

    @property
    def stage_done(self) -> int:
        """How much of the stage is done, in the unit that it counts."""
        return self._span.done(self._epoch, self._iter)

    @property
    def stage_is_over(self) -> bool:
        """Whether no stage is under way that has steps to come."""
        return not self._left[0]

    @property
    def _left(self) -> tuple[int, int]:
        """Epochs and iterations of the stage, from this epoch's begin on."""
        if self._span is None:
            return 0, 0
        return self._span.left(
            self._epoch, self._epoch_start, len(self.dataloader)
        )

    def await_stages(self, epochs: int, iters: int) -> None:
        """Leave the length of the run to stages, of which none has begun.

        Args:
            epochs: Length of all of them, as far as it is known.
            iters: The same in iterations.
        """
        self._span, self._later = None, (epochs, iters)
        self._has_length = True

    def begin_stage(
        self,
        dataloader: DataLoader,
        span: StageSpan,
        later: tuple[int, int] = (0, 0),
        val_interval: int | None = None,
    ) -> None:
        """Go on with another stage, from the next epoch on.

        Args:
            dataloader: Its data.
            span: When it began, and how long it lasts.
            later: Epochs and iterations of all stages after it, as far as
                they are known.
            val_interval: Of the stage, in the unit that it counts; by default
                validation follows the arguments of the loop.
        """
        self.dataloader = dataloader
        self._span, self._later = span, later
        self._stage_interval = val_interval
        self._has_length = True

    def _resume_counting(self) -> None:
        """Count on from where the runner and a checkpoint say the run is."""
        self._epoch_start = self._iter - self.batches_done
        if self.batches_done and self.stage_is_over:
            # The stage was made shorter since: this epoch is not gone on with.
            self.batches_done, self._epoch_start = 0, self._iter

"""A comparison from the first training to the figure; it resumes."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.folders import is_hidden
from mmposetransfer.jobs import Part, filling, make_parts

from .entries import HOW_READ, Entry, flat_settings
from .figure import draw_figure
from .running import (
    baseline_parts,
    check_settings,
    numbers_of,
    run_folder,
    training_parts,
    work_on,
)
from .spread import Row, gather
from .tables import write_tables

__all__ = ['Comparison']

MARK = 'comparison.json'
FIGURE = 'figure.jpg'


class Comparison(NamedTuple):
    """Some methods, trained with some seeds.

    What is finished is not done again, and a training that was killed goes on
    from its last checkpoint. Methods and seeds may be added later; whatever
    else is changed is refused.

    Attributes:
        root: The folder of the comparison.
        entries: The methods, as `read_entries` gives them.
        seeds: Of the trainings.
        budget: That of `read_entries`.
        figure_pairs: How many test pairs the figure shows.
        order: Names of methods as they are expected, the best first: the
            tables say in how many seeds neighbours stand so.
    """

    root: Path
    entries: Sequence[Entry]
    seeds: Sequence[int]
    budget: int | None = None
    figure_pairs: int = 6
    order: Sequence[str] = ()

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Have the folder for this process alone.

        Raises:
            ValueError: If the folder is of something else or of another
                comparison, a training in it was of another config, or
                another process is at work in it.
        """
        if os.path.isdir(self.root):
            others = [n for n in os.listdir(self.root) if not is_hidden(n)]
            if others and MARK not in others:
                raise UserValueError(
                    f"'{self.root}' holds something else than a comparison, "
                    f'such as {sorted(others)[0]}: name an empty folder, or a '
                    'new one'
                )
        test = self.entries[0].cfg.test_dataloader.dataset
        settings = dict(
            budget=self.budget,
            **{
                f'test_dataloader.dataset.{key}': value
                for key, value in flat_settings(test, HOW_READ).items()
            },
        )
        with filling(self.root, MARK, settings, alone=True, only=True):
            for part in self.parts():
                check_settings(part.work)
            yield

    def parts(self) -> list[Part]:
        """The free baselines, then all methods with one seed after another."""
        return [
            *baseline_parts(self.root, self.entries[0]),
            *training_parts(self.root, self.entries, self.seeds),
        ]

    def run(
        self, workers: int = 1, progress: Callable[[int], None] | None = None
    ) -> list[Row]:
        """Train, score, and write tables and figure after each training.

        Args:
            workers: Trainings at once, each of one thread if there are
                several.
            progress: Called with the number of baselines and trainings that
                are done, after each.

        Returns:
            All rows of the tables.
        """

        def tell(done: int) -> None:
            self.write()
            if progress:
                progress(done)

        make_parts(work_on, self.parts(), workers, tell)
        return self.write()

    def write(self) -> list[Row]:
        """Write tables and figure of what is finished.

        Returns:
            The rows of the tables.
        """
        names = [entry.name for entry in self.entries]
        rows = gather(self.root, names, self.seeds)
        finished = sum(
            numbers_of(run_folder(self.root, name, seed)) is not None
            for name in names
            for seed in self.seeds
        )
        drawn = draw_figure(
            self.root / FIGURE,
            self.root,
            self.entries,
            self.seeds,
            self.figure_pairs,
        )
        details = dict(
            trainings=finished,
            trainings_in_all=len(names) * len(self.seeds),
            seeds=list(self.seeds),
            budget=self.budget,
            figure=FIGURE if drawn else None,
        )
        write_tables(self.root, rows, details, self.order)
        return rows

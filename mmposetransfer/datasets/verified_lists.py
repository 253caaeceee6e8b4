"""The lists of a data set: pairs and images, and whether they make sense."""

import os
from collections import Counter
from itertools import chain

from .identities import read_image_list
from .layouts import where_data_come_from
from .pair_files import read_pairs
from .published_names import identity_of

__all__ = ['VerifiedLists']


class VerifiedLists:
    """Reads all lists that are there.

    Args:
        root (str | Path): Of the data set.
        layout (Layout): Where its files are.
        report (VerificationReport): Takes up what was found.

    Attributes:
        splits (list[tuple[Split, list]]): Splits that are there, and their
            pairs.
        names (dict[str, None]): Of all images in lists.
    """

    def __init__(self, root, layout, report):
        self.root, self.report = str(root), report
        self.splits, self.names, self.people = [], {}, {}
        for split in layout.splits:
            self.read_split(split)
        for path, published in layout.lists.items():
            self.read_list(path, published)
        if not self.names:
            files = sorted({split.pairs for split in layout.splits})
            report.add(
                'missing',
                root,
                'none of the lists of pairs is '
                f'there: {", ".join(files)}. '
                f'{where_data_come_from(layout.name, root)}',
            )

    def path(self, name):
        return os.path.join(self.root, name)

    def read_split(self, split):
        """The pairs of a split, if its file is there."""
        pairs = self._pairs(split)
        if pairs is None:
            return
        self.splits.append((split, pairs))
        self.names.update(dict.fromkeys(chain.from_iterable(pairs)))
        what = f'{split.pairs}: {split.name}'
        self.report.counts[what] = (len(pairs), split.published)
        self.report.checked['pairs'] += len(pairs)
        self._check_pairs(pairs, what)
        if split.name in ('train', 'test'):
            self.people.setdefault(split.pairs, {})[split.name] = {
                identity_of(name) for pair in pairs for name in pair
            } - {None}

    def _pairs(self, split):
        """The pairs, None if the file or the split is not there."""
        path = self.path(split.pairs)
        if not os.path.isfile(path):
            return None
        try:
            return read_pairs(path, split.name)
        except ValueError as error:
            if (
                split.name == 'test_small'
                or 'has no split' in str(error)
                and split.fitted
            ):
                return None  # these are not in all of the published files
            self.report.add('corrupt', path, error)
            return None

    def _check_pairs(self, pairs, what):
        for pair, count in Counter(pairs).items():
            ref, tgt = pair
            if count > 1:
                self.report.add(
                    'inconsistent',
                    what,
                    f'the pair {ref} -> {tgt} is there {count} times',
                )
            if ref == tgt:
                self.report.add(
                    'inconsistent', what, f'{ref} is paired with itself'
                )
            who = {identity_of(ref), identity_of(tgt)} - {None}
            if len(who) > 1:
                self.report.add(
                    'inconsistent',
                    what,
                    f'{ref} and {tgt} show different people',
                )

    def read_list(self, name, published):
        """A list of images."""
        path = self.path(name)
        if not os.path.isfile(path):
            return
        try:
            names = read_image_list(path)
        except ValueError as error:
            self.report.add('corrupt', path, error)
            return
        self.report.counts[name] = (len(names), published)
        self.names.update(dict.fromkeys(names))

    def check_overlap(self):
        """People that are trained on and tested on."""
        for path, people in self.people.items():
            both = people.get('train', set()) & people.get('test', set())
            if both:
                self.report.notes.append(
                    f'{path}: {len(both)} people are in training and test '
                    f'pairs, such as {min(both)}'
                )

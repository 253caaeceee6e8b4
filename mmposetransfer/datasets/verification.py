"""Find out what of a data set is missing, damaged or inconsistent."""

import os
from collections import Counter
from dataclasses import asdict, dataclass, field
from itertools import chain

from .file_checks import FileCheck, Problem, check_files
from .identities import read_image_list
from .image_names import file_names, identity_of, image_id
from .keypoints import misplacement, read_keypoint_table
from .layouts import where_data_come_from
from .pair_files import read_pairs

__all__ = ['VerificationReport', 'verify_dataset']


@dataclass
class VerificationReport:
    """What was found.

    Attributes:
        root: Of the data set.
        layout: Its name.
        checked: What -> number of files or entries that were checked.
        counts: What -> (number found, number published or None).
        notes: What is no mistake, but should be known.
        problems: What is wrong.
    """

    root: str
    layout: str
    checked: Counter = field(default_factory=Counter)
    counts: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)
    problems: list = field(default_factory=list)

    def add(self, kind, file, message):
        """Add a problem, once."""
        problem = Problem(kind, str(file), str(message))
        if problem not in self.problems[-8:]:
            self.problems.append(problem)

    @property
    def differing_counts(self):
        """What there are more or fewer of than were published."""
        return [what for what, (found, published) in self.counts.items()
                if published is not None and found != published]

    def as_dict(self):
        """All of it as plain data, for JSON."""
        return dict(asdict(self), checked=dict(self.checked),
                    differing_counts=self.differing_counts)


def verify_dataset(root, layout, size=None, img=None, quick=False, jobs=1,
                   progress=iter):
    """Check every file that the lists of a data set name.

    Args:
        root (str | Path): Of the data set.
        layout (Layout): Where its files are.
        size (tuple[int, int], optional): (height, width) that all images
            have to have. Defaults to that of the layout.
        img (str, optional): Folder of images, in place of the layout's.
        quick (bool): Whether to look only whether files are there, without
            reading images, body parts and flow.
        jobs (int): Threads that read.
        progress (Callable): Goes through the files that are read.

    Returns:
        VerificationReport: Problems in the order of the lists.
    """
    report = VerificationReport(str(root), layout.name)
    checker = _Checker(root, layout, report, size or layout.size,
                       img or layout.img, quick)
    for split in layout.splits:
        checker.check_split(split)
    for path, published in layout.lists.items():
        checker.check_list(path, published)
    checker.check_overlap()
    if not checker.images:
        report.add('missing', root, 'none of the lists of pairs is there: '
                   + ', '.join(sorted({s.pairs for s in layout.splits}))
                   + f'. {where_data_come_from(layout.name, root)}')
    report.counts['images'] = (checker.count_images(), layout.images)
    checker.read_files(jobs, progress)
    return report


class _Checker:
    """State of a verification: what lists name, and what was found."""

    def __init__(self, root, layout, report, size, img, quick):
        self.root, self.layout, self.report = str(root), layout, report
        self.size, self.img, self.quick = size, img, quick
        self.images, self.parts, self.flows = {}, {}, {}
        self.people, self.tables = {}, {}
        self.poses, self.odd = {}, []

    def path(self, *names):
        return os.path.join(self.root, *names)

    # ---------------------------------------------------------------- lists

    def check_split(self, split):
        """Pairs, and what has to be there for them."""
        pairs = self._pairs(split)
        if pairs is None:
            return
        what = f'{split.pairs}: {split.name}'
        self.report.counts[what] = (len(pairs), split.published)
        self.report.checked['pairs'] += len(pairs)
        table = self._table(split.keypoints)
        self._check_pairs(pairs, what)
        for name in dict.fromkeys(chain.from_iterable(pairs)):
            key = image_id(name)
            self.images.setdefault(key, name)
            self._check_keypoints(table, split, name)
            if split.fitted:
                self.parts[self.path(self.layout.seg, f'{key}.bmp')] = None
        if split.name in ('train', 'test'):
            self.people.setdefault(split.pairs, {})[split.name] = {
                identity_of(name) for pair in pairs for name in pair} - {None}
        if split.fitted:
            self._check_fitted(pairs)
            for ref, tgt in pairs:
                name = f'{image_id(tgt)}_{image_id(ref)}.corr'
                self.flows[self.path(self.layout.corr, name)] = None

    def _pairs(self, split):
        """The pairs, None if the file or the split is not there."""
        path = self.path(split.pairs)
        if not os.path.isfile(path):
            return None
        try:
            return read_pairs(path, split.name)
        except ValueError as error:
            if split.name == 'test_small' or 'has no split' in str(error) \
                    and split.fitted:
                return None  # these are not in all of the published files
            self.report.add('corrupt', path, error)
            return None

    def _table(self, name):
        """A table of keypoints by id; empty if it cannot be read."""
        if name not in self.tables:
            try:
                table = read_keypoint_table(self.path(name))
                self.report.checked['keypoints'] += len(table)
            except FileNotFoundError:
                self.report.add('missing', self.path(name), 'a list of pairs '
                                'is there, but not the keypoints for it')
                table = None
            except ValueError as error:
                self.report.add('corrupt', self.path(name), error)
                table = None
            self.tables[name] = table and {
                image_id(key): points for key, points in table.items()}
        return self.tables[name]

    def _check_pairs(self, pairs, what):
        for pair, count in Counter(pairs).items():
            ref, tgt = pair
            if count > 1:
                self.report.add('inconsistent', what, f'the pair {ref} -> '
                                f'{tgt} is there {count} times')
            if ref == tgt:
                self.report.add('inconsistent', what,
                                f'{ref} is paired with itself')
            who = {identity_of(ref), identity_of(tgt)} - {None}
            if len(who) > 1:
                self.report.add('inconsistent', what, f'{ref} and {tgt} show '
                                'different people')

    def _check_keypoints(self, table, split, name):
        if table is None:
            return
        points = table.get(image_id(name))
        where = f'{self.path(split.keypoints)}: {name}'
        if points is None:
            self.report.add('missing', where, 'no keypoints of this image')
            return
        size = split.keypoints_size or self.layout.size
        if not points[:, 2].any():
            self.report.add('inconsistent', where, 'all joints are missing')
        elif size is None:  # it is seen when the image is read
            self.poses[image_id(name)] = points
        else:
            found = misplacement(points, size)
            if found and found.serious:
                self.report.add('inconsistent', where, found.text)
            elif found:
                self.odd.append(where)

    def _check_fitted(self, pairs):
        path = self.layout.fitted_keypoints
        if not path:
            return  # the flow regressor learns with the joints that were found
        table = self._table(path)
        for name in dict.fromkeys(chain.from_iterable(pairs)):
            if table is not None and image_id(name) not in table:
                self.report.add('missing', f'{self.path(path)}: {name}',
                                'no fitted keypoints of this image')

    def check_list(self, name, published):
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
        for image in names:
            self.images.setdefault(image_id(image), image)

    def check_overlap(self):
        """People that are trained on and tested on."""
        for path, people in self.people.items():
            both = people.get('train', set()) & people.get('test', set())
            if both:
                self.report.notes.append(
                    f'{path}: {len(both)} people are in training and test '
                    f'pairs, such as {min(both)}')

    # ---------------------------------------------------------------- files

    def count_images(self):
        """Files in the folder of images, its sub-folders included."""
        return sum(len(files) for _, _, files in os.walk(self.path(self.img)))

    def read_files(self, jobs, progress):
        """Images, body parts and flow."""
        images = (self.size, ) if self.size else ()
        # Annotations may be of the published size, whatever the images are.
        truth = tuple(filter(None, {self.size, self.layout.size}))
        checks = [FileCheck('image', path, images, self.poses.get(key))
                  for key, path in self._image_paths()]
        checks += [FileCheck('parts', path, truth) for path in self.parts]
        checks += [FileCheck('flow', path, truth) for path in self.flows]
        absent = 0
        found = check_files(checks, self.quick, jobs)
        for check, problem in progress(_Sized(found, len(checks))):
            self.report.checked[check.kind] += 1
            if problem and (check.kind, problem.kind) == ('flow', 'missing'):
                absent += 1
            elif problem and problem.kind == 'odd':
                self.odd.append(problem.file)
            elif problem:
                self.report.problems.append(problem)
        if absent:
            self.report.notes.append(
                f'{absent} of {len(self.flows)} pairs for the flow regressor '
                f"have no flow in '{self.path(self.layout.corr)}': they count "
                'as all background')
        if self.odd:
            self.report.notes.append(
                f'{len(set(self.odd))} images have single joints outside of '
                f'the picture, such as {self.odd[0]}')

    def _image_paths(self):
        folder = self.path(self.img)
        ending = next((os.path.splitext(files[0])[1] for _, _, files in
                       os.walk(folder) if files), '.jpg')
        for key, name in self.images.items():
            paths = [os.path.join(folder, file)
                     for file in file_names(name, ending)]
            yield key, next(filter(os.path.isfile, paths), paths[0])


class _Sized:
    """An iterable with a length, for the progress bar."""

    def __init__(self, items, length):
        self.items, self.length = items, length

    def __len__(self):
        return self.length

    def __iter__(self):
        return iter(self.items)

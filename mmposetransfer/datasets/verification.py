"""Find out what of a data set is missing, damaged or inconsistent."""

import os
from collections import Counter
from dataclasses import asdict, dataclass, field
from itertools import chain

from mmposetransfer.utils.folders import FoundPictures, LeftOut, find_pictures
from mmposetransfer.utils.picture_formats import split_ending

from .file_checks import FileCheck, Problem, check_files
from .flow_files import FLOW_FORMATS, find_flow_file
from .flow_names import check_flow_names, flow_file_name
from .identities import read_image_list
from .keypoints import index_keypoints, misplacement, read_keypoint_table
from .names import NameIndex, picture_id
from .pair_files import read_pairs
from .published_names import identity_of

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
        checker.read_split(split)
    for path, published in layout.lists.items():
        checker.read_list(path, published)
    if not checker.names:
        report.add('missing', root, 'none of the lists of pairs is there: '
                   + ', '.join(sorted({s.pairs for s in layout.splits})))
    checker.find_images()
    for split, pairs in checker.splits:
        checker.check_split(split, pairs)
    checker.check_overlap()
    report.counts['images'] = (len(checker.found.pictures), layout.images)
    checker.read_files(jobs, progress)
    return report


class _Checker:
    """State of a verification: what lists name, and what was found."""

    def __init__(self, root, layout, report, size, img, quick):
        self.root, self.layout, self.report = str(root), layout, report
        self.size, self.img, self.quick = size, img, quick
        self.splits, self.names = [], {}
        self.found, self.images = FoundPictures([], LeftOut()), {}
        self.parts, self.flows, self.people, self.tables = {}, {}, {}, {}
        self.poses, self.odd = {}, []

    def path(self, *names):
        return os.path.join(self.root, *names)

    # ---------------------------------------------------------------- lists

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
                identity_of(name) for pair in pairs for name in pair} - {None}

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

    def find_images(self):
        """The file of each image that a list names."""
        folder = self.path(self.img)
        if os.path.isdir(folder):
            self.found = find_pictures(folder)
        self.report.notes += [f"'{folder}' left out: {line}" for line in
                              self.found.left_out.lines()]
        self.images = self._match(NameIndex(
            self.found.pictures, f"the folder '{folder}'", 'picture'),
            folder, self.names, distinct=False)

    def _match(self, index, where, *pictures, **kwargs):
        """Entries of pictures; what cannot be told is a problem of all."""
        try:
            return index.match(*pictures, **kwargs)
        except ValueError as error:
            self.report.add('inconsistent', where, error)
            return dict.fromkeys(pictures[0])

    # --------------------------------------------------- what belongs to them

    def check_split(self, split, pairs):
        """What has to be there for the pairs of a split."""
        names = dict.fromkeys(chain.from_iterable(pairs))
        self._check_keypoints(split, names)
        if split.fitted:
            self._check_fitted(names)
            self._find_parts(names)
        self._find_flow(pairs, split.fitted)

    def _entries(self, index, where, names):
        """Name in the list -> entry, or None."""
        asked = {name: self.images[name] or name for name in names}
        found = self._match(
            index, where, dict.fromkeys(asked.values()), self.found.pictures)
        return {name: found[picture] for name, picture in asked.items()}

    def _table(self, name):
        """A table of keypoints, None if it cannot be read."""
        if name not in self.tables:
            self.tables[name] = None
            try:
                self.tables[name] = read_keypoint_table(self.path(name))
                self.report.checked['keypoints'] += len(self.tables[name])
            except FileNotFoundError:
                self.report.add('missing', self.path(name), 'a list of pairs '
                                'is there, but not the keypoints for it')
            except ValueError as error:
                self.report.add('corrupt', self.path(name), error)
        return self.tables[name]

    def _check_keypoints(self, split, names):
        table, path = self._table(split.keypoints), self.path(split.keypoints)
        if table is None:
            return
        size = split.keypoints_size or self.layout.size
        entries = self._entries(index_keypoints(table, path), path, names)
        for name, entry in entries.items():
            where = f'{path}: {name}'
            if entry is None:
                self.report.add(
                    'missing', where, 'no keypoints of this image')
            elif not table[entry][:, 2].any():
                self.report.add(
                    'inconsistent', where, 'all joints are missing')
            elif size is None:  # it is seen when the image is read
                self.poses[name] = table[entry]
            else:
                self._check_place(where, table[entry], size)

    def _check_place(self, where, points, size):
        found = misplacement(points, size)
        if found and found.serious:
            self.report.add('inconsistent', where, found.text)
        elif found:
            self.odd.append(where)

    def _check_fitted(self, names):
        path = self.path(self.layout.fitted_keypoints)
        table = self._table(self.layout.fitted_keypoints)
        if table is None:
            return
        entries = self._entries(index_keypoints(table, path), path, names)
        for name, entry in entries.items():
            if entry is None:
                self.report.add('missing', f'{path}: {name}',
                                'no fitted keypoints of this image')

    def _find_parts(self, names):
        folder = self.path(self.layout.seg)
        found = find_pictures(folder).pictures if os.path.isdir(
            folder) else []
        index = NameIndex(found, f"the folder '{folder}'", 'body parts')
        for name, file in self._entries(index, folder, names).items():
            self.parts[str(file) if file else os.path.join(
                folder, f'{picture_id(name)}.bmp')] = None

    def _find_flow(self, pairs, needed):
        """Files of flow: of all pairs, or of those that have one."""
        ids = [tuple(map(picture_id, pair)) for pair in pairs]
        paths = [self.path(self.layout.corr, flow_file_name(*pair, '.corr'))
                 for pair in ids]
        if needed:
            try:
                check_flow_names(chain.from_iterable(ids), ids)
            except ValueError as error:
                self.report.add(
                    'inconsistent', self.path(self.layout.corr), error)
        elif os.path.isdir(self.path(self.layout.corr)):
            paths = [path for path in paths if find_flow_file(path)]
        else:
            return
        self.flows.update(dict.fromkeys(paths))

    def check_overlap(self):
        """People that are trained on and tested on."""
        for path, people in self.people.items():
            both = people.get('train', set()) & people.get('test', set())
            if both:
                self.report.notes.append(
                    f'{path}: {len(both)} people are in training and test '
                    f'pairs, such as {min(both)}')

    # ---------------------------------------------------------------- files

    def read_files(self, jobs, progress):
        """Images, body parts and flow."""
        images = (self.size, ) if self.size else ()
        # Annotations may be of the published size, whatever the images are.
        truth = tuple(filter(None, {self.size, self.layout.size}))
        checks = [FileCheck('image', path, images, points)
                  for path, points in self._image_paths().items()]
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
            self._note_absent_flow(absent)
        if self.odd:
            self.report.notes.append(
                f'{len(set(self.odd))} images have single joints outside of '
                f'the picture, such as {self.odd[0]}')

    def _note_absent_flow(self, absent):
        folder = self.path(self.layout.corr)
        self.report.notes.append(
            f'{absent} of {len(self.flows)} pairs for the flow regressor have '
            f"no flow in '{folder}': they count as all background")
        others = [name for name in (os.listdir(folder) if os.path.isdir(
            folder) else ()) if name.endswith(FLOW_FORMATS)]
        if absent == len(self.flows) and others:
            self.report.add(
                'inconsistent', folder, 'no file of flow is that of a pair: '
                f"one is called '{min(others)}', and that of a pair "
                f"'{os.path.basename(next(iter(self.flows)))}'")

    def _image_paths(self):
        """Path -> joints or None; of missing images, where they should be."""
        files, paths = self.found.pictures, {}
        ending = split_ending(files[0].name)[1] if files else '.jpg'
        for name, file in self.images.items():
            has_one = split_ending(name)[1]
            path = str(file) if file else self.path(
                self.img, name if has_one else f'{name}{ending}')
            paths[path] = paths.get(path, self.poses.get(name))
        return paths


class _Sized:
    """An iterable with a length, for the progress bar."""

    def __init__(self, items, length):
        self.items, self.length = items, length

    def __len__(self):
        return self.length

    def __iter__(self):
        return iter(self.items)

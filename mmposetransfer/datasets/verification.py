"""Find out what of a data set is missing, damaged or inconsistent."""

import os
from collections import Counter
from dataclasses import asdict, dataclass, field
from itertools import chain

from mmposetransfer.io.folders import FoundPictures, find_pictures
from mmposetransfer.io.left_out import LeftOut, few
from mmposetransfer.io.picture_formats import split_ending

from .file_checks import FileCheck, Problem, check_files
from .flow_files import FLOW_FORMATS, find_flow_file
from .flow_names import check_flow_names, flow_file_name
from .keypoints import index_keypoints, misplacement, read_keypoint_table
from .name_keys import name_text
from .names import AmbiguousNameError, NameIndex, picture_id
from .verified_lists import VerifiedLists

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
        return [
            what
            for what, (found, published) in self.counts.items()
            if published is not None and found != published
        ]

    def as_dict(self):
        """All of it as plain data, for JSON."""
        return dict(
            asdict(self),
            checked=dict(self.checked),
            differing_counts=self.differing_counts,
        )


def verify_dataset(
    root, layout, size=None, img=None, quick=False, jobs=1, progress=iter
):
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
    lists = VerifiedLists(root, layout, report)
    checker = _Checker(
        root, layout, report, size or layout.size, img or layout.img, quick
    )
    checker.find_images(lists.names)
    for split, pairs in lists.splits:
        checker.check_split(split, pairs)
    lists.check_overlap()
    report.counts['images'] = (len(checker.found.pictures), layout.images)
    checker.read_files(jobs, progress)
    return report


class _Checker:
    """State of a verification: what was found of what lists name."""

    def __init__(self, root, layout, report, size, img, quick):
        self.root, self.layout, self.report = str(root), layout, report
        self.size, self.img, self.quick = size, img, quick
        self.found, self.images = FoundPictures([], LeftOut()), {}
        self.parts, self.flows, self.tables = {}, {}, {}
        self.poses, self.odd = {}, []

    def path(self, *names):
        return os.path.join(self.root, *names)

    def find_images(self, names):
        """The file of each image that a list names."""
        folder = self.path(self.img)
        if os.path.isdir(folder):
            self.found = find_pictures(folder)
        self.report.notes += [
            f"'{folder}' left out: {line}"
            for line in self.found.left_out.lines()
        ]
        self.images = self._match(
            NameIndex(
                self.found.pictures, f"the folder '{folder}'", 'picture'
            ),
            folder,
            names,
            distinct=False,
        )

    def _match(self, index, where, pictures, rivals=(), distinct=True):
        """Entries of pictures; without those of which it cannot be said."""
        try:
            return index.match(pictures, rivals, distinct)
        except AmbiguousNameError:
            return self._match_singly(index, where, pictures)
        except ValueError as error:  # there is none of any of them
            self.report.add('inconsistent', where, error)
            return {}

    def _match_singly(self, index, where, pictures):
        found, owners = {}, {}
        for picture in pictures:
            try:
                found[picture] = index.find(picture)
            except AmbiguousNameError as error:
                self.report.add('inconsistent', where, error)
        for picture, entry in found.items():
            owners.setdefault(entry, []).append(picture)
        for entry, claimants in owners.items():
            if entry is not None and len(claimants) > 1:
                self.report.add(
                    'inconsistent',
                    where,
                    f"'{name_text(entry)}' could be "
                    f'that of {few(list(map(name_text, claimants)))}',
                )
        return found

    def check_split(self, split, pairs):
        """What has to be there for the pairs of a split."""
        names = dict.fromkeys(chain.from_iterable(pairs))
        self._check_keypoints(split, names)
        if split.fitted:
            self._check_fitted(names)
            self._find_parts(names)
        self._find_flow(pairs, split.fitted)

    def _entries(self, index, where, names):
        """Name in the list -> entry, None if there is none."""
        asked = {name: self.images.get(name) or name for name in names}
        found = self._match(
            index, where, dict.fromkeys(asked.values()), self.found.pictures
        )
        return {
            name: found[picture]
            for name, picture in asked.items()
            if picture in found
        }

    def _table(self, name):
        """A table of keypoints, None if it cannot be read."""
        if name not in self.tables:
            self.tables[name] = None
            try:
                self.tables[name] = read_keypoint_table(self.path(name))
                self.report.checked['keypoints'] += len(self.tables[name])
            except FileNotFoundError:
                self.report.add(
                    'missing',
                    self.path(name),
                    'a list of pairs is there, but not the keypoints for it',
                )
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
                self.report.add('missing', where, 'no keypoints of this image')
            elif not table[entry][:, 2].any():
                self.report.add(
                    'inconsistent', where, 'all joints are missing'
                )
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
        if not self.layout.fitted_keypoints:
            return  # the flow regressor learns with the joints that were found
        path = self.path(self.layout.fitted_keypoints)
        table = self._table(self.layout.fitted_keypoints)
        if table is None:
            return
        entries = self._entries(index_keypoints(table, path), path, names)
        for name, entry in entries.items():
            if entry is None:
                self.report.add(
                    'missing',
                    f'{path}: {name}',
                    'no fitted keypoints of this image',
                )

    def _find_parts(self, names):
        folder = self.path(self.layout.seg)
        found = find_pictures(folder).pictures if os.path.isdir(folder) else []
        index = NameIndex(found, f"the folder '{folder}'", 'body parts')
        for name, file in self._entries(index, folder, names).items():
            self.parts[
                str(file)
                if file
                else os.path.join(folder, f'{picture_id(name)}.bmp')
            ] = None

    def _find_flow(self, pairs, needed):
        """Files of flow: of all pairs, or of those that have one."""
        ids = [tuple(map(picture_id, pair)) for pair in pairs]
        paths = [
            self.path(self.layout.corr, flow_file_name(*pair, '.corr'))
            for pair in ids
        ]
        if needed:
            try:
                check_flow_names(chain.from_iterable(ids), ids)
            except ValueError as error:
                self.report.add(
                    'inconsistent', self.path(self.layout.corr), error
                )
        elif os.path.isdir(self.path(self.layout.corr)):
            paths = [path for path in paths if find_flow_file(path)]
        else:
            return
        self.flows.update(dict.fromkeys(paths))

    def read_files(self, jobs, progress):
        """Images, body parts and flow."""
        images = (self.size,) if self.size else ()
        # Annotations may be of the published size, whatever the images are.
        truth = tuple(filter(None, {self.size, self.layout.size}))
        checks = [
            FileCheck('image', path, images, points)
            for path, points in self._image_paths().items()
        ]
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
                f'the picture, such as {self.odd[0]}'
            )

    def _note_absent_flow(self, absent):
        folder = self.path(self.layout.corr)
        self.report.notes.append(
            f'{absent} of {len(self.flows)} pairs for the flow regressor have '
            f"no flow in '{folder}': they count as all background"
        )
        others = [
            name
            for name in (os.listdir(folder) if os.path.isdir(folder) else ())
            if name.endswith(FLOW_FORMATS)
        ]
        if absent == len(self.flows) and others:
            self.report.add(
                'inconsistent',
                folder,
                'no file of flow is that of a pair: '
                f"one is called '{min(others)}', and that of a pair "
                f"'{os.path.basename(next(iter(self.flows)))}'",
            )

    def _image_paths(self):
        """Path -> joints or None; of missing images, where they should be."""
        files, paths = self.found.pictures, {}
        ending = split_ending(files[0].name)[1] if files else '.jpg'
        for name, file in self.images.items():
            has_one = split_ending(name)[1]
            path = (
                str(file)
                if file
                else self.path(
                    self.img, name if has_one else f'{name}{ending}'
                )
            )
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

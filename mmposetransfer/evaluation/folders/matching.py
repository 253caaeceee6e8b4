"""Which file is the result of which pair, and where its truth is."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mmposetransfer.datasets.listed_pictures import ListedPictures
from mmposetransfer.datasets.name_search import NameSearch
from mmposetransfer.datasets.names import AmbiguousNameError
from mmposetransfer.errors import UserValueError
from mmposetransfer.io.folders import FoundPictures, Picture, find_pictures
from mmposetransfer.io.left_out import few

from .result_names import SCHEMES, Scheme, result_stem

__all__ = ['Entry', 'Matches', 'match_pairs', 'pairs_of_names']

# What can be told apart without a list, the most telling first.
_WITHOUT_LIST = ('patn', 'gfla', 'to')


class Entry(NamedTuple):
    """One result and what belongs to it.

    Attributes:
        ref_id: What the reference is called; '' where nobody says.
        tgt_id: What the target, or the pair, is called.
        result: The file of the generated picture, or the sheet with it.
        truth: The file of the true one; None where it is on the sheet.
        reference: The file of the reference; None where there is none.
    """

    ref_id: str
    tgt_id: str
    result: Picture
    truth: Picture | None = None
    reference: Picture | None = None


@dataclass
class Matches:
    """The results of a folder.

    Attributes:
        scheme: How their names were read.
        entries: In the order of the list, or of their names.
        missing: What has no result or no truth, and why.
        surplus: Names of pictures in the folder that are nobody's result.
        folders: What the folders of results, truths and references hold.
    """

    scheme: Scheme
    entries: list[Entry] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    surplus: list[str] = field(default_factory=list)
    folders: dict[str, FoundPictures] = field(default_factory=dict)


def match_pairs(
    results: str,
    pairs: Sequence[tuple[str, str]],
    truths: str | None,
    references: str | None = None,
    scheme: Scheme | None = None,
) -> Matches:
    """Find the result, truth and reference of each pair of a list.

    Args:
        results: Folder of the generated pictures.
        pairs: Names of reference and target.
        truths: Folder with the targets; None if they are on the sheets.
        references: Folder with the references; None if nobody needs them.
        scheme: How the results are called; None for what fits most of them.

    Returns:
        What was found, and what was not.

    Raises:
        ValueError: If nothing fits, or several files or pairs do.
    """
    found = find_pictures(results)
    scheme, files = _files_of_pairs(results, found, pairs, scheme)
    matches = Matches(scheme, folders={results: found})
    true = _listed((target for _, target in pairs), truths, matches)
    shown = _listed((reference for reference, _ in pairs), references, matches)
    for pair, file in zip(pairs, files, strict=True):
        entry = Entry(*pair, file, true.get(pair[1]), shown.get(pair[0]))
        lacks = [
            what
            for what, folder, there in (
                ('result', results, entry.result),
                ('truth', truths, entry.truth),
                ('reference', references, entry.reference),
            )
            if folder and not there
        ]
        if lacks:
            matches.missing.append(f'{pair[0]} -> {pair[1]} (no {lacks[0]})')
        else:
            matches.entries.append(entry)
    used = {file.name for file in files if file}
    matches.surplus = [name for name in found.names if name not in used]
    return matches


def pairs_of_names(
    results: str, scheme: Scheme | None = None
) -> tuple[list[tuple[str, str]], Scheme] | None:
    """The pairs that the names of results tell of, where there is no list.

    Args:
        results: Folder of the generated pictures.
        scheme: How they are called; None for what fits most of them.

    Returns:
        Names of reference ('' where names tell of none) and target, in the
        order of the files, and the scheme; None if the names do not tell.
    """
    stems = [result_stem(name) for name in find_pictures(results).names]
    schemes = [scheme] if scheme else [SCHEMES[name] for name in _WITHOUT_LIST]
    best = max(
        (
            ([p for p in map(scheme.pattern.parsed, stems) if p], scheme)
            for scheme in schemes
            if 'target' in scheme.pattern.fields
            # Names hold underscores: where one ends, only a list can tell.
            and scheme.pattern.text != '{reference}_{target}'
        ),
        key=lambda parsed: len(parsed[0]),
        default=([], None),
    )
    if not best[0]:
        return None
    fields, scheme = best
    return [
        (found.get('reference', ''), found['target']) for found in fields
    ], scheme


def _listed(
    names: Iterable[str], folder: str | None, matches: Matches
) -> dict[str, Picture]:
    """The files of the pictures that a list names."""
    if not folder:
        return {}
    listed = ListedPictures(names, folder)
    matches.folders[folder] = listed.found
    return listed.pictures


def _files_of_pairs(
    results: str,
    found: FoundPictures,
    pairs: Sequence[tuple[str, str]],
    scheme: Scheme | None,
) -> tuple[Scheme, list[Picture | None]]:
    """The scheme that fits most pairs, and the file of each pair."""
    if not pairs:
        raise UserValueError('the list of pairs is empty')
    index = _Index(found.pictures)
    schemes = [scheme] if scheme else list(SCHEMES.values())
    tried = [(s, list(index.hits(s, pairs))) for s in schemes]
    scheme, hits = max(
        tried, key=lambda trial: sum(bool(hit.files) for hit in trial[1])
    )  # of equals the first
    if not any(hit.files for hit in hits):
        raise UserValueError(_nothing_fits(results, index, pairs, schemes))
    files = _owned(
        [
            _only_one(pair, hit.files, results)
            for pair, hit in zip(pairs, hits, strict=True)
        ],
        hits,
    )
    _refuse_shared(pairs, files, scheme, results)
    return scheme, files


class _Hit(NamedTuple):
    """The files that a pair's result may be, and how well they fit."""

    files: list[Picture]
    fit: tuple = ()


class _Index:
    """Finds the files of a folder that may be a pair's result."""

    def __init__(self, files: Sequence[Picture]) -> None:
        self.files = files
        self.stems = [result_stem(file.name) for file in files]
        self._search = NameSearch(self.stems, endings=False)
        self._exact: dict[str, list[Picture]] = {}
        for stem, file in zip(self.stems, files, strict=True):
            self._exact.setdefault(stem, []).append(file)
        self._last_parts = {_last_part(stem) for stem in self.stems}

    def hits(
        self, scheme: Scheme, pairs: Sequence[tuple[str, str]]
    ) -> Iterator[_Hit]:
        """The files of each pair, by the surest name."""
        if 'number' in scheme.pattern.fields:
            yield from self._numbered(scheme, len(pairs))
            return
        for pair in pairs:
            yield self._of_names(scheme.pattern.of_pair(*pair))

    def _of_names(self, names: Iterable[str]) -> _Hit:
        for rank, name in enumerate(names):
            if name in self._exact:  # nothing fits better, and it is quick
                return _Hit(self._exact[name], (rank,))
            if _last_part(name) in self._last_parts:
                fit, places = self._search.best(name)
                if places:
                    files = [self.files[place] for place in places]
                    return _Hit(files, (rank, fit))
        return _Hit([])

    def _numbered(self, scheme: Scheme, count: int) -> Iterator[_Hit]:
        """The same by places; they count from 1 where there is no 0."""
        numbered: dict[int, list[Picture]] = {}
        for stem, file in zip(self.stems, self.files, strict=True):
            fields = scheme.pattern.parsed(_last_part(stem)) or {}
            number = fields.get('number', '')
            if number.isdecimal():
                numbered.setdefault(int(number), []).append(file)
        first = int(0 not in numbered and count in numbered)
        for place in range(count):
            yield _Hit(numbered.get(place + first, []))


def _only_one(
    pair: tuple[str, str], files: list[Picture], results: str
) -> Picture | None:
    if len(files) > 1:
        raise AmbiguousNameError(
            f"the folder '{results}' has several results of "
            f'{pair[0]} -> {pair[1]}: {few([f.name for f in files])}. Leave '
            'one of them there.'
        )
    return files[0] if files else None


def _last_part(stem: str) -> str:
    return stem.rpartition('/')[2]


def _owned(
    files: Sequence[Picture | None], hits: Sequence[_Hit]
) -> list[Picture | None]:
    """A file is the result of the pair that it fits best."""
    best: dict[Picture, tuple] = {}
    for file, hit in zip(files, hits, strict=True):
        if file is not None:
            best[file] = min(best.get(file, hit.fit), hit.fit)
    return [
        file if file is not None and hit.fit == best[file] else None
        for file, hit in zip(files, hits, strict=True)
    ]


def _refuse_shared(
    pairs: Sequence[tuple[str, str]],
    files: Sequence[Picture | None],
    scheme: Scheme,
    results: str,
) -> None:
    """A file is the result of one pair, however often that is listed."""
    owners = {(file, pair) for file, pair in zip(files, pairs, strict=True)}
    counts = Counter(file.name for file, _ in owners if file)
    for name, count in counts.items():
        if count > 1:
            raise AmbiguousNameError(
                f"'{name}' in '{results}' could be the result of {count} "
                f"pairs: by the scheme '{scheme.name}' their results have "
                'one name. Name results by reference and target.'
            )


def _nothing_fits(
    results: str,
    index: _Index,
    pairs: Sequence[tuple[str, str]],
    schemes: Sequence[Scheme],
) -> str:
    """Say that no file is a pair's result, and what the names may mean."""
    swapped = [(target, reference) for reference, target in pairs]
    if any(
        any(hit.files for hit in index.hits(scheme, swapped))
        for scheme in schemes
        if 'reference' in scheme.pattern.fields
    ):
        return (
            f"the results in '{results}' are called by target and reference "
            'in the order in which the list has them: if the list names '
            'targets first, say so by --target-first'
        )
    forms = ', '.join(scheme.pattern.text for scheme in schemes)
    names = [file.name for file in index.files]
    return (
        f"no picture in '{results}' is called like the result of a pair, as "
        f'{" -> ".join(pairs[0])}: there are {few(names) or "none"}, '
        f'and looked for was {forms}. Say how they are called, as --scheme '
        "'{reference}-{target}'"
    )

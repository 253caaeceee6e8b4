"""Results, truths and references that have a part of their names in common."""

from collections.abc import Iterable

from mmposetransfer.datasets.names import NameIndex
from mmposetransfer.errors import UserValueError
from mmposetransfer.io.folders import FoundPictures, Picture, find_pictures
from mmposetransfer.io.left_out import few

from .matching import Entry, Matches
from .result_names import NamePattern, Scheme, result_stem

__all__ = ['match_names']


def match_names(
    results: str,
    truths: str | None,
    references: str | None = None,
    result_form: str = '{name}',
    truth_form: str = '{name}',
    reference_form: str = '{name}',
) -> Matches:
    """Find the truths of results by their names alone.

    The folders may be one and the same: '{name}_made', '{name}_gt' and
    '{name}_ref' tell its pictures apart.

    Args:
        results: Folder of the generated pictures.
        truths: Folder of the true ones, each of which has to have a result;
            None if they are on the sheets.
        references: Folder of the references; None if nobody needs them.
        result_form: How the results are called, with '{name}', which is the
            same for one pair.
        truth_form: Likewise of the truths.
        reference_form: Likewise of the references.

    Returns:
        What was found, and what was not, in the order of names.

    Raises:
        ValueError: If there is no pair, or a name has several files.
    """
    groups, folders = {}, {}
    for what, folder, form in (
        ('result', results, result_form),
        ('truth', truths, truth_form),
        ('reference', references, reference_form),
    ):
        if folder:
            folders[folder] = folders.get(folder) or find_pictures(folder)
            groups[what] = _by_name(folder, folders[folder], form)
    names = sorted(groups.get('truth', groups['result']))
    files = {
        what: _of_names(group, names, what) for what, group in groups.items()
    }
    matches = Matches(
        Scheme(result_form, NamePattern(result_form), ''), folders=folders
    )
    for name in names:
        own = {what: found.get(name) for what, found in files.items()}
        lacks = [what for what, file in own.items() if file is None]
        if lacks:
            matches.missing.append(f'{name} (no {lacks[0]})')
        else:
            matches.entries.append(Entry('', name, **own))
    if not matches.entries:
        raise UserValueError(
            f"no picture in '{results}' has a truth in '{truths}': "
            f'{few(folders[results].names) or "there are none"}, called '
            f"'{result_form}', and {few(names) or 'none'}, called "
            f"'{truth_form}'. Say how they are called, as --scheme "
            "'{name}_made' --truth-names '{name}_gt', or give --pairs"
        )
    of_use = {entry.result for entry in matches.entries}.union(
        *(groups[what].values() for what in groups if what != 'result')
    )
    matches.surplus = [
        picture.name
        for picture in folders[results].pictures
        if picture not in of_use
    ]
    return matches


def _of_names(
    group: dict[str, Picture], names: Iterable[str], what: str
) -> dict[str, Picture]:
    """The file of each name that has one."""
    index = NameIndex(group, f'the folder of {what}s', what, endings=False)
    found = index.match(names, needed=False)
    return {name: group[entry] for name, entry in found.items() if entry}


def _by_name(
    folder: str, found: FoundPictures, form: str
) -> dict[str, Picture]:
    """What pairs are called -> pictures of a folder that have that form."""
    pattern = NamePattern(form)
    if pattern.fields != ('name',):
        raise UserValueError(
            f"without a list of pairs, names need the form '{{name}}', maybe "
            f"with more around it, got '{form}'"
        )
    files: dict[str, Picture] = {}
    for picture in found.pictures:
        fields = pattern.parsed(result_stem(picture.name))
        if fields is None:
            continue
        other = files.setdefault(fields['name'], picture)
        if other != picture:
            raise UserValueError(
                f"'{folder}' has two pictures called '{fields['name']}': "
                f'{other.name} and {picture.name}. Leave one of them there.'
            )
    return files

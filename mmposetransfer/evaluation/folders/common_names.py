"""Results, truths and references that have a part of their names in common."""

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.folders import Picture, find_pictures
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
    made = _by_name(results, result_form)
    true = _by_name(truths, truth_form) if truths else None
    shown = _by_name(references, reference_form) if references else None
    found = find_pictures(results)
    matches = Matches(
        Scheme(result_form, NamePattern(result_form), ''),
        left_out=found.left_out.lines(),
    )
    groups = dict(result=made, truth=true, reference=shown)
    for name in sorted(made if true is None else true):
        files = {
            what: group.get(name)
            for what, group in groups.items()
            if group is not None
        }
        lacks = [what for what, file in files.items() if file is None]
        if lacks:
            matches.missing.append(f'{name} (no {lacks[0]})')
        else:
            matches.entries.append(Entry('', name, **files))
    if not matches.entries:
        raise UserValueError(
            f"no picture in '{results}' has a truth in '{truths}': "
            f"{few(found.names) or 'there are none'}, called '{result_form}', "
            f'and {few(sorted(true or ())) or "none"}, called '
            f"'{truth_form}'. Say how they are called, as --scheme "
            "'{name}_made' --truth-names '{name}_gt', or give --pairs"
        )
    others = {*(true or {}).values(), *(shown or {}).values()}
    counted = {entry.result for entry in matches.entries}
    matches.surplus = [
        picture.name
        for picture in found.pictures
        if picture not in counted and picture not in others
    ]
    return matches


def _by_name(folder: str, form: str) -> dict[str, Picture]:
    """What pairs are called -> pictures of a folder that have that form."""
    pattern = NamePattern(form)
    if pattern.fields != ('name',):
        raise UserValueError(
            f"without a list of pairs, names need the form '{{name}}', maybe "
            f"with more around it, got '{form}'"
        )
    files: dict[str, Picture] = {}
    for picture in find_pictures(folder).pictures:
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

"""Which files `mmposetransfer evaluate` scores, and what it says of them."""

import sys

from mmposetransfer.datasets.pair_files import read_pairs
from mmposetransfer.errors import UserValueError
from mmposetransfer.evaluation.folders import (
    find_scheme,
    layout_of_scheme,
    match_names,
    match_pairs,
    pairs_of_names,
    parse_sheet,
)
from mmposetransfer.io.image_io import read_image
from mmposetransfer.io.left_out import few

from .left_out import tell_left_out

__all__ = [
    'check_complete',
    'check_sources',
    'find_layout',
    'find_matches',
    'note',
]

SHOWN = 10


def find_matches(args):
    """The results of the folder, with what belongs to them."""
    scheme = args.scheme and find_scheme(args.scheme)
    references = args.references if args.baseline == 'copy' else None
    if args.pairs:
        pairs = read_pairs(args.pairs, args.split)
        if args.target_first:
            pairs = [(reference, target) for target, reference in pairs]
        if args.baseline == 'copy':
            references = references or args.truths
    else:
        told = pairs_of_names(args.results, scheme)
        if told is None:
            return _match_names(args, references, scheme)
        pairs, scheme = told
    return match_pairs(args.results, pairs, args.truths, references, scheme)


def _match_names(args, references, scheme):
    """The same where neither a list nor the names tell of pairs."""
    if scheme and 'name' not in scheme.pattern.fields:
        raise UserValueError(
            f"names of the form '{scheme.pattern.text}' do not tell which "
            'truth is whose: give the list of --pairs'
        )
    return match_names(
        args.results,
        args.truths,
        references,
        scheme.pattern.text if scheme else '{name}',
        args.truth_names,
        args.reference_names,
    )


def find_layout(args, matches):
    """Whether the results are sheets, and what the sheets hold."""
    if args.sheet == 'none':
        return None
    if args.sheet:
        return parse_sheet(args.sheet)
    for entry in matches.entries:
        try:
            size = read_image(entry.result).shape[:2]
        except ValueError:  # told when all are read
            continue
        return layout_of_scheme(
            matches.scheme.name, size, f"the image '{entry.result}'"
        )
    return None


def check_complete(args, matches):
    """Tell what is left out, missing or surplus; stop where too much is."""
    for folder, found in matches.folders.items():
        tell_left_out(
            f'{folder}: {len(found.pictures):,} pictures taken', found.left_out
        )
    if matches.surplus:
        note(
            f'{len(matches.surplus):,} pictures in {args.results} are '
            f"nobody's result: {few(matches.surplus, SHOWN)}"
        )
    if matches.missing:
        text = (
            f'{len(matches.missing):,} of '
            f'{len(matches.missing) + len(matches.entries):,} pairs are '
            f'incomplete: {few(matches.missing, SHOWN)}'
        )
        if not args.allow_missing or not matches.entries:
            raise UserValueError(
                f'{text}. Add what is missing, or score the others by '
                '--allow-missing'
            )
        note(text)


def check_sources(args, matches, layout):
    """Refuse to start without truths, or references that are asked for."""
    needed = ['truth', *(['reference'] if args.baseline else [])]
    for what in needed:
        on_sheet = layout is not None and getattr(layout, what) is not None
        if getattr(matches.entries[0], what) is None and not on_sheet:
            raise UserValueError(
                f'there are no {what}s: name their folder by --{what}s'
            )


def note(*lines):
    """Say something on stderr, where numbers do not go."""
    for line in lines:
        print(line, file=sys.stderr)

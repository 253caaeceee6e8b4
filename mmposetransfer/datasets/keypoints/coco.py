"""Annotations and results in COCO's formats, and AlphaPose's lists."""

from collections import Counter
from pathlib import Path

import numpy as np

from mmposetransfer.errors import UserValueError

from .arrays import to_openpose18
from .people import (
    DETECTOR_MIN_SCORE,
    KeypointFile,
    from_scores,
    largest_first,
    need,
    triples,
)

__all__ = ['people_of_coco', 'people_of_results']

# COCO, Halpe, COCO-WholeBody.
COUNTS = (17, 26, 133, 136)
# COCO: not labelled, labelled but hidden, labelled and visible.
SCORES = {0: 0.0, 1: 0.5, 2: 1.0}
WITHOUT = 'annotations without keypoints'
OTHERS = 'annotations of other things'


def people_of_coco(content, path: str | Path) -> KeypointFile:
    """People of a file of annotations.

    Joints that are labelled but hidden get a score of 0.5. Where the third
    numbers are no labels (0, 1, 2), they are scores.

    Args:
        content: Of the JSON, with 'images' and 'annotations'.
        path: The file, for messages.

    Returns:
        File name of each image -> its persons in the order of the file.
        Persons without any joint are kept, so that an index means the same
        as in the file; annotations of other things are passed over.

    Raises:
        ValueError: If the file is malformed, or no annotation has keypoints.
    """
    for key in ('images', 'annotations'):
        if not isinstance(content, dict) or not isinstance(
            content.get(key), list
        ):
            raise UserValueError(
                f"'{path}' is no COCO file: it has no '{key}'"
            )
    names = {}
    for i, image in enumerate(content['images']):
        _add_image(image, names, f"'{path}', image {i}")
    people = {name: [] for name in names.values()}
    passed_over, persons = Counter(), _person_categories(content)
    for i, annotation in enumerate(content['annotations']):
        if annotation is None:
            passed_over[WITHOUT] += 1
            continue
        where = f"'{path}', annotation {i}"
        need(annotation, ('image_id',), where)
        image = str(annotation['image_id'])
        if image not in names:
            raise UserValueError(
                f"{where}: image_id {image[:60]} is not in 'images'"
            )
        if persons and annotation.get('category_id') not in persons:
            passed_over[OTHERS] += 1
        elif annotation.get('keypoints') in (None, []):
            passed_over[WITHOUT] += 1
        else:
            people[names[image]].append(_annotated(annotation, where))
    _need_some(people, content['annotations'], path)
    return KeypointFile(people, False, passed_over)


def _add_image(image, names, where):
    need(image, ('id', 'file_name'), where)
    number, name = image['id'], image['file_name']
    if not isinstance(number, (int, str)) or not isinstance(name, str):
        raise UserValueError(
            f"{where}: 'id' must be a number and 'file_name' a text"
        )
    if names.setdefault(str(number), name) != name:
        raise UserValueError(
            f'{where}: the id {number} is there a second time'
        )


def _person_categories(content):
    """Ids of people, if the file has them beside other things."""
    categories = content.get('categories')
    return [
        category.get('id')
        for category in (categories if isinstance(categories, list) else ())
        if isinstance(category, dict)
        and 'person' in (category.get('name'), category.get('supercategory'))
    ]


def _need_some(people, annotations, path):
    if annotations and not any(people.values()):
        raise UserValueError(
            f"'{path}': none of the {len(annotations)} annotations has "
            'keypoints; of COCO take person_keypoints_*.json, not '
            'instances_*.json'
        )


def people_of_results(content, path: str | Path) -> KeypointFile:
    """People of a list of results: COCO's, or AlphaPose's.

    Args:
        content: Of the JSON: a list of dicts with 'image_id' and
            'keypoints'.
        path: The file, for messages.

    Returns:
        Name of each picture ('image_id') -> its persons in the order of the
        file.

    Raises:
        ValueError: If the file is malformed, no entry has keypoints, or the
            pictures have numbers in place of names.
    """
    people, passed_over = {}, Counter()
    for i, result in enumerate(content):
        where = f"'{path}', result {i}"
        if (
            result is None
            or isinstance(result, dict)
            and (result.get('keypoints') in (None, []))
        ):
            passed_over['results without keypoints'] += 1
            continue
        need(result, ('image_id', 'keypoints'), where)
        image = result['image_id']
        if not isinstance(image, str):
            raise UserValueError(
                f'{where}: the number {str(image)[:60]} does not tell which '
                "picture it is: make the list the 'annotations' of the "
                "ground truth, {'images': [...], 'annotations': [...]}, or "
                "write names of pictures as 'image_id'"
            )
        people.setdefault(image, []).append(_detected(result, where))
    _need_some(people, content, path)
    return KeypointFile(people, False, passed_over)


def _annotated(annotation, where):
    """The person of an annotation: labels of visibility, or scores."""
    points = triples(annotation['keypoints'], COUNTS, f"{where}, 'keypoints'")
    flags = points[:, 2]
    if not np.isin(flags, list(SCORES)).all():
        if (flags == np.floor(flags)).all():
            raise UserValueError(
                f'{where}: visibility must be 0, 1 or 2, got '
                f'{sorted(set(flags.tolist()))}'
            )
        return _detected(annotation, where)
    points[:, 2] = [SCORES[int(flag)] for flag in flags]
    # By the joints, not by 'bbox': that one may be large and without joints.
    return largest_first(to_openpose18(points, where))


def _detected(result, where):
    points = triples(result['keypoints'], COUNTS, f"{where}, 'keypoints'")
    return largest_first(from_scores(points, where), DETECTOR_MIN_SCORE)

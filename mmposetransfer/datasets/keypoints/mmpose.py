"""Predictions of mmpose: its inferencer's, and its demos'."""

from collections import Counter
from pathlib import Path

import numpy as np

from mmposetransfer.errors import UserValueError
from mmposetransfer.geometry.skeletons import SKELETONS

from .arrays import to_openpose18
from .people import (
    DETECTOR_MIN_SCORE,
    KeypointFile,
    as_numbers,
    from_scores,
    largest_first,
    need,
    triples,
)

__all__ = ['people_of_mmpose']

# What mmpose's demos put before the name of the picture.
DEMO_PREFIX = 'results_'
# Keys of a dict that holds all instances.
INSTANCES = ('instance_info', 'predictions', 'instances')


def people_of_mmpose(content, path: str | Path, name: str) -> KeypointFile:
    """People of a JSON in mmpose's manner.

    Args:
        content: Of the JSON. Instances with 'keypoints' and
            'keypoint_scores', one alone, in a list, or in one of such lists
            for each picture; or frames of a video, each with 'instances'; or
            a dict that has one of these as 'instance_info' (the demos) or
            'predictions' (what the inferencer returns).
        path: The file, for messages.
        name: Of the picture, where the file does not tell.

    Returns:
        All persons in the order of the file; frames are named by their
        'frame_id', pictures of a list by their places in it.

    Raises:
        ValueError: If the content is malformed, or of other joints.
    """
    file = f"'{path}'"
    if isinstance(content, dict):
        if 'instance_info' in content:
            name = name.removeprefix(DEMO_PREFIX)
        _check_joints(content.get('meta_info'), file)
        content = next(
            (content[k] for k in INSTANCES if k in content), [content]
        )
    if not isinstance(content, list):
        raise UserValueError(f'{file}: expected a list of instances')
    passed_over = Counter()

    def people(instances, where):
        return _persons(instances, where, passed_over)

    first = next((entry for entry in content if entry is not None), None)
    if isinstance(first, dict) and 'instances' in first:
        found = {}
        for i, frame in enumerate(content):
            where = f'{file}, frame {i}'
            need(frame, ('frame_id', 'instances'), where)
            key = str(frame['frame_id'])
            if key in found:
                raise UserValueError(
                    f'{where}: frame_id {key} is there a second time'
                )
            found[key] = people(frame['instances'], where)
        return KeypointFile(found, False, passed_over)
    if isinstance(first, list) and len(content) > 1:
        found = {
            str(i): people(instances, f'{file}, picture {i}')
            for i, instances in enumerate(content)
        }
        return KeypointFile(found, False, passed_over)
    instances = first if isinstance(first, list) else content
    return KeypointFile({name: people(instances, file)}, True, passed_over)


def _check_joints(meta, where):
    """Refuse what the demos say to be of other joints than COCO's."""
    names = meta.get('keypoint_id2name') if isinstance(meta, dict) else None
    if not isinstance(names, dict):
        return
    wanted = SKELETONS['coco17'].joints
    found = [names.get(str(i)) for i in range(len(wanted))]
    if found != list(wanted):
        raise UserValueError(
            f'{where}: its joints are those of '
            f"'{meta.get('dataset_name', 'another data set')}', which begin "
            f'with {", ".join(map(str, found[:4]))}; use a model of COCO, '
            'COCO-WholeBody or Halpe'
        )


def _persons(instances, where, passed_over):
    if instances is None:
        passed_over['pictures of null'] += 1
        return []
    if not isinstance(instances, list):
        raise UserValueError(f'{where}: expected a list of instances')
    persons = []
    for i, instance in enumerate(instances):
        if instance is None:
            passed_over['instances of null'] += 1
            continue
        persons.append(_person(instance, f'{where}, person {i}'))
    return persons


def _person(instance, where):
    need(instance, ('keypoints',), where)
    values, scores = instance['keypoints'], instance.get('keypoint_scores')
    if scores is not None:
        points = _with_scores(values, scores, where)
    elif np.ndim(as_numbers(values, where)) == 1:  # as in COCO's results
        points = triples(values, None, where)
    else:  # every joint is one
        return largest_first(to_openpose18(values, where))
    return largest_first(from_scores(points, where), DETECTOR_MIN_SCORE)


def _with_scores(values, scores, where):
    """(K, 3) of x, y and scores that lie apart; either may be nested."""
    scores = as_numbers(scores, f"{where}, 'keypoint_scores'").ravel()
    values = as_numbers(values, f"{where}, 'keypoints'")
    if values.size == 3 * len(scores):
        raise UserValueError(
            f"{where}: 'keypoints' are {len(scores)} points in space; joints "
            'in the picture, x and y, are needed'
        )
    if values.size != 2 * len(scores):
        raise UserValueError(
            f"{where}: {values.size} numbers of 'keypoints' are no x and y "
            f"for {len(scores)} of 'keypoint_scores'"
        )
    return np.column_stack([values.reshape(-1, 2), scores])

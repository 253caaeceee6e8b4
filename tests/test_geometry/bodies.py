"""Bodies in the SMPL format, made for the tests."""

import pickle
import sys
import types

import numpy as np
from scipy import sparse

KEYS = (
    'v_template',
    'f',
    'weights',
    'J_regressor',
    'shapedirs',
    'posedirs',
    'kintree_table',
)
PARENTS = (
    -1,
    0,
    0,
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    9,
    9,
    12,
    13,
    14,
    16,
    17,
    18,
    19,
    20,
    21,
)


def random_body(vertices=300, betas=10, seed=0):
    """Arrays of a body of random numbers, with corrective shapes."""
    rng = np.random.default_rng(seed)
    weights = rng.random((vertices, 24)) ** 8
    weights[np.arange(vertices)[:, None], np.argsort(-weights, 1)[:, 4:]] = 0
    tree = np.array([PARENTS, range(24)]).astype(np.uint32)
    return dict(
        v_template=rng.normal(size=(vertices, 3)),
        f=rng.integers(0, vertices, (2 * vertices, 3)).astype(np.uint32),
        weights=weights / weights.sum(1, keepdims=True),
        J_regressor=rng.dirichlet(np.full(vertices, 0.1), 24),
        shapedirs=0.05 * rng.normal(size=(vertices, 3, betas)),
        posedirs=0.02 * rng.normal(size=(vertices, 3, 207)),
        kintree_table=tree,
    )


def save_like_smpl(path, body):
    """A pickle as SMPL 1.0 is: Python 2's protocol, chumpy, scipy.sparse."""
    chumpy, module = types.ModuleType('chumpy'), types.ModuleType('chumpy.ch')

    class Ch:
        def __init__(self, x):
            self.x = x

        def __getstate__(self):
            return {'x': self.x, '_dirty_vars': set(), 'name': None}

    Ch.__module__, Ch.__qualname__ = 'chumpy.ch', 'Ch'
    module.Ch = Ch
    names = {'chumpy': chumpy, 'chumpy.ch': module}
    content = dict(body, bs_type='lrotmin', J=Ch(np.zeros((24, 3))))
    content['J_regressor'] = sparse.csc_matrix(body['J_regressor'])
    for key in ('v_template', 'shapedirs', 'posedirs', 'weights'):
        content[key] = Ch(body[key])
    sys.modules.update(names)
    try:
        with open(path, 'wb') as file:
            pickle.dump(content, file, protocol=2)
    finally:
        for name in names:
            del sys.modules[name]

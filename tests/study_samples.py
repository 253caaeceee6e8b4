"""A small study: pictures, a client without a browser, and a whole visit."""

import json
from io import BytesIO
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import cv2
import numpy as np

from mmposetransfer.study import StudyDesign, begin_study

METHODS = ('ours', 'theirs')
SMALL = dict(images=4, image_practice=2, pairs=3, pair_practice=1)
# Blue, green, red of what a picture shows, so that a pixel tells its source.
COLOURS = dict(
    real=(10, 20, 200),
    ours=(200, 20, 10),
    theirs=(20, 200, 10),
    reference=(90, 90, 90),
    pose=(0, 0, 0),
)


def write_pictures(root, count, sources=tuple(COLOURS)):
    """Folders of pictures, each of the colour of its source; {name: folder}.

    Photographs are JPEG files, all else is PNG.
    """
    folders = {}
    for source in sources:
        folders[source] = root / source
        folders[source].mkdir(parents=True)
        ending = 'jpg' if source == 'real' else 'png'
        for i in range(count):
            picture = np.full((24, 16, 3), COLOURS[source], np.uint8)
            picture[:8] = 7 * i % 256  # tells scenes apart
            cv2.imwrite(str(folders[source] / f'{i:03d}.{ending}'), picture)
    return folders


def small_study(root, **settings):
    """A study of two methods that one participant ends in 19 answers."""
    design = StudyDesign(METHODS, **SMALL)
    folders = write_pictures(root, design.scenes_needed)
    return begin_study(
        root / 'study.sqlite', folders, design, seed=1, **settings
    )


class Client:
    """Speaks to the application as a browser does, held to PEP 3333."""

    def __init__(self, app):
        self.app = validator(app)

    def request(self, method, path, body=None, token=None):
        """Status, headers and content; JSON is decoded."""
        data = b'' if body is None else json.dumps(body).encode()
        environ = dict(
            REQUEST_METHOD=method,
            SCRIPT_NAME='',
            PATH_INFO=path,
            QUERY_STRING='',
            CONTENT_LENGTH=str(len(data)),
        )
        environ['wsgi.input'] = BytesIO(data)
        if token is not None:
            environ['HTTP_AUTHORIZATION'] = f'Bearer {token}'
        setup_testing_defaults(environ)
        told = []
        chunks = self.app(environ, lambda *args: told.extend(args))
        try:
            content = b''.join(chunks)
        finally:
            chunks.close()
        status, headers = int(told[0].split()[0]), dict(told[1])
        if headers['Content-Type'] == 'application/json':
            content = json.loads(content)
        return status, headers, content

    def get(self, path, **options):
        """As `request`."""
        return self.request('GET', path, **options)

    def post(self, path, body, **options):
        """As `request`."""
        return self.request('POST', path, body, **options)

    def join(self):
        """Take part; the secret."""
        status, _, content = self.post(
            '/api/participants', dict(language='en')
        )
        assert status == 201, content
        return content['token']

    def answer(self, token, position, side='left', milliseconds=800):
        """Answer a trial; the status."""
        return self.post(
            '/api/answers',
            dict(position=position, side=side, milliseconds=milliseconds),
            token=token,
        )[0]

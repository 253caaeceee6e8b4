"""The server of a study in a process of its own."""

import http.client
import json
import signal
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]


class Server:
    """`mmposetransfer user-study serve` in a process of its own."""

    def __init__(self, path, *options, port=0):
        self.process = subprocess.Popen(
            [
                *(sys.executable, '-m', 'mmposetransfer', 'user-study'),
                *('serve', str(path), '--port', str(port), *map(str, options)),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            # Ignored where the tests run in the background of a script.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )
        self.said = self.process.stdout.readline()
        self.address = urlsplit(self.process.stdout.readline().split()[0])

    def ask(self, path, body=None, token=None):
        """A JSON answer; OSError or HTTPException without one."""
        with closing(
            http.client.HTTPConnection(self.address.netloc, timeout=600)
        ) as connection:
            connection.request(
                'POST' if body else 'GET',
                path,
                body and json.dumps(body),
                {'Authorization': f'Bearer {token}'} if token else {},
            )
            response = connection.getresponse()
            content = response.read()
            assert response.status in (200, 201), content
            return json.loads(content)

    def end(self, how):
        """End it by a signal."""
        self.process.send_signal(how)
        self.process.communicate(timeout=120)

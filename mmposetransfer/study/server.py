"""The server of a study: waitress, with the study's application."""

from types import ModuleType

from mmposetransfer.errors import UserImportError, UserValueError

from .app import StudyApp

__all__ = ['serve_study']

# A request takes milliseconds, most of them for the disk.
_THREADS = 16


def serve_study(app: StudyApp, host: str, port: int) -> None:
    """Serve a study until the process is interrupted.

    Args:
        app (StudyApp): Of the study.
        host (str): Address to listen at: '127.0.0.1' for this machine alone,
            '0.0.0.0' for its network.
        port (int): To listen at; 0 takes a free one.

    Raises:
        UserImportError: If waitress is not installed.
        UserValueError: If host and port cannot be had.
    """
    waitress = _waitress()
    try:
        server = waitress.create_server(
            app,
            host=host,
            port=port,
            threads=_THREADS,
            ident=None,  # no version for strangers
            connection_limit=1000,
            max_request_body_size=65536,
        )
    except OSError as error:
        raise UserValueError(
            f'{host}:{port} cannot be listened at: {error.strerror}. Choose '
            'another --host or --port'
        ) from error
    print(
        f'http://{server.effective_host}:{server.effective_port}/  '
        '(Ctrl-C ends it; answers are kept)',
        flush=True,
    )
    server.run()


def _waitress() -> ModuleType:
    try:
        import waitress
    except ImportError as error:
        raise UserImportError(
            'a user study is served by waitress, which cannot be imported '
            f'({error}): pip install "mmposetransfer[study]"'
        ) from error
    return waitress

"""A virtual environment that borrows the packages of the running Python."""

import os
import shutil
import subprocess
import sysconfig
import venv
from fnmatch import fnmatch
from pathlib import Path


class VirtualEnv:
    """What is installed into it goes nowhere else.

    The packages beside the running Python are there, but no editable one:
    a ``.pth`` file names their folder, in which no other is read.

    Args:
        folder (Path): Made anew.
        without (Sequence[str]): Patterns of names in the folder of packages
            that are not there, such as 'pyyaml-*'; upper and lower case are
            alike.
    """

    def __init__(self, folder, without=()):
        venv.EnvBuilder(with_pip=False, symlinks=True).create(folder)
        self.bin = folder / 'bin'
        (site,) = folder.glob('lib/python*/site-packages')
        packages = Path(sysconfig.get_path('purelib'))
        if without:
            packages = _links(packages, folder / 'borrowed', without)
        (site / 'borrowed.pth').write_text(str(packages))
        self.site = site

    def pip_install(self, *args):
        """Run pip, without a network and without build isolation."""
        return self.run(
            'python',
            '-m',
            'pip',
            'install',
            '-q',
            '--no-deps',
            '--no-index',
            '--no-build-isolation',
            '--disable-pip-version-check',
            *args,
        )

    def run(self, program, *args, cwd=None, check=True, **env):
        """Run a program of the environment.

        Args:
            program (str): Its name.
            *args: Its arguments.
            cwd (Path, optional): Where to run it.
            check (bool): Whether it has to succeed.
            **env (str): Environment variables; PYTHONPATH is empty if not
                among them.

        Returns:
            subprocess.CompletedProcess: With the output as text.
        """
        env = os.environ | dict(PYTHONPATH='') | env
        done = subprocess.run(
            [self.bin / program, *map(str, args)],
            cwd=cwd,
            env=env,
            text=True,
            capture_output=True,
            timeout=300,
        )
        if check:
            assert done.returncode == 0, done.stdout + done.stderr[-3000:]
        return done


def _links(source, folder, without):
    """A folder of links to the entries of another, but for some."""
    folder.mkdir()
    for entry in source.iterdir():
        if not any(fnmatch(entry.name.lower(), name) for name in without):
            (folder / entry.name).symlink_to(entry)
    return folder


def copy_of_repository(root, folder):
    """The files of a checkout without hidden ones and what was made in it.

    Args:
        root (Path): The checkout.
        folder (Path): The copy; made.

    Returns:
        Path: ``folder``.
    """
    ignore = shutil.ignore_patterns(
        '.*',
        '__pycache__',
        '*.egg-info',
        'build',
        'dist',
        '_build',
        'work_dirs',
    )
    return shutil.copytree(root, folder, ignore=ignore)

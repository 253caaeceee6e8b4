"""The command `mmposetransfer`; ``python -m mmposetransfer`` is the same."""

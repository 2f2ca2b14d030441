"""The errors a user can cause. Each is one sentence: what is wrong, where, what to do. The door exits with 2."""


class DecoupleError(Exception):
    """Something the user can put right; shown without a traceback."""


class ConfigError(DecoupleError):
    """A command, an option, or a settings file is wrong."""


class DataError(DecoupleError):
    """An image, a label, a split or a class count is wrong."""


class RunError(DecoupleError):
    """A run folder, or a file in it, is missing, foreign, damaged or in use."""


class PartialFailureError(Exception):
    """Some of what was asked for failed, the rest is done and saved; says how much, and how to try again."""


class InterruptedRunError(Exception):
    """Ctrl-C or SIGTERM came and the state is saved; says how to go on."""

"""The exit codes of every command."""

FINE = 0
ERRORS = 1  # errors in the spec
WRONG_USE = 2  # of the command itself: an unknown option, a file that is not there
RUN_FAILED = 3
NOT_AS_EXPECTED = 4  # an `expect` is not met
INTERRUPTED = 130

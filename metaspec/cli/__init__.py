"""The command line: one file for each command, which reads arguments, calls a stage and prints."""

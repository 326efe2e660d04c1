"""The doors to the scorer: HTTP here, the command line beside it."""

"""Runs the command line without its entry point: ``python -m service``."""

from service.cli import run

if __name__ == "__main__":
    run()

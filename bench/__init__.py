"""Measures the server and the batch command beside a plain peer, in one run on one machine."""

"""Scores whole files: rows stream through, every column is kept, nothing is lost on the way.

``files`` opens the two ends, ``delimited``, ``jsonlines`` and ``parquet`` are the formats, ``rows``
scores a chunk, ``parts`` makes finished work durable, ``run`` puts them together. The formats know
nothing of scoring, and nothing here knows the command line.
"""

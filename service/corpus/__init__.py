"""Scores whole files: rows stream through, every column is kept, nothing is lost on the way.

``files`` opens the two ends; ``delimited``, ``jsonlines`` and ``parquet`` are the formats,
``lines`` and ``packed`` give their bytes, ``dialect`` tells how fields are kept apart. ``rows``
scores a chunk, ``parts`` makes finished work durable, ``run`` puts them together; ``many`` and
``report`` run over files. The formats know nothing of scoring, and only ``command`` knows the
command line.
"""

"""Makes one self-contained HTML page out of a scored file, and pictures for a paper.

``request`` is what was asked, ``intake`` opens the file, ``sample`` reads it once and counts it.
``grouping``, ``means``, ``ranking``, ``timeline``, ``comparison``, ``extremes`` and ``shares`` work
out the figures, and ``findings`` holds them all. ``drawing`` and the modules of charts draw them,
``sections`` and ``group_sections`` put them in words, ``page`` in HTML. ``making`` runs it all.

Only ``command`` and ``request`` may be imported where the extra "report" is not installed. Nothing
here scores, and only ``command`` knows the command line.
"""

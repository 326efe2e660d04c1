"""Scores a corpus on several machines: ``diplotone batch --engine ray``, the extra ``cluster``.

``command`` is what the command line knows of it; ``storage`` reads and writes addresses; ``plan``
cuts the input into partitions and remembers which are done; ``claim`` keeps a second driver out;
``worker`` is what runs on the machines and uses ``service.corpus`` for every row; ``run`` puts them
together with Ray Data.
"""

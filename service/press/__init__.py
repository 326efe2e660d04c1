"""The article, scored: the reader's quotes with their tone, and the doors to them.

``scoring`` is the way in for Python. ``plan`` says which texts an article wants scored and puts
the scores back; ``offsets`` leads from a quote's
words into the article, ``speakers`` makes the table by speaker. ``routes`` is the door for HTTP,
``command`` that for the command line.
"""

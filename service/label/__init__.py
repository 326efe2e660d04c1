"""A page on which people rate quotes, blind to each other and to the model.

``quotes`` reads and orders them, ``desk`` says whose turn is which quote and saves ratings as
feedback, ``codebook`` is what a rater must know, ``app`` serves the page (``index.html``,
``label.js``, ``label.css``), ``command`` is ``diplotone label``. docs/labelling.md tells the rest.
"""

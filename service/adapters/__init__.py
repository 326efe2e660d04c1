"""Doors in the shapes of other services, so that their clients work here by changing an address.

Each is a thin adapter over the one scorer: ``perspective``, ``moderations`` (OpenAI), ``tei``
(text-embeddings-inference) and ``v2`` (Open Inference Protocol). All are off unless the setting
``DIPLOTONE_ADAPTERS`` names them. ``doors`` opens those that are named, ``names`` says which there
are, ``scoring`` is their one way to the gate, and ``shape`` turns our errors into theirs.
"""

"""The names of the adapters, as the setting lists them; imports nothing, so that settings may."""

NAMES = ("perspective", "moderations", "tei", "v2")
"""Perspective, OpenAI moderations, text-embeddings-inference, Open Inference Protocol v2."""

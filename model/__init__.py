"""Turns quotes into tone scores; the one room that knows tokenizer, runtime and artifact."""

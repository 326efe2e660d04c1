"""Turns quotes into tone scores; the one room that knows tokenizer, runtime and artifact."""

import os

# ONNX Runtime's Linux wheels can send telemetry; it reads this when it is loaded, which only
# modules under this package do first. Nothing may leave the machine.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

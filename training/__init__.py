"""Fits the network to the labelled quotes and writes, measures and promotes an artifact."""

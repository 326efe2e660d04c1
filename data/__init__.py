"""The labelled quotes, and the code that reads, fetches, verifies and splits them."""

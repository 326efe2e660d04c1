"""Whether a scored corpus looks like the rows that the model was tested on."""

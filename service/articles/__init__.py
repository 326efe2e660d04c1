"""Reads an article into its quotes, their speakers and their exchange, by rules.

``article`` puts the steps together; ``marks`` pairs quotation marks, ``layout`` finds paragraphs
and speech labels, ``tokens`` and ``phrases`` read the reporter's words, ``clauses`` and
``attribution`` find who speaks, ``people`` says who that is, ``kinds`` what sort of quote it is,
``exchange`` who answers whom. ``syntax`` is the interface for a parser beside the rules. Nothing
here scores, and nothing here knows HTTP or the command line.
"""

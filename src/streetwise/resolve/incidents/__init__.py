"""突发事件信息报送: first, follow-up and final report, each with who is told by when.

Takes: a case and its grade. Gives: reports (notes of the case), whom each was told to and when,
what is late, and a page to print. Must never: put a report's words into the journal.
"""

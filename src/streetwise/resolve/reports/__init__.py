"""Reports 报告: what the street did in a day, a week or a month, to be read, kept and passed on.

Takes what ``scores`` counts, and cases and clocks as they stood when the period ended; gives one
content of headings, sentences, tables and charts, and that content as a web page, XLSX, DOCX and
PDF. Must never: name a person, show counts below five of what people want, or let two of the four
forms say different numbers.
"""

"""Understanding a message: what it is about, where, and what is asked. Pure engines.

Takes: masked texts, and what the directory knows. Gives: guesses with their confidence and the
words that spoke for them. Must never: touch a database, keep a text beyond what learning from it
needs, or say anything of a person.
"""

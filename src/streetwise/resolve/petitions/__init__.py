"""Reviews of petitions 复查复核: what follows when a petitioner does not accept our opinion.

Takes: a petition that was answered, and what the higher organ says of it. Gives: when the opinion
was served, who may ask for what until when, whether the file was handed over, how it came out, and
a fresh clock where we have to decide again. Must never: change a work order (only upstream's file
does), name a petitioner outside the vault, or take up what has ended (终结).
"""

"""Who has a case open at the desk: a lock that expires and can be broken."""

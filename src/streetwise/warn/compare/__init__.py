"""Compare: one series against its own past (Farrington improved, EARS, NB-CUSUM)."""

"""The nightly run as one pure function: reports in, warnings and notes out."""

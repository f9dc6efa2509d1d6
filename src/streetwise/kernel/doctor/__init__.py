"""What is wrong with an installation, and what to do: looks only, and changes nothing.

Takes the settings and a database; gives findings. A check that cannot be made is a finding too.
"""

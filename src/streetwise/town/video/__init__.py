"""The town's cameras as pictures: what they see, what happens before them, and how it is sent.

Given a seed, a camera's code and a moment, the picture is always the same one (``render``), and so
is what is planted in it (``program``). ``encode`` makes short clips of it, ``farm`` serves them
over RTSP as cameras and their platforms do, with the faults that those have. It imports nothing
of ``discover``, which is to be tested on it.
"""

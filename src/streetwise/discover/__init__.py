"""Discover 智能发现: cameras → signals.

Takes: streams of cameras that somebody answers for (owner, purpose, approval), scenes as data,
detectors with their cards. Gives: signals with masked evidence, the cadence that each camera
really reached, and second looks at cases that a camera can see. Must never: recognise, identify
or follow a person; let an unmasked picture leave the process that decoded it; queue what it has
no time for; say that it looked where it did not.

The way of a picture (docs/decisions/0045): streams → latest-only slot → decoder → gate →
scheduler → detector → rules → finding → evidence → signal. What passes between them is in
``discover/values.py``.

Other rooms import from here only.
"""

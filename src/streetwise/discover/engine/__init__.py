"""The processes that look: what comes over the wire is decoded, judged and forgotten here.

``eye`` is one process with a share of the cameras: it decodes, gates, infers, applies the rules
and masks. Frames never leave it. ``fleet`` starts eyes and the process that reads the streams,
and starts them again when they end.
"""

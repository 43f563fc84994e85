"""The face detectors that facegap brings, a module each; see `facegap.faces.registration`.

Their modules are imported to see how they are registered, so they import what is heavy only where they need it.
"""

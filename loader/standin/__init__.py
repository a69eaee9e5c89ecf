"""A stand-in for Bonzo's API on loopback, and the demo account behind it.

The loader itself knows nothing of this package: it talks to the stand-in over
HTTP exactly as it talks to the service.
"""

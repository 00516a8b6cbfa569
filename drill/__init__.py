"""The crash drill: real clients, random `kill -9`, then an account of what was promised and what is there.

A tool, as `bench` is: nothing of the portal imports it. The checker imports nothing of the portal.
"""

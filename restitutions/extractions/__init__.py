"""The whole offer, or a part of it, as a file made in the background for those entitled to it."""

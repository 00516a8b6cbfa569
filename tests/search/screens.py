"""What a person reads on a page of the search."""

import re


def text_of(response) -> str:
    """Tags and title away, blanks of any kind as one space."""
    body = re.sub(r"<title>.*?</title>|<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", body)

"""Text from strangers, made safe to look at: control and direction characters show, lookalike hosts are named. Pure."""

from __future__ import annotations

import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

# Letters of other scripts that a reader takes for an ASCII letter (from Unicode's confusables, those seen in phishing hosts).
_LOOKS_LIKE = {
    ord(letter): plain
    for plain, letters in {
        "a": "аαɑᴀ", "b": "в", "c": "сϲᴄ", "d": "ԁ", "e": "еᴇ", "g": "ɡ", "h": "һħн", "i": "іιıɩ", "j": "јȷ", "k": "кκ", "l": "ӏ", "m": "м",
        "n": "ηп", "o": "оοσᴏ", "p": "рρ", "q": "ԛ", "r": "гʀ", "s": "ѕꜱ", "t": "тτ", "u": "υ", "v": "νᴠ", "w": "ԝωᴡ", "x": "х", "y": "уү",
        "z": "ᴢ",
    }.items()
    for letter in letters
}  # fmt: skip


def visible(text: str) -> str:
    """The text with every invisible or direction-changing character written as its escape, such as \\u202e."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if _is_shown(character) else _escape(character) for character in text)


def _is_shown(character: str) -> bool:
    return character == "\u200d" or unicodedata.category(character) not in _HIDDEN


def _escape(character: str) -> str:
    point = ord(character)
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def lookalike(host: str) -> str:
    """The ASCII host that a punycode host would be mistaken for, or "" when it would not be (münchen.de is nobody else's)."""
    if "xn--" not in host:
        return ""
    labels = [_skeleton(label) for label in host.split(".")]
    seen = ".".join(labels)
    return seen if seen.isascii() and seen != host else ""


def _skeleton(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        decoded = label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label
    return decoded.casefold().translate(_LOOKS_LIKE)

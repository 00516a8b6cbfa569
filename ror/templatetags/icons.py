"""Our icons: 16 × 16, 1.5 stroke, drawn for this project. The name says what it stands for, not what it looks like."""

_CLOCK = '<circle cx="8" cy="8" r="6"/><path d="M8 4.6V8l2.4 1.6"/>'
_CHECK = '<path d="M3 8.5 6.5 12 13 4.5"/>'
_LOCK = '<rect x="3.5" y="7" width="9" height="6.5" rx="1"/><path d="M5.5 7V5a2.5 2.5 0 0 1 5 0v2"/>'
_CASE = '<rect x="2" y="5" width="12" height="8" rx="1"/><path d="M6 5V3.2h4V5M2 9h12"/>'
_GLOBE = '<circle cx="8" cy="8" r="6"/><path d="M2 8h12M8 2c2.4 2.4 2.4 9.6 0 12M8 2c-2.4 2.4-2.4 9.6 0 12"/>'
_PLACE = (
    '<path d="M8 14.2S3.3 10 3.3 6.6a4.7 4.7 0 0 1 9.4 0C12.7 10 8 14.2 8 14.2z"/><circle cx="8" cy="6.6" r="1.7"/>'
)

ICONS: dict[str, str] = {
    "search": '<circle cx="7" cy="7" r="4.5"/><path d="M10.5 10.5 14 14"/>',
    "building": '<path d="M3 13.5v-11h7v11M10 6h3v7.5M1.5 13.5h13M5.5 5.2h2M5.5 7.7h2M5.5 10.2h2"/>',
    "folder": '<path d="M2 12.8V3.5h4L7.5 5H14v7.8z"/>',
    "help": '<circle cx="8" cy="8" r="6"/><path d="M6.2 6.3a1.9 1.9 0 1 1 2.7 1.8c-.6.3-.9.7-.9 1.4M8 11.5v.1"/>',
    "person": '<circle cx="8" cy="5.5" r="2.6"/><path d="M3 13.5c.6-2.8 2.6-4 5-4s4.4 1.2 5 4"/>',
    "people": (
        '<circle cx="6" cy="5.8" r="2.3"/><path d="M1.8 13c.5-2.5 2.2-3.6 4.2-3.6s3.7 1.1 4.2 3.6'
        'M10.5 3.7a2.3 2.3 0 0 1 0 4.2M12 9.8c1.2.5 2 1.6 2.3 3.2"/>'
    ),
    "logout": '<path d="M6.5 2.5h-4v11h4M6.5 8h7M10.5 5l3 3-3 3"/>',
    "phone": ('<path d="M3 3.2c0 5.6 4.2 9.8 9.8 9.8l.4-2.9-3-1.1-1.2 1.3a8.2 8.2 0 0 1-3.4-3.4L6.9 5.8l-1.1-3z"/>'),
    "mail": '<rect x="2" y="3.5" width="12" height="9" rx="1"/><path d="M2.3 4.3 8 8.8l5.7-4.5"/>',
    "link": '<path d="M9 3h4v4M13 3 7.5 8.5M6.5 3.5H3v9.5h9.5V9.5"/>',
    "place": _PLACE,
    "target": '<circle cx="8" cy="8" r="5.5"/><circle cx="8" cy="8" r="1.4"/>',
    "map": '<path d="M1.5 4 6 2.5l4 1.5 4.5-1.5V12L10 13.5 6 12l-4.5 1.5zM6 2.5V12M10 4v9.5"/>',
    "list": '<path d="M2.5 4h11M2.5 8h11M2.5 12h11"/>',
    "tree": '<path d="M4 3v9.5h4M4 7h4"/><circle cx="4" cy="2.7" r="1.2"/><path d="M10 5.5h3v3h-3zM10 11h3v3h-3z"/>',
    "filter": '<path d="M2 4h12M4.5 8h7M6.5 12h3"/>',
    "download": '<path d="M8 2.5v7.5M5 7.3 8 10.3l3-3M2.5 13.2h11"/>',
    "print": '<path d="M4.5 6V2.5h7V6M4.5 11.5h-2v-5h11v5h-2"/><path d="M4.5 9.5h7v4h-7z"/>',
    "bookmark": '<path d="M4 2.5h8v11L8 10.6 4 13.5z"/>',
    "flag": '<path d="M3.5 14V2.5h8.5L10.3 5.3 12 8H3.5"/>',
    "edit": '<path d="M3 13l.7-3 6.8-6.8a1.35 1.35 0 0 1 2 2L5.8 12z"/>',
    "message": '<path d="M2.5 3h11v7.5h-6L4.5 13v-2.5h-2z"/>',
    "send": '<path d="M14 2 2 7l4.5 2.2L8.7 14zM14 2 6.5 9.2"/>',
    "return": '<path d="M6 3.5 3 6.5l3 3M3 6.5h6.3a3.5 3.5 0 0 1 0 7H7"/>',
    "eye": '<path d="M1.5 8S4 3.7 8 3.7 14.5 8 14.5 8 12 12.3 8 12.3 1.5 8 1.5 8z"/><circle cx="8" cy="8" r="1.9"/>',
    "eye-off": '<path d="M1.5 8S4 3.7 8 3.7 14.5 8 14.5 8 12 12.3 8 12.3 1.5 8 1.5 8zM3 13 13 3"/>',
    "calendar": '<rect x="2.5" y="3.5" width="11" height="10" rx="1"/><path d="M2.5 6.7h11M5.5 2v3M10.5 2v3"/>',
    "clock": _CLOCK,
    "history": '<path d="M3 5.2A6 6 0 1 1 2 8M2.6 2.6v2.9h2.9M8 4.8V8l2.2 1.5"/>',
    "check": _CHECK,
    "check-circle": '<circle cx="8" cy="8" r="6"/><path d="M5.2 8.2 7.2 10.2 11 6"/>',
    "x": '<path d="M4.2 4.2l7.6 7.6M11.8 4.2l-7.6 7.6"/>',
    "x-circle": '<circle cx="8" cy="8" r="6"/><path d="M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4"/>',
    "dashed": '<circle cx="8" cy="8" r="6" stroke-dasharray="2.4 2.2"/>',
    "warning": '<path d="M8 2.5 14.5 13.5h-13z"/><path d="M8 6.6v3M8 11.5v.1"/>',
    "info": '<circle cx="8" cy="8" r="6"/><path d="M8 7.3v3.8M8 5v.1"/>',
    "plus": '<path d="M8 3v10M3 8h10"/>',
    "minus": '<path d="M3 8h10"/>',
    "chevron-right": '<path d="M6 3.5 10.5 8 6 12.5"/>',
    "chevron-left": '<path d="M10 3.5 5.5 8l4.5 4.5"/>',
    "chevron-down": '<path d="M3.5 6 8 10.5 12.5 6"/>',
    "arrow-right": '<path d="M3 8h10M9 4l4 4-4 4"/>',
    "arrow-up": '<path d="M8 13V3M4 7l4-4 4 4"/>',
    "arrow-down": '<path d="M8 3v10M4 9l4 4 4-4"/>',
    "lock": _LOCK,
    "shield": '<path d="M8 2 13 4v4c0 3-2 5-5 6.2C5 13 3 11 3 8V4z"/>',
    "case": _CASE,
    "globe": _GLOBE,
    # Levels of confidentiality, by their number: {% icon uo.level_icon %} or "level-1".
    "level-1": _GLOBE,
    "level-2": _CASE,
    "level-3": _LOCK,
    "transport": (
        '<rect x="3" y="2.5" width="10" height="9" rx="1.5"/>'
        '<path d="M3 7.5h10M5 13.5v-2M11 13.5v-2M5.5 9.5v.1M10.5 9.5v.1"/>'
    ),
    "accessibility": '<circle cx="8" cy="3" r="1.2"/><path d="M3.8 6h8.4M8 6v4M8 10l-2.4 4M8 10l2.4 4"/>',
    "bed": '<path d="M2 13V4M2 11h12v2M14 11V8.5H2M4 8.5V6.5h4v2"/>',
    "heart": '<path d="M8 13.5S2.5 10 2.5 6.2A2.8 2.8 0 0 1 8 5a2.8 2.8 0 0 1 5.5 1.2C13.5 10 8 13.5 8 13.5z"/>',
    "document": '<path d="M4 2h5.5L12.5 5v9H4zM9.5 2v3h3M6 8h4.5M6 10.8h4.5"/>',
    "refresh": '<path d="M13 8a5 5 0 1 1-1.5-3.6M12.8 2.3v2.9H9.9"/>',
}

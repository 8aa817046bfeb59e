"""What answers tell the browser that it may do; read by settings.py, so it reads no settings itself."""

import base64
import hashlib
import re
from pathlib import Path

# What every public page needs before anything of it can be shown stands in the page itself, without its comments: a
# reader on a slow line waits for one answer and not for two. The policy allows this very text and no other.
STYLE = re.sub(
    r"\s*\n\s*",
    "\n",
    re.sub(
        r"/\*.*?\*/",
        "",
        (Path(__file__).resolve().parent.parent / "static/qamtu.css").read_text("utf-8"),
        flags=re.S,
    ),
)
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

# Where browsers report what the policy kept them from (config/violations.py).
VIOLATIONS = "/violations"

# Nothing but our own files; data: is for the small pictures within style sheets.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'", f"'sha256-{STYLE_HASH}'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        # Both ways of saying where: browsers know the one or the other.
        "report-uri": [VIOLATIONS],
        "report-to": ["violations"],
    }
}

# What every answer says besides, unless a view says otherwise.
REPORTING_ENDPOINTS = f'violations="{VIOLATIONS}"'
# No page asks for any of it. A passkey is made and read by our own pages alone.
PERMISSIONS_POLICY = ", ".join(
    [
        *(
            f"{feature}=()"
            for feature in (
                "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "geolocation", "gyroscope",
                "hid", "idle-detection", "magnetometer", "microphone", "midi", "payment", "picture-in-picture",
                "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
            )
        ),
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    ]
)  # fmt: skip

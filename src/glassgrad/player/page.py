"""Makes a web page of a document. It opens from disk, and its policy forbids it any use of the network.

Only the player's script may run, which the policy knows by its hash. The document is data beside the script.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from glassgrad.draw.metrics import printable
from glassgrad.messages import ENGLISH, say
from glassgrad.player.document import dumps

__all__ = ["BUNDLE", "bundle", "frame", "page"]

BUNDLE = Path(__file__).with_name("static") / "player.js"
HEIGHT = 640  # The height of the frame in a notebook, in pixels.


def page(document: Mapping[str, Any], fallback: str) -> str:
    """Return the page: HTML with the player, the ``document``, and a text ``fallback`` for readers without scripts."""
    script = bundle()
    title = escape(printable(str(document["title"])))
    lang = (document.get("view") or {}).get("lang", ENGLISH)  # without one, the page takes the reader's language
    policy = (
        f"default-src 'none'; script-src 'sha256-{_digest(script)}'; style-src 'none'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )
    return f"""<!DOCTYPE html>
<html lang="{lang}" data-glassgrad="page">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>{title}</title>
</head>
<body>
<main>
<noscript>
<h1>{title}</h1>
<p>{escape(say(lang, "page.no_script"))}</p>
<pre>{escape(_lines(fallback))}</pre>
</noscript>
</main>
<script type="application/json" id="glassgrad-document">{dumps(document)}</script>
<script type="module">{script}</script>
</body>
</html>
"""


# The page in the frame may not look at the page around it. So this handler tells it the attributes and backgrounds
# around the frame, on loading and whenever the theme changes. The page's `js/panels/theme.js` reads them. Where a
# notebook strips handlers, the player follows the theme of the system.
TELL_THEME = """
(f => {
  const tell = () => {
    const around = [];
    for (let e = f.parentElement; e; e = e.parentElement || e.getRootNode().host) {
      const marks = {};
      for (const a of e.attributes) if (/^class$|theme|mode|scheme/.test(a.name)) marks[a.name] = a.value;
      around.push({name: e.localName, marks, background: getComputedStyle(e).backgroundColor});
    }
    const probe = document.createElement('i');
    probe.style.backgroundColor = 'Canvas';
    document.documentElement.append(probe);
    const canvas = getComputedStyle(probe).backgroundColor;
    probe.remove();
    f.contentWindow?.postMessage({glassgrad: 'theme', around, canvas}, '*');
  };
  const changed = () => { tell(); setTimeout(tell, 450); };
  if (!f.glassgrad) {
    f.glassgrad = new MutationObserver(changed);
    for (const e of [document.documentElement, document.body]) f.glassgrad.observe(e, {attributes: true});
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
  }
  tell();
})(this)
"""


def frame(html: str, title: str, height: int = HEIGHT) -> str:
    """Return the page as an element for notebooks. It can neither read nor change the page around it."""
    return (
        f'<iframe title="{escape(printable(title))}" srcdoc="{escape(html)}" sandbox="allow-scripts allow-downloads" '
        f'onload="{escape(" ".join(TELL_THEME.split()))}" '
        f'width="100%" height="{height}" style="border: 0; width: 100%; height: {height}px"></iframe>'
    )


def bundle() -> str:
    """Return the player's JavaScript, an ES module.

    Raises:
        FileNotFoundError: the bundle is missing.
    """
    try:
        changed = BUNDLE.stat().st_mtime_ns
    except FileNotFoundError:
        raise FileNotFoundError(
            f"the player's script {str(BUNDLE)!r} is missing: install glassgrad again, or in a checkout run "
            "`npm ci && npm run build` in src/glassgrad/player/js"
        ) from None
    return _read(BUNDLE, changed)


@lru_cache(maxsize=1)
def _read(path: Path, changed: int) -> str:
    return path.read_text(encoding="utf-8").replace("</script", "<\\/script")  # it would end the script element


@lru_cache(maxsize=1)
def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _lines(text: str) -> str:
    return "\n".join(printable(line) for line in text.split("\n"))

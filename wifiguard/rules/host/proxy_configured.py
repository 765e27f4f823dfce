"""A proxy is set: what you do on the web goes through another machine first.

What it means
    The system, the desktop or the browser sends web traffic to a proxy, or asks a script (PAC) which proxy to use.

Why it matters
    A proxy sees which sites you visit, and everything that is not encrypted. Unwanted programs set one without asking; a
    forgotten one of an earlier employer goes on seeing.

What to do
    If you or your employer set it, all is well: mute this finding. Otherwise remove it where the finding says.

False alarms
    Company laptops, ad blockers and developers' tools use proxies on purpose.

Limits
    The service sees the system's settings only; settings of your desktop and browser are read by `wifiguard scan` when you run
    it yourself. A proxy in a browser's extension is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from wifiguard.core.exposure import ProxySetting
from wifiguard.core.network import Security, wifi_network
from wifiguard.core.observation import Seen
from wifiguard.core.rule import Detector, Evidence, Example, Finding, Kind, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_, visible

RULE = Rule(
    id="proxy-configured",
    kind=Kind.POSTURE,
    source="proxy",
    texts={
        Severity.LOW: Text(
            N_("Your web traffic goes through a proxy"),
            N_("{host} sees which sites you visit. It is set in {where}."),
            (
                N_("If you or your employer set it, mute this finding."),
                N_("Otherwise remove it in {where}."),
            ),
        ),
    },
    references=("RFC 9110, 3.7 (proxies)", "curl(1), environment"),
)


class ProxyEvidence(Evidence, frozen=True):
    """`where`: the file or setting. `script`: a script chooses (PAC). `host`, `port`: the proxy, or the script's server."""

    where: str
    script: bool
    host: str
    port: int | None


class ProxyConfigured(Detector):
    """Fires once for each place that sets a proxy."""

    rule = RULE
    inputs = (ProxySetting,)

    def observe(self, obs: ProxySetting) -> Iterator[Finding]:  # type: ignore[override]
        evidence = ProxyEvidence(visible(obs.where), obs.script, visible(obs.host), obs.port)
        yield self.found(obs, Severity.LOW, (obs.where, obs.host), evidence)


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    seen = Seen(0.0, 0.0, wifi_network(b"Cafe", Security.WPA2), "")
    setting = ProxySetting(seen, "/etc/environment", False, "proxy.example", 3128)
    found = ProxyEvidence("/etc/environment", False, "proxy.example", 3128)
    yield Example("a proxy for the whole system", (setting,), ((Severity.LOW, found),))
    yield Example("nothing is set", ())

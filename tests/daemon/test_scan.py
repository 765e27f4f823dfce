"""What a scan needs for what was asked, and what it makes of a running service's state."""

from __future__ import annotations

from typing import Any

from wifiguard.daemon.scan import needed, of_service

FIREWALL = {"what": "firewall", "reason": "only root can read the firewall's rules", "mend": None}
WIFI = {"what": "wifi", "reason": "there is no system message bus", "mend": None}


def problem(rule: str, severity: str, state: str = "new") -> dict[str, Any]:
    return {"id": rule, "rule": rule, "severity": severity, "state": state, "title": rule.title()}


def status(*problems: dict[str, Any]) -> dict[str, Any]:
    return {
        "verdict": "no",
        "because": ["Open-Wifi"],
        "problems": list(problems),
        "not_checked": [FIREWALL, WIFI],
        "networks": [
            {"id": "1", "name": "Café", "bssid": None, "security": "open", "trusted": False, "interface": "wlan0"}
        ],
        "traffic": {"wlan0": {"packets": 3, "bytes": 300, "dropped": 1, "malformed": 0}},
    }


def test_only_what_the_rules_live_on_is_looked_at() -> None:
    assert needed(()) is None
    assert needed({"firewall-off"}) == {"firewall", "interfaces", "firewall-off"}
    assert needed({"open-wifi", "plaintext-banking"}) >= {"wifi", "traffic"}


def test_everything_that_the_service_knows() -> None:
    told = of_service(status(problem("open-wifi", "high"), problem("exposed-service", "medium")), 0.1)
    assert (told.answer, told.because, told.missing, told.packets, told.dropped) == ("no", ("Open-Wifi",), 2, 3, 1)
    assert [line["rule"] for line in told.findings] == ["open-wifi", "exposed-service"]
    assert [(network["ssid"], network["interface"]) for network in told.networks] == [("Café", "wlan0")]


def test_a_part_of_it_has_an_answer_of_its_own() -> None:
    everything = status(
        problem("open-wifi", "high"), problem("exposed-service", "medium"), problem("proxy-configured", "low")
    )
    exposed = of_service(everything, 0.1, frozenset({"exposed-service"}))
    assert (exposed.answer, [line["rule"] for line in exposed.findings]) == ("with-care", ["exposed-service"])
    assert exposed.not_checked == (), "neither the firewall's own rule nor Wi-Fi was asked about"
    proxy = of_service(everything, 0.1, frozenset({"proxy-configured"}))
    assert proxy.answer == "yes"
    firewall = of_service(everything, 0.1, frozenset({"firewall-off"}))
    assert (firewall.answer, firewall.missing) == ("with-care", 1)

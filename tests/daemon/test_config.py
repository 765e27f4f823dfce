"""Settings: what is right is read, what is wrong is named with file, line, key and the nearest known key."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wifiguard.daemon.config import (
    CatalogueOptions,
    ConfigError,
    LogOptions,
    OnUntrusted,
    Settings,
    Watch,
    catalogue_lines,
    listing,
    load,
    parse,
)
from wifiguard.rules.traffic import plaintext_banking
from wifiguard.rules.wifi import vpn_on_untrusted_wifi

FILE = Path("/etc/wifiguard/wifiguard.toml")


def test_no_file_is_needed(tmp_path: Path) -> None:
    assert load(tmp_path / "none.toml") == Settings()


def test_everything_that_can_be_set() -> None:
    text = """
        [watch]
        interfaces = ["wlan0"]
        traffic = "untrusted"
        [catalogue]
        extra = ["mybank.example"]
        [log]
        keep_days = 7
        [rules.plaintext-banking]
        answer_wait = 2
        [rules.unknown-wifi]
        enabled = false
    """
    settings = parse(text, FILE)
    assert settings == Settings(
        watch=Watch(("wlan0",), "untrusted"),
        catalogue=CatalogueOptions(("mybank.example",)),
        log=LogOptions(7),
        rules={"plaintext-banking": plaintext_banking.Config(answer_wait=2.0)},
        off=frozenset({"unknown-wifi"}),
        origin=dict.fromkeys(
            (
                "watch.interfaces",
                "watch.traffic",
                "catalogue.extra",
                "log.keep_days",
                "rules.plaintext-banking.answer_wait",
                "rules.unknown-wifi.enabled",
            ),
            FILE,
        ),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[watch]\ninterface = ['x']", "line 2: unknown key 'watch.interface'; did you mean 'interfaces'?"),
        ("[wach]\n", "line 1: unknown key 'wach'; did you mean 'watch'?"),
        ("[log]\nkeep_days = 'x'", "line 2: log.keep_days: expected `int`, got `str`"),
        ("[log]\nkeep_days = 0", "line 2: log: keep_days is from 1 to 3650"),
        ("[watch]\ntraffic = 'sometimes'", "line 2: watch.traffic: invalid enum value 'sometimes'"),
        ("watch = 3", "line 1: 'watch' is a table: write it as [watch]"),
        ("[rules.open-wify]\n", "line 1: unknown key 'rules.open-wify'; did you mean 'open-wifi'?"),
        ("[rules.open-wifi]\nenabled = 1", "line 2: rules.open-wifi.enabled is true or false"),
        ("[rules.plaintext-banking]\nanswer = 1", "line 2: unknown key 'rules.plaintext-banking.answer'"),
        ("rules = 3", "line 1: 'rules' is a table: write [rules.ID]"),
        ("[watch", "Expected ']' at the end of a table declaration"),
        ("[watch]\nx = = 1", "line 2"),
    ],
)
def test_what_is_wrong_is_named(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, FILE)
    assert str(caught.value).startswith(str(FILE))
    assert message in str(caught.value)


def test_a_file_that_is_no_text_or_no_file(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"[watch]\n\xff\xfe")
    with pytest.raises(ConfigError, match="line 2: this is not UTF-8 text"):
        load(path)
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load(tmp_path)
    path.write_bytes(b"#" * (1 << 21))
    with pytest.raises(ConfigError, match="is it a settings file"):
        load(path)


def test_drop_in_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    main, folder = tmp_path / "wifiguard.toml", tmp_path / "wifiguard.toml.d"
    folder.mkdir()
    main.write_text('[log]\nkeep_days = 30\n[on_untrusted]\nvpn = "old"\n[rules.unknown-wifi]\nenabled = false')
    (folder / "20-office.toml").write_text('[log]\nkeep_days = 14\n[on_untrusted]\nvpn = "work"')
    (folder / "10-fleet.toml").write_text(
        '[log]\nkeep_days = 7\n[watch]\ntraffic = "untrusted"\n'
        "[rules.plaintext-banking]\nanswer_wait = 2\n[rules.open-wifi]\nenabled = false"
    )
    (folder / "30-mine.toml").write_text("[rules.unknown-wifi]\nenabled = true")
    (folder / "40-saved.toml~").write_text("not read")
    found = load(main)
    assert (found.log, found.watch) == (LogOptions(14), Watch((), "untrusted"))
    assert found.off == {"open-wifi"}
    assert found.rules["plaintext-banking"] == plaintext_banking.Config(answer_wait=2.0)
    assert found.rules[vpn_on_untrusted_wifi.RULE.id] == vpn_on_untrusted_wifi.Config("work")
    assert {key: path.name for key, path in found.origin.items()} == {
        "log.keep_days": "20-office.toml",
        "on_untrusted.vpn": "20-office.toml",
        "watch.traffic": "10-fleet.toml",
        "rules.plaintext-banking.answer_wait": "10-fleet.toml",
        "rules.open-wifi.enabled": "10-fleet.toml",
        "rules.unknown-wifi.enabled": "30-mine.toml",
    }


def test_a_drop_in_file_needs_no_main_file_and_is_named_where_it_is_wrong(tmp_path: Path) -> None:
    main, folder = tmp_path / "wifiguard.toml", tmp_path / "wifiguard.toml.d"
    folder.mkdir()
    (folder / "10-fleet.toml").write_text("[log]\nkeep_days = 7")
    assert load(main).log == LogOptions(7)
    (folder / "20-wrong.toml").write_text("[log]\n\nkeep_day = 7")
    with pytest.raises(ConfigError, match=r"20-wrong\.toml, line 3: unknown key 'log\.keep_day'"):
        load(main)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_with_the_files_name(text: str) -> None:
    try:
        assert isinstance(parse(text, FILE), Settings)
    except ConfigError as error:
        assert str(error).startswith(str(FILE))


Scalar = st.one_of(st.booleans(), st.integers(-5, 5), st.text("ab", max_size=3).map(lambda s: f"'{s}'"), st.just("[]"))


@given(
    st.sampled_from(["watch", "catalogue", "log", "notify", "rules.open-wifi", "rules.plaintext-banking", "other"]),
    st.sampled_from(["interfaces", "traffic", "extra", "keep_days", "minimum", "enabled", "answer_wait", "x"]),
    Scalar,
)
@settings(deadline=None)
def test_every_wrong_key_is_named(table: str, key: str, value: object) -> None:
    try:
        parse(f"[{table}]\n{key} = {str(value).lower()}\n", FILE)
    except ConfigError as error:
        assert table.removeprefix("rules.") in str(error) or key in str(error)
        assert ", line " in str(error)


def test_the_listing_says_where_each_value_comes_from() -> None:
    rows = {key: (value, origin) for key, value, origin in listing(parse("[log]\nkeep_days = 7", FILE))}
    assert rows["log.keep_days"] == (7, str(FILE))
    assert rows["watch.traffic"] == ("always", "default")
    assert rows["rules.open-wifi.enabled"] == (True, "default")
    assert rows["rules.plaintext-banking.answer_wait"] == (5.0, "default")


def test_lists_are_read_and_missing_ones_named(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("a.example\n# x\n")
    chosen = Settings(catalogue=CatalogueOptions(lists=(str(tmp_path / "mine.txt"),)))
    assert catalogue_lines(chosen) == [["a.example", "# x"]]
    with pytest.raises(ConfigError, match=r"gone\.txt cannot be read: No such file"):
        catalogue_lines(Settings(catalogue=CatalogueOptions(lists=(str(tmp_path / "gone.txt"),))))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("/nowhere/names", "/nowhere/names cannot be read: No such file or directory"),
        ("~nosuchuser/x", "~nosuchuser/x cannot be read: Could not determine home directory."),
        ("a\0b", r"a\x00b cannot be read: embedded null byte"),
    ],
)
def test_a_name_that_no_list_can_have_names_its_key(name: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        catalogue_lines(Settings(catalogue=CatalogueOptions(lists=(name,))))
    assert str(caught.value) == f"catalogue.lists: {said}"


def test_the_vpn_for_strangers_networks_reaches_its_rule() -> None:
    settings = parse('[on_untrusted]\nvpn = "work"', FILE)
    assert settings.on_untrusted == OnUntrusted("work")
    assert settings.rules == {"vpn-on-untrusted-wifi": vpn_on_untrusted_wifi.Config("work")}

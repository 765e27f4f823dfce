"""The story: Ann at home, Ann in a café, and what her laptop tells her."""

from __future__ import annotations

from demo.screen import Screen
from demo.stage import BANK, FORM, IMITATION, PAYMENT, SECRET, Stage


def tell(stage: Stage, screen: Screen) -> None:
    """Play it once. Raises StillWaitingError where something that must come did not."""
    screen.watch(stage.notifications)
    at_home(stage, screen)
    in_the_cafe(stage, screen)
    at_the_bank(stage, screen)
    a_link(stage, screen)
    an_attacker(stage, screen)
    afterwards(stage, screen)


def at_home(stage: Stage, screen: Screen) -> None:
    screen.scene("1  At home")
    screen.say("Ann opens her laptop. It joins her own Wi-Fi, which WiFiGuard does not know yet.")
    stage.join(stage.home)
    asked = screen.notified("not trusted")
    screen.say("It is hers, so she presses the button, once and for all.")
    stage.notifications.press(asked.id, next(iter(asked.buttons)))
    screen.notified("You trust this network")
    screen.command("wifiguard status", stage.wifiguard("status"))
    screen.say(f"She pays a bill at https://{PAYMENT}. All of it is encrypted, so nothing is said.")
    stage.browse(f"https://{PAYMENT}/login", FORM)


def in_the_cafe(stage: Stage, screen: Screen) -> None:
    screen.scene("2  In the café")
    screen.say("The next day the laptop joins the café's Wi-Fi. Nobody had to type a password.")
    stage.join(stage.cafe)
    screen.notified("Not safe to bank here")
    # What is found in the first five seconds on a network comes in this one notification.
    screen.wait(5.5)


def at_the_bank(stage: Stage, screen: Screen) -> None:
    screen.scene("3  At the bank")
    screen.say(f"Ann banks all the same: by an old bookmark, http://{BANK}. She logs in.")
    stage.browse(f"http://{BANK}/login", FORM)
    screen.notified("Bank details were sent")


def a_link(stage: Stage, screen: Screen) -> None:
    screen.scene("4  A link in a message")
    screen.say(f"“Your account is limited”, says a message, and links to {IMITATION}. Look closely.")
    stage.browse(f"http://{IMITATION}/")
    screen.notified("only looks like")


def an_attacker(stage: Stage, screen: Screen) -> None:
    screen.scene("5  Somebody at the next table")
    screen.say("arpspoof, from any Linux distribution, tells Ann's laptop that the attacker's machine is the router.")
    attack = stage.attack()
    told = screen.notified("pretends to be the router")
    screen.command("wifiguard status", stage.wifiguard("status"))
    screen.say("The attacker gives up. What is over is taken down by itself.")
    attack.stop()
    screen.withdrawn(told)


def afterwards(stage: Stage, screen: Screen) -> None:
    screen.scene("6  Afterwards")
    screen.command("wifiguard log --severity high", stage.wifiguard("log", "--severity", "high"), most=24)
    kept = "is nowhere in" if SECRET not in stage.watched.kept() else "IS IN"
    screen.say(f"The PIN that Ann sent {kept} what WiFiGuard keeps: the log says what happened, never what was sent.")

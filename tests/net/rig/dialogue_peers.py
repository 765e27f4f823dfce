"""Both halves of dialogues.py, run on machines of the lab: `serve` or `speak`, and a file with the dialogues in JSON."""

import json
import socket
import sys

PATIENCE = 20


def play(connection: socket.socket, turns: list[list[str]], me: str) -> None:
    """Say our turns; hear out the other's."""
    connection.settimeout(PATIENCE)
    for speaker, text in turns:
        said = bytes.fromhex(text)
        if speaker == me:
            connection.sendall(said)
        else:
            left = len(said)
            while left and (heard := connection.recv(left)):
                left -= len(heard)


def serve(dialogues: list[dict]) -> None:  # type: ignore[type-arg]
    listening = []
    for each in dialogues:
        server = socket.create_server((each["address"], each["port"]))
        server.settimeout(PATIENCE)
        listening.append(server)
    print("listening", flush=True)
    for server, each in zip(listening, dialogues, strict=True):
        connection, _ = server.accept()
        with connection:
            play(connection, each["turns"], "server")
        server.close()


def speak(dialogues: list[dict]) -> None:  # type: ignore[type-arg]
    for each in dialogues:
        with socket.create_connection((each["address"], each["port"]), PATIENCE) as connection:
            play(connection, each["turns"], "client")


if __name__ == "__main__":
    with open(sys.argv[2], encoding="ascii") as file:  # noqa: PTH123 - this runs alone, without what the tests import
        order = json.load(file)
    {"serve": serve, "speak": speak}[sys.argv[1]](order)

"""Pretrained weights without a network: one sentence within seconds, whatever the libraries try."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import timm
from huggingface_hub import constants

from decouple.errors import ConfigError
from stage1.backbones import weights_download
from stage1.backbones.weights_download import download_allowed

MODEL = "resnet18"
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights_download, "try_to_load_from_cache", lambda *_: None)
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@contextlib.contextmanager
def server(answer: bytes) -> Iterator[str]:
    """Accept connections on this machine, and send `answer`, or nothing, and stay open."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        opened = []

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    opened.append(connection)
                    if answer:
                        connection.recv(1000)
                        connection.sendall(answer)
                        connection.close()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.close()
        for connection in opened:
            connection.close()


def refuse_creation(monkeypatch: pytest.MonkeyPatch) -> None:
    def create(*_: object, **__: object) -> None:
        raise AssertionError("timm was asked, and would try for a minute")

    monkeypatch.setattr(timm, "create_model", create)


def test_a_server_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights_download, "TIMEOUT", 0.2)
    with server(b"") as address:
        monkeypatch.setattr(constants, "ENDPOINT", address)
        with pytest.raises(
            ConfigError, match=r"127.0.0.1 (does not answer within 0.2 s|cannot be reached \(timed out)"
        ):
            download_allowed(MODEL).__enter__()


def test_a_resolver_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    monkeypatch.setattr(weights_download, "TIMEOUT", 0.1)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: release.wait() and [])
    with pytest.raises(ConfigError, match=r"^the weights of 'resnet18' cannot be downloaded: huggingface.co does not"):
        download_allowed(MODEL).__enter__()
    release.set()


@pytest.mark.parametrize("status", [b"200 OK", b"404 Not Found"])
def test_any_answer_will_do(monkeypatch: pytest.MonkeyPatch, status: bytes) -> None:
    with server(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n") as address:
        monkeypatch.setattr(constants, "ENDPOINT", address)
        with download_allowed(MODEL):
            assert constants.HF_HUB_OFFLINE is False


@pytest.mark.parametrize("fails", [False, True])
def test_cached_weights_are_read_without_asking(monkeypatch: pytest.MonkeyPatch, fails: bool) -> None:
    monkeypatch.setattr(weights_download, "try_to_load_from_cache", lambda *_: "/cache/model.safetensors")
    monkeypatch.setattr(weights_download, "_problem", lambda _: "was asked")
    with contextlib.suppress(ZeroDivisionError), download_allowed(MODEL):
        assert constants.HF_HUB_OFFLINE is True
        assert not fails or 1 / 0
    assert constants.HF_HUB_OFFLINE is False


def test_the_command_answers_in_one_sentence(
    decouple: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blocked(*_: object, **__: object) -> None:
        raise OSError(101, "Network is unreachable")

    refuse_creation(monkeypatch)
    monkeypatch.setattr(socket, "create_connection", blocked)
    monkeypatch.setattr(socket.socket, "connect", blocked)
    words = ["stage1", "--model", MODEL, "--pretrained", "download", "--augment", "crop", "--runs", tmp_path / "runs"]
    answer = decouple(*words)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(
        f"error: the weights of '{MODEL}' cannot be downloaded: huggingface.co cannot be reached"
    )
    assert answer.err.endswith("check the network, or give a local file with --pretrained FILE\n")
    assert answer.err.count("\n") == 1

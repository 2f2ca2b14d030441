"""Whether timm's weights can be downloaded: an answer within seconds, where the libraries try for a minute."""

import contextlib
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import timm
from huggingface_hub import constants, try_to_load_from_cache
from timm.models import PretrainedCfg

from decouple.errors import ConfigError

TIMEOUT = 8.0  # seconds, name resolution included
_WEIGHT_FILES = ("model.safetensors", "pytorch_model.bin")  # as timm stores them on the hub


@contextlib.contextmanager
def download_allowed(name: str) -> Iterator[None]:
    """Let timm download the weights of a model inside the block, or take those that an earlier call has downloaded.

    The hub's client tries five times, each with waiting time. So the server is asked once before; with the weights in
    the cache it is not asked at all. What is changed for the block is restored after it.

    Raises:
        ConfigError: the server does not answer.
    """
    config = timm.get_pretrained_cfg(name)
    if config is not None and _is_cached(config):
        with _offline():
            yield
        return
    server = _server(config)
    problem = _problem(server)
    if problem is not None:
        raise ConfigError(
            f"the weights of '{name}' cannot be downloaded: {urlsplit(server).hostname} {problem}; check the network, "
            "or give a local file with `pretrained=FILE`"
        )
    yield


def _is_cached(config: PretrainedCfg) -> bool:
    repository = config.hf_hub_id
    if not repository:
        return False
    files = [config.hf_hub_filename] if config.hf_hub_filename else _WEIGHT_FILES
    return any(isinstance(try_to_load_from_cache(repository, file), str) for file in files)


@contextlib.contextmanager
def _offline() -> Iterator[None]:
    """Let the hub's client read its cache without asking the server first whether there is something newer."""
    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


def _server(config: PretrainedCfg | None) -> str:
    if config is not None and not config.hf_hub_id and config.url:
        return str(config.url)
    return str(constants.ENDPOINT)


def _problem(address: str) -> str | None:
    """Return what is wrong with a server, None where it answers; proxies of the environment are used.

    The resolver has no limit of its own, so it runs in a thread that is left behind when the time is over.
    """
    problem: list[str | None] = [f"does not answer within {TIMEOUT:g} s"]
    thread = threading.Thread(target=lambda: problem.append(_ask(address)), daemon=True)
    thread.start()
    thread.join(TIMEOUT)
    return problem[-1]


def _ask(address: str) -> str | None:
    request = urllib.request.Request(address, method="HEAD")
    try:
        urllib.request.urlopen(request, timeout=TIMEOUT).close()
    except urllib.error.HTTPError:  # an answer
        return None
    except urllib.error.URLError as error:
        if isinstance(error.reason, ssl.SSLError):  # the client may have certificates of its own
            return None
        return f"cannot be reached ({getattr(error.reason, 'strerror', None) or error.reason})"
    except OSError as error:
        return f"cannot be reached ({error.strerror or error})"
    return None

# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The vendor's own host names, over HTTPS, for clients that know no other way: a proxy that ends in the
emulator.

Such a client is told two things that any user could tell it, by environment variables: its proxy, and whom to
trust. It asks the proxy for ``cvm.api.qcloud.com:443``, is answered by a certificate of that name, and talks
to the emulator. The certificates are made for each run of the tests.
"""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOSTS = ("*.api.qcloud.com",)


@dataclass(frozen=True)
class Authority:
    """Who is to be trusted (a file), and the context of a server with its certificate."""

    trust: Path
    context: ssl.SSLContext


class _Proxy:
    """Answers CONNECT, ends TLS and passes the bytes on; one thread for each direction of each connection."""

    def __init__(self, context: ssl.SSLContext, endpoint: str) -> None:
        target = urllib.parse.urlsplit(endpoint)
        self._target = (str(target.hostname), int(target.port or 80))
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        head = b""
        with client:
            while not head.endswith(b"\r\n\r\n"):
                head += client.recv(1)
            assert head.startswith(b"CONNECT ")
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            try:
                with (
                    self._context.wrap_socket(client, server_side=True) as inner,
                    socket.create_connection(self._target) as server,
                ):
                    back = threading.Thread(
                        target=_pump, args=(server.recv, inner.sendall, inner), daemon=True
                    )
                    back.start()
                    _pump(inner.recv, server.sendall, server)
                    back.join()
            except OSError:
                pass  # a client that does not trust us, or that has gone


def _pump(take: Callable[[int], bytes], give: Callable[[bytes], None], end: socket.socket) -> None:
    try:
        while data := take(65536):
            give(data)
        end.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    signer: ec.EllipticCurvePrivateKey,
    *extensions: tuple[x509.ExtensionType, bool],
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.timedelta(days=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(signer, hashes.SHA256())


def _usage(authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    folder = tmp_path_factory.mktemp("certificates")
    root, own = (ec.generate_private_key(ec.SECP256R1()) for turn in range(2))
    top = _certificate(
        "emulator root",
        root,
        "emulator root",
        root,
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (_usage(True), True),
    )
    leaf = _certificate(
        "emulator",
        own,
        "emulator root",
        root,
        (x509.BasicConstraints(False, None), True),
        (_usage(False), True),
        (x509.SubjectAlternativeName(map(x509.DNSName, HOSTS)), False),
    )
    (folder / "trust.pem").write_bytes(top.public_bytes(serialization.Encoding.PEM))
    (folder / "own.pem").write_bytes(
        leaf.public_bytes(serialization.Encoding.PEM)
        + own.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "own.pem")
    return Authority(folder / "trust.pem", context)


@pytest.fixture(scope="session")
def front_of(authority: Authority) -> Iterator[Callable[[str], dict[str, str]]]:
    """For the emulator at an endpoint: what to put into the environment of a client."""
    proxies: list[_Proxy] = []

    def build(endpoint: str) -> dict[str, str]:
        proxies.append(_Proxy(authority.context, endpoint))
        return {"https_proxy": proxies[-1].url, "SSL_CERT_FILE": str(authority.trust)}

    yield build
    for proxy in proxies:
        proxy.close()

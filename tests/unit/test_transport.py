# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The only place that opens a socket, against a small server on loopback."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ansible_collections.reforge.cloud.plugins.module_utils.api import transport as module
from ansible_collections.reforge.cloud.plugins.module_utils.api.transport import Transport, WriteFenced
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import CloudError, NetworkError
from ansible_collections.reforge.cloud.plugins.module_utils.core.message import Request
from ansible_collections.reforge.cloud.plugins.module_utils.decide.work_item import nothing_was_done


class Handler(BaseHTTPRequestHandler):
    """Answers by the path, and notes headers, bodies and from which connection they came."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.path, dict(self.headers), body, self.client_address))
        if self.path == "/close":
            self.close_connection = True
        elif self.path == "/silent":
            self.server.done.wait(30)
            self.close_connection = True
        elif self.path == "/short":
            self.answer(200, b"12", **{"Content-Length": "9"})
            self.close_connection = True
        else:
            self.answer(302 if self.path == "/moved" else 418, b"tea", Location="/elsewhere")

    def do_CONNECT(self):
        self.send_error(self.server.tunnel)

    def answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), "X-Kind": "Pot", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_anything):
        pass


class Quiet(ThreadingHTTPServer):
    """A client that does not trust the certificate hangs up: nothing to print."""

    def handle_error(self, request, client_address):
        pass


@pytest.fixture
def serve():
    started = []

    def start(context=None):
        server = Quiet(("127.0.0.1", 0), Handler)
        server.seen, server.done = [], threading.Event()
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        started.append((server, thread))
        return server

    yield start
    for server, thread in started:
        server.done.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def server(serve):
    return serve()


def to(server, path="/", writes=False, scheme="http", **more):
    port = server if isinstance(server, int) else server.server_address[1]
    return Request(
        "ResetInstances",
        writes,
        f"{scheme}://127.0.0.1:{port}{path}",
        **{"headers": {"Authorization": "ours"}, "body": b"{}", **more},
    )


def trouble(request, timeout=5.0, verify=True):
    with pytest.raises(NetworkError) as error:
        Transport(timeout, verify).send(request)
    return error.value


def test_an_answer_comes_back_whole_whatever_its_status(server):
    reply = Transport(5).send(to(server, body=b'{"a": 1}'))
    assert (reply.status, reply.body, reply.headers["x-kind"]) == (418, b"tea", "Pot")
    assert server.seen[0][2] == b'{"a": 1}'


def test_the_host_that_is_sent_is_the_host_that_is_signed(server):
    request = to(server)
    Transport(5).send(request)
    assert server.seen[0][1]["Host"] == request.host


def test_a_refused_connection_was_not_sent():
    with socket.socket() as taken:  # bound and not listening: nobody else gets this port meanwhile
        taken.bind(("127.0.0.1", 0))
        error = trouble(to(taken.getsockname()[1]))
    assert error.sent is False and "ResetInstances" in str(error) and "127.0.0.1" in str(error)


def test_a_name_that_does_not_resolve_was_not_sent(server, monkeypatch):
    def fail(*_anything, **_more):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert trouble(Request("A", False, "http://cloud.test/")).sent is False


@pytest.mark.parametrize("path, timeout", [("/close", 5.0), ("/silent", 0.2), ("/short", 5.0)])
@pytest.mark.parametrize("writes", [False, True])
def test_a_lost_answer_may_have_been_sent(server, path, timeout, writes):
    assert trouble(to(server, path, writes), timeout).sent is True
    assert len(server.seen) == 1


def test_an_entry_of_netrc_does_not_replace_our_signature(server, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login other password other\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    Transport(5).send(to(server))
    assert server.seen[0][1]["Authorization"] == "ours"


@pytest.mark.parametrize("writes", [False, True])
def test_a_redirect_is_an_answer_and_is_not_followed(server, writes):
    assert Transport(5).send(to(server, "/moved", writes)).status == 302
    assert [path for path, *_more in server.seen] == ["/moved"]


def test_no_write_passes_the_fence_and_reads_do(server):
    fenced = Transport(5, read_only=True)
    with pytest.raises(WriteFenced, match="ResetInstances would change something"):
        fenced.send(to(server, writes=True))
    assert server.seen == []
    assert fenced.send(to(server)).status == 418


def connections(server):
    return len({address for *_rest, address in server.seen})


def test_a_connection_is_kept_for_reads_and_for_writes_that_follow_at_once(server):
    kept = Transport(5)
    for writes in (False, False, True, True):
        kept.send(to(server, writes=writes))
    assert connections(server) == 1


def test_a_write_does_not_use_a_connection_that_was_idle(server, monkeypatch):
    monkeypatch.setattr(module, "IDLE_SECONDS", -1.0)
    kept = Transport(5)
    kept.send(to(server))
    kept.send(to(server))
    assert connections(server) == 1
    kept.send(to(server, writes=True))
    assert connections(server) == 2


def test_each_thread_has_a_connection_of_its_own(server):
    shared = Transport(5)
    shared.send(to(server))
    other = threading.Thread(target=lambda: shared.send(to(server)))
    other.start()
    other.join()
    assert connections(server) == 2


@pytest.fixture
def certificate(tmp_path):
    """A certificate for 127.0.0.1 that nobody has signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "certificate.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return str(file)


def test_a_certificate_that_is_not_trusted_was_not_sent_and_one_that_is_trusted_works(serve, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = serve(context)
    error = trouble(to(server, writes=True, scheme="https"))
    assert error.sent is False and server.seen == []
    assert Transport(5, certificate).send(to(server, scheme="https")).status == 418


def test_a_certificate_that_is_not_checked_by_choice_is_no_warning(serve, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Transport(5, verify=False).send(to(serve(context), scheme="https")).status == 418


@pytest.mark.parametrize("by_option", [True, False])
def test_a_file_of_authorities_that_is_not_there_fails_at_once_and_is_named(server, monkeypatch, by_option):
    if not by_option:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    request = to(server, writes=True, scheme="https")
    error = trouble(request, verify="/nowhere/ca.pem" if by_option else True)
    assert (error.sent, error.lasting) == (False, True) and "/nowhere/ca.pem" in str(error)


def test_a_port_that_does_not_speak_tls_fails_at_once(server):
    error = trouble(to(server, writes=True, scheme="https"))
    assert (error.sent, error.lasting, server.seen) == (False, True, [])


@pytest.mark.parametrize("status, lasting", [(403, True), (407, True), (502, False)])
def test_what_a_proxy_does_not_pass_on_was_not_sent_and_what_it_refuses_fails_at_once(
    server, monkeypatch, status, lasting
):
    server.tunnel = status
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{server.server_address[1]}")
    error = trouble(Request("ResetInstances", True, "https://cloud.test/", body=b"{}"))
    assert (error.sent, error.lasting, str(status) in str(error)) == (False, lasting, True)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_loopback_endpoint_is_reached_without_the_proxy_that_is_set(server, monkeypatch, host):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    request = Request("DescribeInstances", False, f"http://{host}:{server.server_address[1]}/", body=b"{}")
    assert Transport(5).send(request).status == 418


@pytest.mark.parametrize("host", ["a" * 64 + ".test", "a..test"])
def test_a_host_that_no_name_can_be_was_not_sent(host):
    with pytest.raises(CloudError) as error:
        Transport(5).send(Request("ResetInstances", True, f"https://{host}/", body=b"{}"))
    assert nothing_was_done(error.value)

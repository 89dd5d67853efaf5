"""A scriptable RFC 8441 client of python3-h2 and wsproto: runs the steps of its command line on one WebSocket.

usage: h2_wsproto_client.py [--ca FILE] [--subprotocol NAME] URL STEP...

    text:N      send a text of N bytes and wait for its echo
    binary:N    send N binary bytes and wait for their echo
    ping        send a Ping and wait for the Pong
    wait        wait for one message from the server and report its text
    close:C:R   send Close with code C and reason R, wait for the answer, end our side, wait for the other's end
    half        end our side without a Close
    reset       reset the stream with CANCEL

Each step writes one line of JSON. A step that does not come about within the time limit ends the program with 1.
"""

import argparse
import json
import socket
import ssl
import sys
from urllib.parse import urlsplit

import h2.config
import h2.connection
import h2.errors
import h2.events
import wsproto
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, TextMessage

TIME_LIMIT = 10  # seconds without a byte


def binary_of(length):
    """Twin of binaryOf in support/payloads.ts."""
    return bytes((i * 31 + (i >> 8) * 17) & 0xFF for i in range(length))


def text_of(length):
    """Twin of textOf in support/payloads.ts."""
    units, left, count = [], length, 0
    while len(str(count)) + 11 <= left:
        units.append(f"{count} é€😀;")
        left -= len(str(count)) + 11
        count += 1
    return "".join(units) + "x" * left


class Tunnel:
    """One connection with one extended CONNECT stream on it."""

    def __init__(self, url, ca, subprotocol):
        self.settings_arrived = self.ended = False
        self.status = self.reset = None
        self.headers = []
        self.events = []
        self.ws = wsproto.connection.Connection(wsproto.ConnectionType.CLIENT)
        self.sock = self._dial(url, ca)
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        self.h2.initiate_connection()
        self._flush()
        # RFC 8441 §3: no extended CONNECT before the server's setting has arrived.
        self._until(lambda: self.settings_arrived)
        if self.h2.remote_settings.enable_connect_protocol != 1:
            raise SystemExit("the server does not enable extended CONNECT")
        self.stream = self.h2.get_next_available_stream_id()
        fields = [
            (":method", "CONNECT"),
            (":protocol", "websocket"),
            (":scheme", url.scheme),
            (":authority", url.netloc),
            (":path", url.path),
            ("sec-websocket-version", "13"),
        ]
        if subprotocol:
            fields.append(("sec-websocket-protocol", subprotocol))
        self.h2.send_headers(self.stream, fields)
        self._flush()
        self._until(lambda: self.status is not None)

    def _dial(self, url, ca):
        sock = socket.create_connection((url.hostname, url.port), TIME_LIMIT)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if url.scheme == "http":
            return sock
        context = ssl.create_default_context(cafile=ca)
        context.set_alpn_protocols(["h2"])
        sock = context.wrap_socket(sock, server_hostname=url.hostname)
        if sock.selected_alpn_protocol() != "h2":
            raise SystemExit("the server did not choose h2")
        return sock

    def _flush(self):
        self.sock.sendall(self.h2.data_to_send())

    def _pump(self):
        """Reads once and turns what came into WebSocket events."""
        data = self.sock.recv(65536)
        if not data:
            raise SystemExit("the server closed the connection")
        for event in self.h2.receive_data(data):
            if isinstance(event, h2.events.RemoteSettingsChanged):
                self.settings_arrived = True
            elif isinstance(event, h2.events.ResponseReceived):
                self.headers = event.headers
                self.status = int(dict(event.headers)[":status"])
            elif isinstance(event, h2.events.DataReceived):
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                self.ws.receive_data(event.data)
                self.events.extend(self.ws.events())
            elif isinstance(event, h2.events.StreamEnded):
                self.ended = True
            elif isinstance(event, h2.events.StreamReset):
                self.reset = int(event.error_code)
            elif isinstance(event, h2.events.ConnectionTerminated):
                raise SystemExit(f"GOAWAY {event.error_code} {event.additional_data}")
        self._flush()

    def _until(self, condition):
        while not condition():
            self._pump()

    def send(self, event):
        """Writes one WebSocket event, in as many DATA frames as the flow-control windows ask for."""
        self._write(self.ws.send(event))

    def _write(self, data):
        while data:
            room = min(self.h2.local_flow_control_window(self.stream), self.h2.max_outbound_frame_size)
            if room == 0:
                self._pump()
                continue
            self.h2.send_data(self.stream, data[:room])
            self._flush()
            data = data[room:]

    def next_message(self):
        """One whole message, its fragments joined; anything else comes back as the event it is."""
        parts = []
        while True:
            while not self.events:
                if self.ended or self.reset is not None:
                    raise SystemExit(f"the stream ended (reset: {self.reset}) where a message was expected")
                self._pump()
            event = self.events.pop(0)
            if not isinstance(event, (TextMessage, BytesMessage)):
                return event
            parts.append(event.data)
            if event.message_finished:
                return type(event)(data=parts[0][:0].join(parts))

    def echo(self, sent):
        self.send(sent)
        got = self.next_message()
        kind = "text" if isinstance(got, TextMessage) else "binary"
        data = got.data.encode() if kind == "text" else bytes(got.data)
        exact = type(got) is type(sent) and got.data == sent.data
        return {"kind": kind, "length": len(data), "exact": exact}

    def close(self, code, reason):
        self.send(CloseConnection(code=code, reason=reason))
        answer = self.next_message()
        self.h2.end_stream(self.stream)
        self._flush()
        self._until(lambda: self.ended or self.reset is not None)
        return {"code": answer.code, "reason": answer.reason or "", "clean": self.reset is None}


def perform(tunnel, step):
    name, _, argument = step.partition(":")
    if name == "text":
        return tunnel.echo(TextMessage(data=text_of(int(argument))))
    if name == "binary":
        return tunnel.echo(BytesMessage(data=binary_of(int(argument))))
    if name == "ping":
        tunnel.send(Ping(payload=b"are you there"))
        pong = tunnel.next_message()
        return {"pong": isinstance(pong, Pong) and bytes(pong.payload) == b"are you there"}
    if name == "wait":
        return {"message": tunnel.next_message().data}
    if name == "close":
        code, _, reason = argument.partition(":")
        return tunnel.close(int(code), reason)
    if name == "half":
        tunnel.h2.end_stream(tunnel.stream)
        tunnel._flush()
        tunnel._until(lambda: tunnel.ended or tunnel.reset is not None)
        return {"reset": tunnel.reset, "close": [e.code for e in tunnel.events if isinstance(e, CloseConnection)]}
    if name == "reset":
        tunnel.h2.reset_stream(tunnel.stream, h2.errors.ErrorCodes.CANCEL)
        tunnel._flush()
        return {"reset": int(h2.errors.ErrorCodes.CANCEL)}
    raise SystemExit(f"unknown step {step}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url", type=urlsplit)
    parser.add_argument("--ca")
    parser.add_argument("--subprotocol")
    parser.add_argument("steps", nargs="*")
    options = parser.parse_args()
    tunnel = Tunnel(options.url, options.ca, options.subprotocol)
    print(json.dumps({"status": tunnel.status}), flush=True)
    if tunnel.status != 200:
        return
    for step in options.steps:
        print(json.dumps(perform(tunnel, step)), flush=True)


if __name__ == "__main__":
    sys.exit(main())

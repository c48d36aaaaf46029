"""A proxy before the gateway that loses, cuts or spoils answers, after the gateway has given them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Literal, Self

import httpx

Fault = Literal["lost", "cut", "spoiled"]
SENT_ON = ("authorization", "content-type", "idempotency-key", "range")
ANSWERED = ("content-type", "content-range", "retry-after", "x-request-id")


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    headers: Mapping[str, str | None]


class FaultyProxy:
    def __init__(self, gateway: str) -> None:
        self.calls: list[Call] = []
        self._faults: list[tuple[str, str, Fault]] = []
        self._gateway = httpx.Client(base_url=gateway, timeout=60)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._gateway.close()

    def break_next(self, method: str, path_end: str, fault: Fault) -> None:
        self._faults.append((method, path_end, fault))

    def of(self, method: str, path_end: str) -> list[Call]:
        return [call for call in self.calls if call.method == method and call.path.endswith(path_end)]

    def _fault_of(self, method: str, path: str) -> Fault | None:
        for planned in self._faults:
            if planned[0] == method and path.endswith(planned[1]):
                self._faults.remove(planned)
                return planned[2]
        return None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name: self.headers[name] for name in SENT_ON if self.headers[name] is not None}
                proxy.calls.append(Call(self.command, self.path, {name: self.headers[name] for name in SENT_ON}))
                answer = proxy._gateway.request(self.command, self.path, content=body, headers=headers)
                # An answer that does not do what was asked is passed on as it is, such as one that sheds load.
                fault = None if answer.is_error else proxy._fault_of(self.command, self.path)
                self._answer(answer, fault)

            def _answer(self, answer: httpx.Response, fault: Fault | None) -> None:
                self.close_connection = fault is not None
                if fault == "lost":
                    return
                self.send_response(answer.status_code)
                for name in ANSWERED:
                    if name in answer.headers:
                        self.send_header(name, answer.headers[name])
                content = answer.content
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                if fault == "cut":
                    content = content[: len(content) // 2]
                if fault == "spoiled":
                    content = content[:-1] + bytes([content[-1] ^ 1])
                self.wfile.write(content)

            do_GET = do_POST = _pass_on

            def log_message(self, *_arguments: object) -> None:
                pass

        return Handler

"""Accepts pushes instead of Loki; GET returns the number of bytes pushed so far. Argument: the port."""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Sink(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    pushed = 0

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        self.rfile.read(length)
        Sink.pushed += length
        self.send_response(204)
        self.end_headers()

    def do_GET(self):
        body = str(Sink.pushed).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Sink).serve_forever()

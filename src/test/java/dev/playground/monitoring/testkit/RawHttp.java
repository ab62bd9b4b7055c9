package dev.playground.monitoring.testkit;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** A client that sends any bytes, including requests that no HTTP library sends. */
public final class RawHttp implements AutoCloseable {
    /** A server that does not respond fails the test instead of blocking it. */
    private static final int TIMEOUT_MS = 30_000;

    private final Socket socket;
    private final InputStream in;

    public RawHttp(int port) throws IOException {
        socket = new Socket("localhost", port);
        socket.setSoTimeout(TIMEOUT_MS);
        // Otherwise the end of a long request waits about 40 ms for an acknowledgement.
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** The text of a request. */
    public static String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
    }

    /** One request on a new connection. */
    public static Answer exchange(int port, String request) throws IOException {
        try (var client = new RawHttp(port)) {
            client.send(request);
            return request.startsWith("HEAD ") ? client.receiveHead() : client.receive();
        }
    }

    public void send(String request) throws IOException {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** The next response: Content-Length gives its length, otherwise the end of the stream. */
    public Answer receive() throws IOException {
        Answer head = receiveHead();
        String length = head.headers.get("Content-Length");
        byte[] body = length == null ? in.readAllBytes() : in.readNBytes(Integer.parseInt(length));
        return new Answer(head.status, head.headers, new String(body, StandardCharsets.UTF_8));
    }

    /** The next response, to a request with HEAD. */
    public Answer receiveHead() throws IOException {
        String statusLine = line();
        if (!statusLine.matches("HTTP/1\\.[01] \\d{3} .*")) {
            throw new IOException("Not a status line of HTTP/1.0 or 1.1: " + statusLine);
        }
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
        }
        return new Answer(Integer.parseInt(statusLine.split(" ")[1]), headers, "");
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("The server closed the connection after: " + line);
            }
            line.append((char) b);
        }
        return line.toString().stripTrailing();
    }

    /** Sends RST, as a client that crashes. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** The names of headers are case-insensitive. */
    public record Answer(int status, Map<String, String> headers, String body) {}
}

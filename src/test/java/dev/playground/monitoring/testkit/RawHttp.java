package dev.playground.monitoring.testkit;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** A client that sends any bytes, requests that no HTTP library would make among them. */
public final class RawHttp implements AutoCloseable {
    /** Only so that a server that does not answer fails the test instead of hanging it. */
    private static final int TIMEOUT_MS = 30_000;

    private final Socket socket;
    private final InputStream in;

    public RawHttp(int port) throws IOException {
        socket = new Socket("localhost", port);
        socket.setSoTimeout(TIMEOUT_MS);
        // Else the end of a long request waits for the other side's acknowledgement, some 40 ms.
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** One request on a connection of its own. */
    public static Answer exchange(int port, String request) throws IOException {
        try (var client = new RawHttp(port)) {
            client.send(request);
            return client.receive();
        }
    }

    public void send(String request) throws IOException {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** The next answer: as long as its Content-Length says, else up to the end of the stream. */
    public Answer receive() throws IOException {
        String statusLine = line();
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
        }
        String length = headers.get("Content-Length");
        byte[] body = length == null ? in.readAllBytes() : in.readNBytes(Integer.parseInt(length));
        return new Answer(
                Integer.parseInt(statusLine.split(" ")[1]),
                headers,
                new String(body, StandardCharsets.UTF_8));
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

    /** Ends the connection at once and without a farewell, as a client that crashes. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** Header names are found in any case. */
    public record Answer(int status, Map<String, String> headers, String body) {}
}

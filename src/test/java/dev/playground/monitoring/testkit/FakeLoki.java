package dev.playground.monitoring.testkit;

import io.micronaut.core.type.Argument;
import io.micronaut.json.JsonMapper;
import io.micronaut.json.tree.JsonNode;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Loki as its push API shows it: an HTTP server that keeps what it takes, equal entries once, and
 * can be told to fail in the ways that a real one does.
 */
public final class FakeLoki implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.createDefault();
    private static final String PUSH = "POST /loki/api/v1/push ";

    /** What a push meets. */
    private interface Behaviour {
        void answer(Request request) throws IOException, InterruptedException;
    }

    private final int port;
    private final Set<LogEntry> kept = ConcurrentHashMap.newKeySet();
    private final AtomicInteger pushes = new AtomicInteger();
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile Behaviour behaviour;

    /** Null at first. */
    private ServerSocket listener;

    /** Null while nobody accepts connections. */
    private CompletableFuture<Void> acceptor;

    /** Has a port of its own, which is closed until it is told how to be. */
    public FakeLoki() throws IOException {
        port = FreePort.find();
    }

    /** As in LOKI_HOST. */
    public String url() {
        return "http://127.0.0.1:" + port;
    }

    /** What Loki would return to a query for everything. */
    public Set<LogEntry> kept() {
        return kept;
    }

    /** How many requests came, whatever became of them. */
    public int pushes() {
        return pushes.get();
    }

    public void beWell() {
        behave(
                request -> {
                    request.keep();
                    request.respond(204, "");
                });
    }

    /** Takes nothing, and says so by this status. */
    public void answer(int status) {
        behave(
                request -> {
                    request.body();
                    request.respond(status, "told to answer " + status);
                });
    }

    /** Answers the first pushes with these statuses, and takes the further ones. */
    public void beWellAfter(Integer... statuses) {
        Queue<Integer> refusals = new ConcurrentLinkedQueue<>(List.of(statuses));
        behave(
                request -> {
                    Integer refusal = refusals.poll();
                    if (refusal == null) {
                        request.keep();
                        request.respond(204, "");
                    } else {
                        request.body();
                        request.respond(refusal, "");
                    }
                });
    }

    /** Takes a push, and answers after this time only. */
    public void beSlow(Duration delay) {
        behave(
                request -> {
                    request.keep();
                    closed.await(delay.toMillis(), TimeUnit.MILLISECONDS);
                    request.respond(204, "");
                });
    }

    /** Accepts connections and requests, and never answers. */
    public void hang() {
        behave(Request::waitForItsEnd);
    }

    /** Ends the connection in the middle of a request, as a process does that is killed. */
    public void resetConnections() {
        behave(Request::reset);
    }

    /** Takes a push and dies before the answer. */
    public void takeAndResetConnections() {
        behave(
                request -> {
                    request.keep();
                    request.reset();
                });
    }

    /** Nobody listens on the port any more, and each connection is gone. */
    public synchronized void vanish() throws IOException {
        if (listener != null) {
            listener.close();
        }
        if (acceptor != null) {
            // The kernel lets go of the port only when nobody waits for it.
            acceptor.join();
            acceptor = null;
        }
        for (Socket connection : connections) {
            connection.close();
        }
    }

    /** Whoever connects gets no answer at all, not even a refusal. */
    public synchronized void beABlackHole() throws IOException {
        vanish();
        // The kernel drops what does not fit into the queue of a socket that nobody accepts from.
        listener = listen(port, 1);
        while (true) {
            Socket filler = new Socket();
            try {
                filler.connect(listener.getLocalSocketAddress(), 200);
                connections.add(filler);
            } catch (SocketTimeoutException e) {
                filler.close();
                return;
            }
        }
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        vanish();
    }

    private synchronized void behave(Behaviour next) {
        behaviour = next;
        if (acceptor == null) {
            try {
                vanish();
                ServerSocket reopened = listen(port, 50);
                listener = reopened;
                acceptor = inBackground(() -> accept(reopened));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void accept(ServerSocket from) {
        while (true) {
            try {
                Socket connection = from.accept();
                connections.add(connection);
                inBackground(() -> serve(connection));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            InputStream in = new BufferedInputStream(connection.getInputStream());
            while (true) {
                Request request = new Request(connection, in);
                if (request.isPush()) {
                    pushes.incrementAndGet();
                    behaviour.answer(request);
                } else {
                    request.respond(404, "");
                }
            }
        } catch (IOException e) {
            // The client, or a test, ended the connection.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            connections.remove(connection);
        }
    }

    private static ServerSocket listen(int port, int backlog) throws IOException {
        return new ServerSocket(port, backlog, InetAddress.getLoopbackAddress());
    }

    private static CompletableFuture<Void> inBackground(Runnable work) {
        return CompletableFuture.runAsync(
                work,
                command -> {
                    Thread thread = new Thread(command, "fake-loki");
                    thread.setDaemon(true);
                    thread.start();
                });
    }

    /** A request whose head is read, and whose body is not yet. */
    private final class Request {
        private final Socket connection;
        private final InputStream in;
        private final List<String> head = new ArrayList<>();

        Request(Socket connection, InputStream in) throws IOException {
            this.connection = connection;
            this.in = in;
            for (String line = readLine(); !line.isEmpty(); line = readLine()) {
                head.add(line);
            }
        }

        boolean isPush() {
            return head.get(0).startsWith(PUSH);
        }

        byte[] body() throws IOException {
            int length =
                    head.stream()
                            .filter(header -> header.toLowerCase().startsWith("content-length:"))
                            .mapToInt(header -> Integer.parseInt(header.substring(15).strip()))
                            .findAny()
                            .orElseThrow();
            byte[] body = in.readNBytes(length);
            if (body.length < length) {
                throw new EOFException();
            }
            return body;
        }

        void keep() throws IOException {
            JsonNode streams = JSON.readValue(body(), Argument.of(JsonNode.class)).get("streams");
            for (JsonNode stream : streams.values()) {
                Map<String, String> labels = strings(stream.get("stream"));
                for (JsonNode value : stream.get("values").values()) {
                    kept.add(
                            new LogEntry(
                                    labels,
                                    Long.parseLong(value.get(0).getStringValue()),
                                    value.get(1).getStringValue(),
                                    value.size() > 2 ? strings(value.get(2)) : Map.of()));
                }
            }
        }

        void respond(int status, String body) throws IOException {
            String length = status == 204 ? "" : "Content-Length: " + body.length() + "\r\n";
            connection
                    .getOutputStream()
                    .write(
                            ("HTTP/1.1 " + status + " Told\r\n" + length + "\r\n" + body)
                                    .getBytes(StandardCharsets.US_ASCII));
        }

        void waitForItsEnd() throws IOException {
            body();
            if (in.read() >= 0) {
                throw new IllegalStateException("A second request on a connection that hangs");
            }
            throw new EOFException();
        }

        void reset() throws IOException {
            // Without waiting for what is still on its way: the client sees a reset.
            connection.setSoLinger(true, 0);
            connection.close();
            throw new EOFException();
        }

        private String readLine() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0) {
                    throw new EOFException();
                }
                if (c != '\r') {
                    line.append((char) c);
                }
            }
            return line.toString();
        }

        private static Map<String, String> strings(JsonNode object) {
            Map<String, String> strings = new HashMap<>();
            object.entries()
                    .forEach(
                            entry ->
                                    strings.put(entry.getKey(), entry.getValue().getStringValue()));
            return strings;
        }
    }
}

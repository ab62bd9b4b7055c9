package dev.playground.monitoring.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A closed port of the loopback address, below the range that the kernel assigns to clients. This
 * JVM finds a port once, and no other JVM finds it: what a test has left running may still send to
 * a port that the test has closed.
 */
public final class FreePort {
    private static final int FIRST = 20_000;
    private static final int RANGES = 24;
    private static final int PORTS_PER_RANGE = 500;

    /** Listens on the first port of this JVM's range, for as long as the JVM runs. */
    private static final ServerSocket CLAIM = claimRange();

    private static final AtomicInteger NEXT = new AtomicInteger(CLAIM.getLocalPort() + 1);

    private FreePort() {}

    public static int find() throws IOException {
        int end = CLAIM.getLocalPort() + PORTS_PER_RANGE;
        for (int port = NEXT.getAndIncrement(); port < end; port = NEXT.getAndIncrement()) {
            try (ServerSocket free = listen(port)) {
                return free.getLocalPort();
            } catch (BindException taken) {
                // Try the next one.
            }
        }
        throw new IllegalStateException("The ports of this JVM below " + end + " are used up");
    }

    private static ServerSocket claimRange() {
        for (int range = 0; range < RANGES; range++) {
            try {
                return listen(FIRST + range * PORTS_PER_RANGE);
            } catch (BindException taken) {
                // Try the next one.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        throw new IllegalStateException(RANGES + " ports from " + FIRST + " on are in use");
    }

    private static ServerSocket listen(int port) throws IOException {
        return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
    }
}

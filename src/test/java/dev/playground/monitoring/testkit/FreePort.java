package dev.playground.monitoring.testkit;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A closed port of the loopback address: below the range that the kernel assigns to clients, and in
 * another range than the other JVMs of the build use.
 */
public final class FreePort {
    private static final AtomicInteger NEXT =
            new AtomicInteger(
                    20_000
                            + Integer.getInteger("fork", 0) * 2_000
                            + ThreadLocalRandom.current().nextInt(1_000));

    private FreePort() {}

    public static int find() throws IOException {
        while (true) {
            int port = NEXT.getAndIncrement();
            try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return free.getLocalPort();
            } catch (BindException taken) {
                // Try the next one.
            }
        }
    }
}

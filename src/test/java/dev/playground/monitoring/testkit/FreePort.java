package dev.playground.monitoring.testkit;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A port of the loopback address that is closed now and stays so until somebody opens it: below
 * those that the kernel gives to clients, and not where the build's other JVMs look for one.
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
                // On to the next one.
            }
        }
    }
}

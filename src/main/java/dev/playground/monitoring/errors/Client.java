package dev.playground.monitoring.errors;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.server.netty.NettyHttpRequest;

/** The other end of a request's connection. */
public final class Client {
    private static final String GONE = Client.class.getName();

    private Client() {}

    /** Whether the client still waits for its answer; false once it has hung up. */
    public static boolean isThere(HttpRequest<?> request) {
        return !request.getAttributes().contains(GONE)
                && (!(request instanceof NettyHttpRequest<?> netty)
                        || netty.getChannelHandlerContext().channel().isActive());
    }

    /** Notes that reading from the client failed: its channel may say so only later. */
    static void hasGone(HttpRequest<?> request) {
        request.setAttribute(GONE, true);
    }
}

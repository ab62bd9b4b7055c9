package dev.playground.monitoring.http;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.server.netty.NettyHttpRequest;

/** The client of a request. */
public final class Client {
    private static final String DISCONNECTED = Client.class.getName();

    private Client() {}

    /** Whether the client can still receive a response; false after it closed the connection. */
    public static boolean isConnected(HttpRequest<?> request) {
        return !request.getAttributes().contains(DISCONNECTED)
                && (!(request instanceof NettyHttpRequest<?> netty)
                        || netty.getChannelHandlerContext().channel().isActive());
    }

    /** Reading from the client failed; Netty may report the channel as active for longer. */
    static void markDisconnected(HttpRequest<?> request) {
        request.setAttribute(DISCONNECTED, true);
    }
}

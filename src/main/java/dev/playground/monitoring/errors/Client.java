package dev.playground.monitoring.errors;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.server.netty.NettyHttpRequest;

/** The other end of a request's connection. */
public final class Client {
    private Client() {}

    /** Whether the client still waits for its answer; false once it has hung up. */
    public static boolean isThere(HttpRequest<?> request) {
        return !(request instanceof NettyHttpRequest<?> netty)
                || netty.getChannelHandlerContext().channel().isActive();
    }
}

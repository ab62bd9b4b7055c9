package dev.playground.monitoring.errors;

import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.ServerHttpRequest;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.http.body.ByteBody.SplitBackpressureMode;
import io.micronaut.http.exceptions.ContentLengthExceededException;
import io.micronaut.http.server.HttpServerConfiguration;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Refuses a body above {@code micronaut.server.max-request-size} with 413. Micronaut checks that
 * size only where a route reads the body, and here none does: it would take in any amount.
 */
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
final class BodyLimitFilter implements Ordered {
    private final long limit;

    BodyLimitFilter(HttpServerConfiguration configuration) {
        limit = configuration.getMaxRequestSize();
    }

    /** Inside of the filters that time and trace the request. */
    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE + 10;
    }

    /**
     * @return the request, as soon as its body is known to be small enough
     */
    @RequestFilter
    CompletionStage<HttpRequest<?>> check(ServerHttpRequest<?> request) {
        if (request.getContentLength() > limit) {
            throw new ContentLengthExceededException(limit, request.getContentLength());
        }
        if (!request.getHeaders().contains(HttpHeaders.TRANSFER_ENCODING)) {
            return CompletableFuture.completedFuture(request);
        }
        // Its length shows only as it arrives; the buffer has the same limit. A copy is read: the
        // body has to be there still for a route that takes one.
        return request.byteBody()
                .split(SplitBackpressureMode.FASTEST)
                .buffer()
                .whenComplete(
                        (body, failure) -> {
                            if (body != null) {
                                body.close();
                            } else if (failure instanceof IOException) {
                                Client.hasGone(request);
                            }
                        })
                .thenApply(body -> request);
    }
}

package dev.playground.monitoring.http;

import io.micronaut.core.annotation.Order;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.ServerHttpRequest;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.http.body.ByteBody.SplitBackpressureMode;
import io.micronaut.http.exceptions.ContentLengthExceededException;
import io.micronaut.http.filter.ConditionalFilter;
import io.micronaut.http.server.HttpServerConfiguration;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Rejects a body above {@code micronaut.server.max-request-size} with 413. Micronaut applies that
 * limit only when a route reads the body. Most routes do not, so Micronaut would accept a body of
 * any size there. Rejects a compressed body with 415: no route accepts one.
 */
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
@Order(FilterOrder.BODY)
final class BodyFilter implements ConditionalFilter {
    private final long limit;

    BodyFilter(HttpServerConfiguration configuration) {
        limit = configuration.getMaxRequestSize();
    }

    @Override
    public boolean isEnabled(HttpRequest<?> request) {
        HttpHeaders headers = request.getHeaders();
        return headers.contains(HttpHeaders.CONTENT_LENGTH)
                || headers.contains(HttpHeaders.TRANSFER_ENCODING);
    }

    /**
     * @return the request, as soon as its body is known to be within the limit
     */
    @RequestFilter
    CompletionStage<HttpRequest<?>> check(ServerHttpRequest<?> request) {
        if (request.getContentLength() > limit) {
            throw new ContentLengthExceededException(limit, request.getContentLength());
        }
        if (request.getContentLength() > 0) {
            checkCoding(request);
        }
        if (!request.getHeaders().contains(HttpHeaders.TRANSFER_ENCODING)) {
            return CompletableFuture.completedFuture(request);
        }
        // The length is known only after the whole body has arrived; the buffer applies the limit.
        // A copy is read, so that a route can still read the body.
        return request.byteBody()
                .split(SplitBackpressureMode.FASTEST)
                .buffer()
                .whenComplete(
                        (body, failure) -> {
                            if (body != null) {
                                body.close();
                            } else if (failure instanceof IOException) {
                                Client.markDisconnected(request);
                            }
                        })
                .thenApply(
                        body -> {
                            checkCoding(request);
                            return request;
                        });
    }

    private static void checkCoding(HttpRequest<?> request) {
        for (String codings : request.getHeaders().getAll(HttpHeaders.CONTENT_ENCODING)) {
            for (String coding : codings.split(",")) {
                if (!coding.isBlank() && !coding.strip().equalsIgnoreCase("identity")) {
                    throw RejectedRequestException.unsupportedCoding();
                }
            }
        }
    }
}

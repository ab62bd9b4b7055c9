package dev.playground.monitoring.metrics;

import dev.playground.monitoring.http.Client;
import dev.playground.monitoring.http.FilterOrder;
import dev.playground.monitoring.trace.TraceContext;
import io.micronaut.core.annotation.Order;
import io.micronaut.http.BasicHttpAttributes;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;

/** Measures the response time of each request. */
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
@Order(FilterOrder.RESPONSE_TIME)
final class ResponseTimeFilter {
    /**
     * The status of a request whose client closed the connection before the response. No standard
     * defines one; nginx logs this one.
     */
    static final int CLIENT_CLOSED_REQUEST = 499;

    private static final String STARTED = ResponseTimeFilter.class.getName();

    private final ResponseTimes responseTimes;

    ResponseTimeFilter(ResponseTimes responseTimes) {
        this.responseTimes = responseTimes;
    }

    @RequestFilter
    void start(HttpRequest<?> request) {
        request.setAttribute(STARTED, System.nanoTime());
    }

    @ResponseFilter
    void record(HttpRequest<?> request, HttpResponse<?> response) {
        long started = request.getAttribute(STARTED, Long.class).orElseThrow();
        responseTimes.record(
                request.getMethodName(),
                BasicHttpAttributes.getUriTemplate(request).orElse(ResponseTimes.UNMATCHED),
                Client.isConnected(request) ? response.code() : CLIENT_CLOSED_REQUEST,
                System.nanoTime() - started,
                TraceContext.of(request).traceId());
    }
}

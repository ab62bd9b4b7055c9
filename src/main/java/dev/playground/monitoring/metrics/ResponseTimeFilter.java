package dev.playground.monitoring.metrics;

import dev.playground.monitoring.errors.Client;
import dev.playground.monitoring.trace.TraceFilter;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.BasicHttpAttributes;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;

/**
 * Times every request, outside of all other filters: the response that it sees is the one that the
 * client gets.
 */
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
final class ResponseTimeFilter implements Ordered {
    /**
     * The status of a request whose client hung up before the answer. No standard has one; this is
     * nginx's, which readers of dashboards know.
     */
    static final int CLIENT_CLOSED_REQUEST = 499;

    private static final String STARTED = ResponseTimeFilter.class.getName();

    private final ResponseTimes responseTimes;

    ResponseTimeFilter(ResponseTimes responseTimes) {
        this.responseTimes = responseTimes;
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
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
                Client.isThere(request) ? response.code() : CLIENT_CLOSED_REQUEST,
                System.nanoTime() - started,
                TraceFilter.traceId(request));
    }
}

package dev.playground.monitoring.trace;

import io.micronaut.core.annotation.Nullable;
import io.micronaut.core.order.Ordered;
import io.micronaut.core.propagation.MutablePropagatedContext;
import io.micronaut.core.propagation.ThreadPropagatedContextElement;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;
import java.util.List;
import org.slf4j.MDC;

/**
 * Gives each request its trace: the caller's, or a new one. From then on every log line of the
 * request carries the trace id in the MDC, whatever thread writes it, and the response says it in
 * {@value #TRACEPARENT}.
 */
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
public final class TraceFilter implements Ordered {
    /** The key in the MDC, in the structured metadata of a log line, and in an exemplar. */
    public static final String TRACE_ID = "trace_id";

    static final String TRACEPARENT = "traceparent";

    private static final String ATTRIBUTE = TraceFilter.class.getName();

    /** Of a request that has passed this filter, as each one does that gets to any filter. */
    public static String traceId(HttpRequest<?> request) {
        return trace(request).traceId();
    }

    private static TraceContext trace(HttpRequest<?> request) {
        return request.getAttribute(ATTRIBUTE, TraceContext.class).orElseThrow();
    }

    /** Inside of the filter that times the request alone. */
    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE + 1;
    }

    @RequestFilter
    void begin(HttpRequest<?> request, MutablePropagatedContext context) {
        List<String> headers = request.getHeaders().getAll(TRACEPARENT);
        // Of two neither is known to be the caller's.
        TraceContext trace = TraceContext.of(headers.size() == 1 ? headers.get(0) : null);
        request.setAttribute(ATTRIBUTE, trace);
        context.add(new InMdc(trace.traceId()));
    }

    @ResponseFilter
    void answer(HttpRequest<?> request, MutableHttpResponse<?> response) {
        response.header(TRACEPARENT, trace(request).traceparent());
    }

    /** Puts the id into the MDC of each thread that works for the request, and takes it out. */
    private record InMdc(String traceId) implements ThreadPropagatedContextElement<String> {
        @Override
        public String updateThreadContext() {
            String before = MDC.get(TRACE_ID);
            MDC.put(TRACE_ID, traceId);
            return before;
        }

        @Override
        public void restoreThreadContext(@Nullable String before) {
            if (before == null) {
                MDC.remove(TRACE_ID);
            } else {
                MDC.put(TRACE_ID, before);
            }
        }
    }
}

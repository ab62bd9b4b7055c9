package dev.playground.monitoring.http;

import io.micronaut.core.order.Ordered;

/** The order of all server filters, outermost first. */
public final class FilterOrder {
    /** Outside of all other filters: it sees the response that the client gets. */
    public static final int RESPONSE_TIME = Ordered.HIGHEST_PRECEDENCE;

    public static final int TRACE = RESPONSE_TIME + 1;

    /** Also for the responses of the filters below. */
    public static final int CONTENT_HEADERS = TRACE + 1;

    /** A request with too large a body is timed and traced, too. */
    public static final int BODY = CONTENT_HEADERS + 1;

    public static final int ACCEPT = BODY + 1;

    private FilterOrder() {}
}

package dev.playground.monitoring.metrics;

import dev.playground.monitoring.trace.TraceContext;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micronaut.core.annotation.Nullable;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.snapshots.Labels;
import jakarta.inject.Singleton;
import java.util.Set;

/** The histogram {@code req_response_time_histogram}: the response time of each request. */
@Singleton
final class ResponseTimes {
    /** The {@code route} of a request that matches no route. */
    static final String UNMATCHED = "unmatched";

    /** The {@code method} of a request with a method that HTTP does not define. */
    static final String OTHER_METHOD = "OTHER";

    /**
     * Upper bounds in milliseconds. From 100 to 2,750 each bound is at most 1.1 times the previous
     * one, so the error of an interpolated quantile is at most 10 %.
     */
    static final double[] BUCKETS_MS = {
        1, 2, 5, 10, 20, 40, 60, 80, 90, 100, 110, 120, 130, 140, 150, 160, 175, 190, 205, 225, 245,
        265, 290, 315, 345, 375, 410, 450, 490, 535, 585, 640, 700, 770, 845, 925, 1000, 1100, 1200,
        1300, 1400, 1500, 1650, 1800, 1950, 2100, 2300, 2500, 2750, 3000, 3500, 4000, 5000, 7500,
        10_000
    };

    /** RFC 9110, section 9, and PATCH of RFC 5789. */
    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");

    private final Histogram histogram;

    ResponseTimes(PrometheusMeterRegistry registry) {
        // Not a Micrometer Timer, which exports seconds, appends the unit to the name, and cannot
        // take the exemplar of a given request.
        histogram =
                Histogram.builder()
                        .name("req_response_time_histogram")
                        .help("Response time of each HTTP request in milliseconds")
                        .labelNames("method", "route", "status_code")
                        .classicOnly()
                        .classicUpperBounds(BUCKETS_MS)
                        .register(registry.getPrometheusRegistry());
    }

    /**
     * Records one request.
     *
     * @param method as the client sent it
     * @param route the template of the matched route, or {@link #UNMATCHED}
     * @param statusCode of the response that the client gets
     * @param nanos from the request's head to the final response, in nanoseconds
     * @param traceId the exemplar; null when the request has none
     */
    void record(String method, String route, int statusCode, long nanos, @Nullable String traceId) {
        DistributionDataPoint series =
                histogram.labelValues(
                        METHODS.contains(method) ? method : OTHER_METHOD,
                        route,
                        Integer.toString(statusCode));
        double millis = nanos / 1e6;
        if (traceId == null) {
            series.observe(millis);
        } else {
            series.observeWithExemplar(millis, Labels.of(TraceContext.TRACE_ID, traceId));
        }
    }
}

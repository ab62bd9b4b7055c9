package dev.playground.monitoring.metrics;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micronaut.core.annotation.Nullable;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.Labels;
import jakarta.inject.Singleton;
import java.util.Set;

/** The histogram {@code req_response_time_histogram}: how long each request took. */
@Singleton
final class ResponseTimes {
    /** The {@code route} of a request that no route matched. */
    static final String UNMATCHED = "unmatched";

    /** The {@code method} of a request that is none of HTTP's own. */
    static final String OTHER_METHOD = "OTHER";

    /**
     * Upper bounds in milliseconds. From 100 to 2,750 none is more than 1.1 times the one before:
     * whatever the latencies are, a quantile read by interpolation is then true to 10 %.
     */
    static final double[] BUCKETS_MS = {
        1,
        2,
        5,
        10,
        20,
        40,
        60,
        80,
        90, // what does not wait: "/", errors, scrapes
        100,
        110,
        120,
        130,
        140,
        150,
        160,
        175,
        190,
        205,
        225,
        245,
        265,
        290,
        315,
        345,
        375,
        410,
        450,
        490,
        535,
        585,
        640,
        700,
        770,
        845,
        925,
        1000,
        1100,
        1200,
        1300,
        1400,
        1500,
        1650,
        1800,
        1950,
        2100,
        2300,
        2500,
        2750, // the simulated work
        3000,
        3500,
        4000,
        5000,
        7500,
        10_000 // what should not be
    };

    /** RFC 9110, section 9, and PATCH of RFC 5789. */
    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");

    private final Histogram histogram;

    ResponseTimes(PrometheusMeterRegistry registry) {
        // Prometheus' own class instead of a Micrometer Timer: the name stays without a suffix, the
        // unit milliseconds, and the exemplar is the request's own.
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
     * @param statusCode what the client got
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
            series.observeWithExemplar(millis, Labels.of(Exemplar.TRACE_ID, traceId));
        }
    }
}

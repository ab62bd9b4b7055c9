package dev.playground.monitoring.exercises;

import dev.playground.monitoring.faults.JsonRequest;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MediaType;
import io.micronaut.http.ServerHttpRequest;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Put;
import io.micronaut.serde.annotation.Serdeable;
import io.prometheus.metrics.core.metrics.Gauge;
import java.util.concurrent.CompletionStage;

/** {@code /series}: a metric with as many series as requested, to measure what a label costs. */
@Controller("/series")
@Requires(property = "faults.enabled", value = "true")
final class SeriesController {
    private static final CountBody BODY = new CountBody("series", 0, 2_000);

    private final Gauge metric;
    private int count;

    SeriesController(PrometheusMeterRegistry registry) {
        metric =
                Gauge.builder()
                        .name("playground_series")
                        .help("One series for each number, with the value 1")
                        .labelNames("number")
                        .register(registry.getPrometheusRegistry());
    }

    @Get
    synchronized State get(HttpRequest<?> request) {
        JsonRequest.rejectCrossSite(request);
        return new State(count);
    }

    @Put(consumes = MediaType.ALL)
    CompletionStage<State> put(ServerHttpRequest<?> request) {
        return JsonRequest.read(request, body -> set(BODY.read(body)));
    }

    @Delete
    State delete(HttpRequest<?> request) {
        JsonRequest.rejectCrossSite(request);
        return set(0);
    }

    private synchronized State set(int wanted) {
        for (; count < wanted; count++) {
            metric.labelValues(number(count + 1)).set(1);
        }
        for (; count > wanted; count--) {
            metric.remove(number(count));
        }
        return new State(count);
    }

    private static String number(int number) {
        return "%04d".formatted(number);
    }

    @Serdeable
    record State(int series) {}
}

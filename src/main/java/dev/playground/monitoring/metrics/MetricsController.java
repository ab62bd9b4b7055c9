package dev.playground.monitoring.metrics;

import dev.playground.monitoring.http.ErrorBody;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/**
 * {@code GET /metrics}: the exposition, in the format that the scraper accepts. Micronaut's {@code
 * PrometheusEndpoint} only has the text format, which has no exemplars.
 */
@Controller("/metrics")
final class MetricsController {
    private final PrometheusMeterRegistry registry;

    MetricsController(PrometheusMeterRegistry registry) {
        this.registry = registry;
    }

    /** Responds with 406 when the client accepts neither format. */
    @Get(produces = MediaType.ALL)
    @ExecuteOn(TaskExecutors.BLOCKING) // about 100 KB of text: too long for an event loop
    HttpResponse<?> scrape(HttpRequest<?> request) throws IOException {
        var format = ExpositionFormat.negotiate(request.accept());
        if (format.isEmpty()) {
            return HttpResponse.status(HttpStatus.NOT_ACCEPTABLE)
                    .contentType(MediaType.APPLICATION_JSON_TYPE)
                    .body(new ErrorBody(HttpStatus.NOT_ACCEPTABLE.getReason()));
        }
        String contentType = format.get().contentType();
        var text = new ByteArrayOutputStream();
        registry.scrape(text, contentType);
        return HttpResponse.ok(text.toByteArray()).contentType(contentType);
    }
}

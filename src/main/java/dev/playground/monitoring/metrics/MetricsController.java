package dev.playground.monitoring.metrics;

import dev.playground.monitoring.errors.ErrorBody;
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

/** {@code GET /metrics}: the exposition for Prometheus, in the format that it asks for. */
@Controller("/metrics")
final class MetricsController {
    private final PrometheusMeterRegistry registry;

    MetricsController(PrometheusMeterRegistry registry) {
        this.registry = registry;
    }

    /** Answers 406 when the client takes neither format. */
    @Get(produces = MediaType.ALL)
    @ExecuteOn(TaskExecutors.BLOCKING) // some 100 KB of text: not on an event loop
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

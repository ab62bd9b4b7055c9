package dev.playground.monitoring.heavy;

import dev.playground.monitoring.http.ErrorBody;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.serde.annotation.Serdeable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code GET /heavy-computation}: random latency, random errors. */
@Controller("/heavy-computation")
final class HeavyController {
    private static final Logger LOG = LoggerFactory.getLogger(HeavyController.class);

    private final HeavyWork work;

    HeavyController(HeavyWork work) {
        this.work = work;
    }

    @Get
    CompletionStage<HttpResponse<?>> compute() {
        LOG.info("Request received on /heavy-computation route");
        return work.start()
                .<CompletionStage<HttpResponse<?>>>map(
                        outcome -> outcome.thenApply(HeavyController::response))
                .orElseGet(() -> CompletableFuture.completedFuture(rejected()));
    }

    private static HttpResponse<?> response(Outcome outcome) {
        if (outcome instanceof Outcome.Success success) {
            return HttpResponse.ok(
                    new Completed(
                            "success",
                            "Heavy computation completed successfully in %dms"
                                    .formatted(success.latencyMs())));
        }
        LOG.error("Heavy computation failed: {}", ((Outcome.Failure) outcome).cause());
        return HttpResponse.serverError(ErrorBody.INTERNAL);
    }

    private HttpResponse<?> rejected() {
        return HttpResponse.status(HttpStatus.SERVICE_UNAVAILABLE)
                .header(HttpHeaders.RETRY_AFTER, Integer.toString(work.retryAfterSeconds()))
                .body(new ErrorBody("Too many computations in flight"));
    }

    @Serdeable
    record Completed(String status, String message) {}
}

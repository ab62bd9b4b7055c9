package dev.playground.monitoring.heavy;

import dev.playground.monitoring.http.ErrorBody;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
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
    @Nullable private final BehaviourChange change;

    HeavyController(HeavyWork work, @Nullable BehaviourChange change) {
        this.work = work;
        this.change = change;
    }

    @Get
    CompletionStage<HttpResponse<?>> compute(HttpRequest<?> call) {
        LOG.info("Request received on /heavy-computation route");
        Behaviour behaviour = change == null ? work.normal() : change.apply(work.normal(), call);
        return work.start(behaviour)
                .<CompletionStage<HttpResponse<?>>>map(
                        outcome -> outcome.thenApply(result -> response(call, result)))
                .orElseGet(() -> CompletableFuture.completedFuture(rejected(call)));
    }

    private HttpResponse<?> response(HttpRequest<?> call, Outcome outcome) {
        ended(call, outcome);
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

    private HttpResponse<?> rejected(HttpRequest<?> call) {
        ended(call, new Outcome.Rejected());
        // By the settings: a changed latency may be hidden.
        int seconds = work.normal().retryAfterSeconds();
        return HttpResponse.status(HttpStatus.SERVICE_UNAVAILABLE)
                .header(HttpHeaders.RETRY_AFTER, Integer.toString(seconds))
                .body(new ErrorBody("Too many computations in flight"));
    }

    private void ended(HttpRequest<?> call, Outcome outcome) {
        if (change != null) {
            change.ended(call, outcome);
        }
    }

    @Serdeable
    record Completed(String status, String message) {}
}
